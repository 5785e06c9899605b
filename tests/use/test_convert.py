"""The command `convert`: who speaks, one recording or a folder of them, and an account of what was refused."""

import argparse
from pathlib import Path

import pytest
import soundfile
from converting import exported, recording, samples

from koeru.data.vocabulary import Names
from koeru.use.commands import COMMANDS
from koeru.use.convert import run, voices

NAMES = Names(("Anna", "Ben", "Cleo"), ("Normal", "Happy"))
COUPLES = [("Anna", "Ben"), ("Cleo", "Ben")]


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    """The view of an experiment, without a vocoder; its model is told of speakers, and of no emotion."""
    folder = tmp_path_factory.mktemp("exp") / "small"
    folder.mkdir()
    exported(folder / "model.safetensors", COUPLES, NAMES, pitch_ar=False, emotion=False)
    return folder


def told(*arguments) -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser()
    COMMANDS["convert"].arguments(parser)
    return parser.parse_args([*map(str, arguments)])


def who(couples, *arguments, **changes):
    class Small:
        vocabulary, speakers, controls = NAMES, NAMES.speakers, changes.get("controls", [])

    Small.couples = couples
    return [(voice.speaker, voice.emotion) for voice in voices(Small, told("m", "i", *arguments))]


def test_who_could_be_only_one_need_not_be_named(capsys):
    assert who([("Anna", "Ben")]) == [("Anna", "Normal"), ("Ben", "Normal")]
    assert who([("Anna", "Ben"), ("Cleo", "Anna")], "--to", "Anna")[0] == ("Cleo", "Normal")
    assert capsys.readouterr().err == ""


def test_who_could_be_several_is_asked_for():
    with pytest.raises(ValueError, match="--from is needed: it could be Anna, Cleo"):
        who(COUPLES)
    with pytest.raises(ValueError, match="--to is needed: it could be Anna, Ben"):
        who([("Anna", "Ben"), ("Ben", "Anna")])
    with pytest.raises(ValueError, match="--from-emotion is needed: it could be Happy, Normal"):
        who([("Anna", "Ben")], controls=["emotion"])
    happy = who([("Anna", "Ben")], "--from-emotion", "Normal", "--emotion", "Happy", controls=["emotion"])
    assert happy == [("Anna", "Normal"), ("Ben", "Happy")]


def test_who_is_unknown_is_told_with_the_nearest_name():
    with pytest.raises(ValueError, match=r"--to: the model does not know 'ben'; did you mean 'Ben'\?"):
        who(COUPLES, "--to", "ben")
    with pytest.raises(ValueError, match="--emotion: the model does not know 'Sad'"):
        who([("Anna", "Ben")], "--emotion", "Sad")


def test_a_couple_that_it_was_not_trained_on_is_told(capsys):
    assert who(COUPLES, "--from", "Ben", "--to", "Cleo") == [("Ben", "Normal"), ("Cleo", "Normal")]
    assert "not trained to convert Ben to Cleo, but Anna to Ben, Cleo to Ben:" in capsys.readouterr().err
    who([(f"{i}", "Ben") for i in range(9)], "--from", "Ben", "--to", "Cleo")
    assert "5 to Ben and 3 other couples:" in capsys.readouterr().err


def test_a_recording_becomes_a_file_beside_it_that_is_not_written_over(model, tmp_path, capsys):
    path = recording(tmp_path / "in.wav", samples())
    assert run(told(model, path, "--from", "Anna")) == 0
    said = capsys.readouterr()
    made = tmp_path / "in.Ben.wav"
    seconds = soundfile.info(made).duration
    assert said.out == f"{made}: {seconds:.2f} s, Anna as Ben\n"
    assert "no trained vocoder lies beside it: Griffin-Lim speaks" in said.err
    first = made.read_bytes()
    with pytest.raises(FileExistsError, match=r"in.Ben.wav is there already: .* --force"):
        run(told(model, path, "--from", "Anna"))
    made.write_bytes(b"")
    run(told(model / "model.safetensors", path, "--from", "Anna", "--force"))
    assert made.read_bytes() == first  # the same call gives the same speech


def test_what_is_asked_for_in_vain_is_told_in_words(model, tmp_path):
    path = recording(tmp_path / "in.wav", samples()[10_000:10_200])
    for error, arguments, words in (
        (FileNotFoundError, (model, tmp_path / "on.wav"), "on.wav: there is no such recording"),
        (FileNotFoundError, (model.with_name("smal"), path), r"there is no such model; did you mean 'small'\?"),
        (FileNotFoundError, (tmp_path, path), "holds no model.safetensors"),
        (ValueError, (path, path), "is not a safetensors file"),
        (ValueError, (model, path, "-o", tmp_path / "out.mp3"), "name that ends with .wav"),
        (FileExistsError, (model, path, "-o", path, "--force"), "is the recording itself"),
        (ValueError, (model, path), "in.wav: too short"),
        (ValueError, (model, tmp_path / "empty"), "there is no recording in it"),
        (FileExistsError, (model, tmp_path, "-o", path), "is a file"),
        (FileExistsError, (model, tmp_path, "-o", tmp_path), "the recordings themselves"),
    ):
        (tmp_path / "empty").mkdir(exist_ok=True)
        with pytest.raises(error, match=words):
            run(told(*arguments, "--from", "Anna"))
    assert sorted(file.name for file in tmp_path.rglob("*")) == ["empty", "in.wav"]


def test_a_folder_becomes_a_folder_and_what_was_refused_is_told(model, tmp_path, capsys):
    for name in ("a.wav", "more/a.flac", "more/b.WAV"):
        recording(tmp_path / "in" / name, samples())
    recording(tmp_path / "in" / "zero.wav", samples() * 0)
    recording(tmp_path / "in" / ".hidden.wav", samples())
    (tmp_path / "in" / "notes.txt").write_text("words")
    arguments = told(model, tmp_path / "in", "--from", "Anna", "-o", tmp_path / "in" / "out")
    assert run(arguments) == 1
    made = sorted(str(file.relative_to(tmp_path / "in" / "out")) for file in (tmp_path / "in" / "out").rglob("*.wav"))
    assert made == ["a.wav", "more/a.wav", "more/b.wav"]
    said = capsys.readouterr()
    assert "out: 3 of 4 recordings" in said.out and "convert: 4 recordings in" in said.err
    assert "refused: zero.wav: digital silence" in said.err
    # What was made is no recording of the folder, and is not made again.
    assert run(arguments) == 1
    again = capsys.readouterr()
    assert "out: 0 of 4 recordings" in again.out and again.err.count("exists: ") == 3
    (tmp_path / "in" / "zero.wav").unlink()
    arguments.force = True
    assert run(arguments) == 0


def test_recordings_that_would_become_one_file_are_told_before_any_is_converted(model, tmp_path):
    for name in ("a.wav", "a.flac"):
        recording(tmp_path / "in" / name, samples())
    with pytest.raises(ValueError, match=r"a.flac and .*a.wav would both become .*in.Ben/a.wav: rename one"):
        run(told(model, tmp_path / "in", "--from", "Anna"))
    assert not (tmp_path / "in.Ben").exists()
