"""The front end in its child process: labels, refusals, crashes, and a clean standard output."""

import subprocess
import sys
import time

import pytest

from koeru.text.accents import read_labels
from koeru.text.front_end import FrontEnd, FrontEndError, normalise_text, version

STAND_IN = """
import os

def labels(text):
    print("noise")
    if text == "crash":
        os.abort()
    if text == "leave":
        os._exit(3)
    if text == "refuse":
        raise RuntimeError("no such word")
    return [] if text == "silence" else [text, str(os.getpid())]
"""


@pytest.fixture(scope="module")
def front_end():
    with FrontEnd() as opened:
        yield opened


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    (tmp_path / "stand_in_front_end.py").write_text(STAND_IN)
    monkeypatch.syspath_prepend(tmp_path)
    with FrontEnd(extract="stand_in_front_end:labels") as opened:
        yield opened


def phones(front_end, text):
    return " ".join(read_labels(front_end.labels(text)).phones[1:-1])


def test_labels_are_read_as_phones_and_marks(front_end):
    reading = read_labels(front_end.labels("そうですか？"))
    assert " ".join(reading.phones) == "sil s o o d e s u k a sil"
    assert reading.devoiced[7] == 1 and reading.accents[-1] == "?"
    assert reading.accents.count("]") == 1


@pytest.mark.parametrize("text", ["あ\nい", "あ\tい", "あ\r\nい", "あ、い", "\n あ\u2028い\n"])
def test_line_breaks_and_tabs_are_pauses(front_end, text):
    assert phones(front_end, text) == "a pau i"


def test_decomposed_kana_keep_their_voicing(front_end):
    assert phones(front_end, "か\u3099") == "g a"


@pytest.mark.parametrize("text", ["", " \n", "\u3000"])
def test_empty_texts_are_refused(text):
    with pytest.raises(FrontEndError, match="empty"):
        normalise_text(text)


@pytest.mark.parametrize("text", ["。", "♪", "…", "Привет", "한국"])
def test_texts_without_a_label_are_refused(front_end, text):
    with pytest.raises(FrontEndError, match="nothing that can be read"):
        front_end.labels(text)


def test_nul_and_long_texts_are_refused():
    with pytest.raises(FrontEndError, match="NUL"):
        normalise_text("あ\0い")
    assert normalise_text("あ" * 500) == "あ" * 500
    with pytest.raises(FrontEndError, match=r"501 characters, 500"):
        normalise_text("あ" * 501)
    with pytest.raises(FrontEndError, match=r"8 characters, 7"):
        normalise_text("㍿㍿", max_characters=7)  # four characters each, once normalised


@pytest.mark.parametrize(("text", "how"), [("crash", "signal 6"), ("leave", "exit status 3")])
def test_a_text_that_ends_the_front_end_is_named_and_the_next_one_works(stand_in, text, how):
    before = stand_in.labels("first")
    with pytest.raises(FrontEndError, match=rf"{how}.*'{text}'"):
        stand_in.labels(text)
    after = stand_in.labels("second")
    assert (before[0], after[0]) == ("first", "second")
    assert before[1] != after[1]


def test_a_front_end_that_never_starts_is_an_error():
    with FrontEnd(extract="no_such_module:labels") as front_end:
        for _ in range(2):
            with pytest.raises(FrontEndError, match="exit status 1"):
                front_end.labels("text")


def test_what_the_front_end_raises_names_the_text_and_keeps_the_child(stand_in):
    child = stand_in.labels("first")[1]
    with pytest.raises(FrontEndError, match=r"no such word.*'refuse'"):
        stand_in.labels("refuse")
    with pytest.raises(FrontEndError, match="nothing that can be read"):
        stand_in.labels("silence")
    assert stand_in.labels("second")[1] == child


def test_standard_output_stays_clean(stand_in, capfd):
    stand_in.labels("text")
    stand_in.close()
    captured = capfd.readouterr()
    assert captured.out == "" and "noise" in captured.err


def test_the_child_ends_with_the_parent(stand_in):
    stand_in.labels("text")
    assert stand_in.close() == 0
    assert stand_in.close() == 0


def test_version_is_quick_and_imports_nothing():
    begun = time.perf_counter()
    found = version()
    assert time.perf_counter() - begun < 2  # 0.1 s; a cold disk is allowed for
    assert found == version() and found.keys() == {"name", "version", "dictionary"}
    assert "openjtalk" in found["name"]
    imported = "import sys; from koeru.text.front_end import version; version(); sys.exit('pyopenjtalk' in sys.modules)"
    subprocess.run([sys.executable, "-c", imported], check=True)  # other tests may have imported it here


def test_a_missing_dictionary_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setenv("OPEN_JTALK_DICT_DIR", str(tmp_path))
    with pytest.raises(FrontEndError, match="no dictionary"):
        version()
