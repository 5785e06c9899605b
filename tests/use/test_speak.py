"""The command `speak`: texts from wherever they come, into one file or many, and an account of what was refused."""

import argparse
import csv
import io
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from tiny import random_weights
from voices import SPEC, view

from koeru.text.textgrid import read_tier
from koeru.use import speak
from koeru.use.commands import COMMANDS


@pytest.fixture(scope="module")
def exp(tmp_path_factory) -> Path:
    return view(tmp_path_factory.mktemp("speak") / "exp" / "own", {})


def told(exp: Path, *arguments: object) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    COMMANDS["speak"].arguments(parser)
    return parser.parse_args([str(exp), *map(str, arguments), "--device", "cpu"])


def run(exp: Path, *arguments: object) -> int:
    return speak.run(told(exp, *arguments))


def heard(path: Path) -> np.ndarray:
    wav, rate = soundfile.read(path, dtype="int16")
    assert rate == SPEC.sample_rate
    return wav


def test_the_same_is_said_with_the_same_seed_and_as_it_is_wanted(exp, tmp_path, capsys):
    wanted = {"a": [], "b": [], "seed": ["--seed", 1], "who": ["--speaker", "b"], "slow": ["--speed", 0.5]}
    said = {}
    for name, more in wanted.items():
        assert run(exp, "雨が降る。", "-o", tmp_path / f"{name}.wav", *more) == 0
        said[name] = heard(tmp_path / f"{name}.wav")
    assert np.array_equal(said["a"], said["b"])
    assert not np.array_equal(said["a"], said["seed"]) and not np.array_equal(said["a"], said["who"])
    assert len(said["slow"]) == 2 * len(said["a"])
    assert "speaker: a; --speaker takes a, b" in capsys.readouterr().err


def test_times_are_those_of_the_sound(exp, tmp_path):
    text = "雨が降る。今日は晴れ。"
    for suffix in (".TextGrid", ".lab"):
        assert run(exp, text, "-o", tmp_path / "a.wav", "--times", tmp_path / f"a{suffix}", "--force") == 0
    seconds = len(heard(tmp_path / "a.wav")) / SPEC.sample_rate
    tier = read_tier(tmp_path / "a.TextGrid", "phones").intervals
    rows = [line.split() for line in (tmp_path / "a.lab").read_text().splitlines()]
    assert [phone for *_, phone in rows] == [phone for *_, phone in tier if phone]
    assert " ".join(phone for *_, phone in rows if phone != "sil") == "a m e g a f u r u ky o o w a h a r e"
    ends = [float(end) for _, end, _ in rows]
    assert ends == sorted(ends) and ends[-1] == pytest.approx(seconds, abs=1e-3)


