"""The voices of a command line: how they are called, what binds them, and who reads to them."""

import argparse
from dataclasses import replace
from pathlib import Path

import pytest
from voices import view, voice

from koeru.data.bundle import write_bundle
from koeru.training.exported import read_exported, write_exported
from koeru.use.commands import COMMANDS
from koeru.use.pack import packed
from koeru.use.serving.opening import distinct, emotions, named, policy, voices_of, words_file

RIGHTS = {"OURS": {"licence": "CC BY 4.0", "credit": "OURS, read by A", "voices": "allowed"}}
TOLD = "OURS: licence: CC BY 4.0; credit: OURS, read by A; consent: not told"


@pytest.fixture(scope="module")
def exp(tmp_path_factory) -> Path:
    return view(tmp_path_factory.mktemp("exp") / "LINE_15", RIGHTS)


def arguments(*told: object) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    COMMANDS["serve"].arguments(parser)
    return parser.parse_args([*map(str, told), "--device", "cpu"])


def test_a_voice_is_called_as_its_experiment_or_its_file(exp, tmp_path, monkeypatch):
    monkeypatch.chdir(exp)
    assert [named(path) for path in (exp, Path("."), exp / "model.safetensors")] == ["LINE_15"] * 3
    assert named(tmp_path / "mine.koeru") == "mine" and named(tmp_path / "other.safetensors") == "other"
    assert distinct(["a", "b", "a", "a-2", "a"]) == ["a", "b", "a-2", "a-2-2", "a-3"]


def test_what_binds_a_voice_comes_with_it(exp, tmp_path):
    assert policy(exp / "model.safetensors") == TOLD
    write_bundle(tmp_path / "own.koeru", packed(exp, graphs=False))
    assert policy(tmp_path / "own.koeru" / "model.safetensors") == TOLD
    assert policy(tmp_path / "model.safetensors") == ""


def test_a_voice_is_opened_with_its_speakers_and_emotions(exp, tmp_path):
    words = tmp_path / "words.json"
    (own,) = voices_of(arguments(exp, "--dictionary", words, "--seed", 4, "--temperature", 0.5))
    listed = own.listed
    assert (listed.name, [*listed.speakers], listed.emotions) == ("LINE_15", ["a", "b"], ["Normal", "Happy"])
    assert (own.speech.seed, own.speech.temperature, own.policy) == (4, 0.5, TOLD)
    assert own.texts.dictionary.path == words
    assert own.read("雨が降る。").gaps == [0.0]
    own.texts.close()


def test_voices_whose_texts_were_read_alike_share_a_reader(exp, tmp_path):
    other = view(tmp_path / "LINE_8", RIGHTS)
    weights, told = read_exported(other / "model.safetensors", "a voice")
    write_exported(other / "model.safetensors", weights, told | {"epoch": 4})
    both = voices_of(arguments(exp, other, "--dictionary", tmp_path / "words.json"))
    assert both[0].texts is both[1].texts
    both[0].texts.close()
    write_exported(other / "model.safetensors", weights, told | {"reading": {"language": "japanese", "nani": False}})
    both = voices_of(arguments(exp, other, "--dictionary", tmp_path / "words.json"))
    assert both[0].texts is not both[1].texts
    assert both[0].texts.dictionary is both[1].texts.dictionary
    for own in both:
        own.texts.close()


def test_a_voice_is_named_once(exp, tmp_path):
    with pytest.raises(ValueError, match=r"LINE_15 and .*model\.safetensors are one voice: name it once"):
        voices_of(arguments(exp, exp / "model.safetensors", "--dictionary", tmp_path / "words.json"))


def test_the_emotion_of_its_own_is_the_first():
    own = voice()
    assert emotions(own) == ["Normal", "Happy"]
    for names, wanted in ((("Angry", "Normal", "Sad"), ["Normal", "Angry", "Sad"]), (("Sad", "Calm"), ["Sad", "Calm"])):
        own.vocabulary = replace(own.vocabulary, emotions=names)
        assert emotions(own) == wanted
    untold = voice(emotion=False)
    assert emotions(untold) == ["Normal"]


def test_words_are_kept_where_a_users_data_are(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert words_file() == tmp_path / "koeru" / "user_dict.json"
    monkeypatch.delenv("XDG_DATA_HOME")
    assert words_file() == Path.home() / ".local" / "share" / "koeru" / "user_dict.json"