def test_lines_go_into_files_of_their_own_and_what_cannot_be_said_is_told(exp, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(
        sys, "stdin", io.TextIOWrapper(io.BytesIO("雨が降る。\n\n{雨|ア'メ'}が降る\n晴れ。\n".encode()))
    )
    assert run(exp, "-o", tmp_path / "said", "--times", "x.lab") == 1
    with (tmp_path / "said" / "manifest.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["id"] for row in rows] == ["0001", "0002", "0003"]
    assert [row["file"] for row in rows] == ["0001.wav", "", "0003.wav"]
    assert rows[0]["kana"] == "ア'メガ/フ'ル" and "second" in rows[1]["refused"]
    assert sorted(path.name for path in (tmp_path / "said").iterdir()) == [
        "0001.lab", "0001.wav", "0003.lab", "0003.wav", "manifest.csv",
    ]  # fmt: skip
    assert "not spoken: line 3 of standard input: " in capsys.readouterr().err
    assert float(rows[0]["seconds"]) == pytest.approx(len(heard(tmp_path / "said" / "0001.wav")) / 22050, abs=0.02)


def test_a_table_says_who_speaks(exp, tmp_path, capsys):
    table = tmp_path / "t.csv"
    table.write_text("id,text,speaker,emotion,kana\nx,雨,b,Happy,\ny,雨,b,Happy,ア'メ\nz,雨,nobody,,\n", "utf-8")
    assert run(exp, "--table", table, "-o", tmp_path / "said") == 1
    assert np.array_equal(heard(tmp_path / "said" / "x.wav"), heard(tmp_path / "said" / "y.wav"))
    assert "speaker: the model does not know 'nobody'" in capsys.readouterr().err


def test_kana_are_obeyed_and_shown_to_be_given_back(exp, tmp_path, capsys):
    assert run(exp, "--kana", "アメ'ガ/フ'ル", "--show") == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown[0] == "kana: アメ'ガ/フ'ル"
    assert [line.split()[0] for line in shown[2:]] == ["sil", "a", "m", "e", "g", "a", "f", "u", "r", "u", "sil"]
    run(exp, "--kana", shown[0].removeprefix("kana: "), "-o", tmp_path / "kana.wav")
    run(exp, "{雨|アメ'}が降る", "-o", tmp_path / "braces.wav")
    run(exp, "雨が降る", "-o", tmp_path / "text.wav")
    kana, braces, text = (heard(tmp_path / f"{name}.wav") for name in ("kana", "braces", "text"))
    assert np.array_equal(kana, braces[: len(kana)]) or len(kana) <= len(braces)
    assert not np.array_equal(braces, text)


def test_a_long_text_is_spoken_in_blocks(exp, tmp_path):
    book = tmp_path / "book.txt"
    book.write_text("雨が降る。今日は晴れ。\n" * 20, "utf-8")
    assert run(exp, "--file", book, "-o", tmp_path / "book.wav") == 0
    assert run(exp, "雨が降る。今日は晴れ。", "-o", tmp_path / "one.wav") == 0
    assert len(heard(tmp_path / "book.wav")) > 19 * len(heard(tmp_path / "one.wav"))


def test_without_an_output_it_is_played_or_it_is_said_where_it_is(exp, monkeypatch, capsys):
    played = []
    monkeypatch.setattr(speak, "play", lambda path: played.append(heard(path)) or False)
    assert run(exp, "雨") == 0
    told_of = capsys.readouterr()
    assert len(played) == 1 and "speech.wav" in told_of.out and "no player here finds a device" in told_of.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["雨", "--kana", "ア'メ"], "a text and --kana: give one of them"),
        (["雨", "--times", "a.txt"], r"--times: a.txt must end with .TextGrid or .lab"),
        (["雨", "--speed", "9"], "speed: 9 is not from"),
        (["雨", "--speaker", "c"], "--speaker: the model does not know 'c'"),
        (["雨", "--emotion", "happy"], r"--emotion: the model does not know 'happy'; did you mean 'Happy'\?"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(exp, arguments, words):
    with pytest.raises(ValueError, match=words):
        run(exp, *arguments)


def test_nothing_is_written_over(exp, tmp_path):
    (tmp_path / "a.wav").write_bytes(b"mine")
    with pytest.raises(FileExistsError, match="is there already"):
        run(exp, "雨", "-o", tmp_path / "a.wav")
    assert (tmp_path / "a.wav").read_bytes() == b"mine"
    (tmp_path / "said").mkdir()
    (tmp_path / "said" / "0001.wav").write_bytes(b"mine")
    assert run(exp, "雨", "晴れ", "-o", tmp_path / "said") == 1
    assert (tmp_path / "said" / "0001.wav").read_bytes() == b"mine" and (tmp_path / "said" / "0002.wav").exists()
    (tmp_path / "a.lab").write_text("mine")
    with pytest.raises(FileExistsError, match=r"a\.lab is there already"):
        run(exp, "雨", "-o", tmp_path / "b.wav", "--times", tmp_path / "a.lab")


def test_what_is_no_voice_is_refused_before_anything_else(tmp_path):
    random_weights(tmp_path / "vocoder.safetensors")
    with pytest.raises(ValueError, match="that tells no kind: to speak, one of the kind acoustic is wanted"):
        run(tmp_path / "vocoder.safetensors", "雨")
