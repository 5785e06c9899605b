"""The front end in its child process: labels, refusals, crashes, and a clean standard output."""

import importlib.util
import os
import signal
import subprocess
import sys
import time
from importlib.metadata import version as installed

import pyopenjtalk
import pytest

from koeru.languages.japanese.accents import read_labels
from koeru.languages.japanese.front_end import BATCH, FrontEnd, ReadingFrontEnd
from koeru.languages.japanese.versions import FrontEndError, MissingPartError, tools, version
from koeru.text.reading import OtherSentenceError, SilentTextError, TextError

STAND_IN = """
import os

def labels(text, phones, **options):
    print("noise")
    if text == "crash":
        os.abort()
    if text == "leave":
        os._exit(3)
    if text == "killed":
        os.kill(os.getpid(), 9)
    if text in ("no space", "no more") or (text == "あ" and os.path.exists("lost")):
        open("lost", "w").close()
        raise OSError(5, "Input/output error") if text != "no more" else MemoryError()
    if text == "refuse":
        raise RuntimeError("no such word")
    return [] if text == "silence" else [text, str(os.getpid())]

def verbose(text, phones, **options):
    return [text] * 1000

def options(text, phones, **options):
    return [f"{name}={value}" for name, value in sorted(options.items())]

def readings(text, phones, **options):
    from koeru.text.reading import OtherSentenceError
    if phones == ("x",):
        raise OtherSentenceError("these are no phones of it")
    said = phones or tuple(text)
    read = (" ".join(["sil", *said, "sil"]), bytes(len(said) + 2), "^" + "_" * len(said) + "$", "")
    return (read, "replaced") if phones else read
"""


@pytest.fixture(scope="module")
def front_end():
    with FrontEnd() as opened:
        yield opened


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    (tmp_path / "stand_in_front_end.py").write_text(STAND_IN, "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    with FrontEnd(extract="stand_in_front_end:labels") as opened:
        yield opened


def test_labels_are_read_as_phones_and_marks(front_end):
    reading = read_labels(front_end.labels("そうですか？"))
    assert " ".join(reading.phones) == "sil s o o d e s u k a sil"
    assert reading.devoiced[7] == 1 and reading.accents[-1] == "?"
    assert reading.accents.count("]") == 1


@pytest.mark.parametrize("text", ["雨が降る。", "2024年", "でも？再生。", "ヴァイオリン", "人々がWowと言う"])
def test_labels_are_those_of_pyopenjtalk(front_end, text):
    assert front_end.labels(text) == pyopenjtalk.extract_fullcontext(text, iu_pronunciation="YuuBase")


@pytest.mark.parametrize(("text", "how"), [("crash", "signal 6"), ("leave", "exit status 3")])
def test_a_text_that_ends_the_front_end_is_named_and_the_next_one_works(stand_in, text, how):
    before = stand_in.labels("first")
    with pytest.raises(FrontEndError, match=rf"{how}.*'{text}'"):
        stand_in.labels(text)
    after = stand_in.labels("second")
    assert (before[0], after[0]) == ("first", "second")
    assert before[1] != after[1]


@pytest.mark.parametrize("text", ["雨が降る。", "そうですか？", "ちょっと、待って。"])
def test_a_reader_gives_the_reading_of_the_labels(front_end, text):
    with ReadingFrontEnd() as reader:
        assert reader.reading(text) == read_labels(front_end.labels(text))
        with pytest.raises(TextError, match="nothing that can be read"):
            reader.reading("。")
        with pytest.raises(TextError, match="cannot read 々"):
            reader.reading("々")


# ---- read ahead ---------------------------------------------------------------------------------------------------


def plain(texts):
    """The questions for how texts are read."""
    return ((text, ()) for text in texts)


class Drawn:
    """Texts, and how many of them were taken."""

    def __init__(self, texts):
        self.texts, self.n = texts, 0

    def __iter__(self):
        for text in self.texts:
            self.n += 1
            yield text, ()


TEXTS = [f"text {number}" for number in range(5 * BATCH)]


def test_expected_texts_are_read_ahead_but_never_far(stand_in):
    drawn = Drawn(TEXTS)
    stand_in.expect(drawn)
    assert drawn.n == 0
    children = set()
    for number, text in enumerate(TEXTS):
        label, child = stand_in.labels(text)
        assert label == text
        assert min(len(TEXTS), number + BATCH) <= drawn.n <= number + 3 * BATCH
        children.add(child)
    assert len(children) == 1


def test_texts_travel_in_batches(stand_in, monkeypatch):
    sent = []
    send = stand_in._send
    monkeypatch.setattr(stand_in, "_send", lambda texts: (sent.append(len(texts)), send(texts)))
    stand_in.expect(plain(TEXTS))
    for text in TEXTS:
        stand_in.labels(text)
    assert [n for n in sent if n] == [BATCH] * 5


@pytest.mark.parametrize(
    "asked",
    [TEXTS[::-1], TEXTS[3 * BATCH :], TEXTS[::BATCH], ["other", *TEXTS, "other"], TEXTS[:3] * 3, ["a", "a", "a"]],
    ids=["backwards", "most are skipped", "few", "others between", "again", "none expected"],
)
def test_any_order_gets_its_own_labels(stand_in, asked):
    stand_in.expect(plain(TEXTS))
    assert [stand_in.labels(text)[0] for text in asked] == asked


def test_a_crash_in_a_batch_takes_no_other_text_with_it(stand_in):
    texts = ["first", "crash", "second", "", "refuse", "third", "leave", "\0", "fourth"]
    stand_in.expect(plain(texts))
    told = {}
    for text in texts:
        try:
            told[text] = stand_in.labels(text)[0]
        except TextError as error:
            told[text] = str(error)
    assert [told[name] for name in ("first", "second", "third", "fourth")] == ["first", "second", "third", "fourth"]
    assert "signal 6" in told["crash"] and "exit status 3" in told["leave"]
    assert "no such word" in told["refuse"] and "empty" in told[""] and "NUL" in told["\0"]


def test_answers_that_fill_the_pipe_are_read(stand_in):
    """A child that waits for a reader while its parent waits for its end would hang both."""
    long = [f"{number:03d}" * 150 for number in range(2 * BATCH)]
    stand_in.extract = "stand_in_front_end:verbose"
    stand_in.expect(plain(long))
    assert stand_in.labels(long[0])[0] == long[0]
    assert stand_in.close() == 0
    stand_in.expect(plain(long))
    assert [stand_in.labels(text)[0] for text in long] == long


def test_a_front_end_that_never_starts_is_no_fault_of_a_text():
    with FrontEnd(extract="no_such_module:labels") as front_end:
        for _ in range(2):
            with pytest.raises(ChildProcessError, match=r"exit status 1\), and not by the text 'text'"):
                front_end.labels("text")


@pytest.mark.parametrize("text", ["killed", "no space", "no more"])
def test_what_the_machine_does_to_a_child_is_no_fault_of_a_text(stand_in, text):
    with pytest.raises(ChildProcessError, match=rf"and not by the text '{text}'"):
        stand_in.labels(text)


def test_a_child_that_is_killed_once_costs_nothing(stand_in):
    """As when memory was short for a moment: its texts are read by the next one."""
    stand_in.expect(plain(TEXTS))
    os.kill(int(stand_in.labels(TEXTS[0])[1]), signal.SIGKILL)
    assert [stand_in.labels(text)[0] for text in TEXTS] == TEXTS


def test_what_the_front_end_raises_names_the_text_and_keeps_the_child(stand_in):
    child = stand_in.labels("first")[1]
    with pytest.raises(FrontEndError, match=r"no such word.*'refuse'"):
        stand_in.labels("refuse")
    with pytest.raises(SilentTextError, match="nothing that can be read"):
        stand_in.labels("silence")
    assert stand_in.labels("second")[1] == child


def test_standard_output_stays_clean(stand_in, capfd):
    stand_in.labels("text")
    stand_in.close()
    captured = capfd.readouterr()
    assert captured.out == "" and "noise" in captured.err


def test_a_child_that_was_started_early_answers_and_is_the_only_one(stand_in):
    stand_in.start()
    child = stand_in._child.pid
    stand_in.start()
    assert [stand_in.labels(text) for text in ("first", "second")] == [["first", f"{child}"], ["second", f"{child}"]]


def test_a_child_that_was_started_early_and_ended_is_started_again(stand_in):
    stand_in.start()
    os.kill(stand_in._child.pid, signal.SIGKILL)
    assert stand_in.labels("text")[0] == "text"


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
    imported = "import sys; from koeru.languages.japanese import versions; versions.version(); "
    imported += "sys.exit('pyopenjtalk' in sys.modules)"
    subprocess.run([sys.executable, "-c", imported], check=True)  # other tests may have imported it here


def test_tools_are_what_a_node_records():
    found = version()
    made = tools()
    assert made["front_end"] == f"{found['name']} {found['version']}" and made["dictionary"] == found["dictionary"]
    assert made["onnxruntime"] == installed("onnxruntime")
    assert installed("sudachipy") in made["sudachi"] and installed("sudachidict-core") in made["sudachi"]


def test_a_missing_dictionary_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setenv("OPEN_JTALK_DICT_DIR", str(tmp_path))
    with pytest.raises(FrontEndError, match="no dictionary"):
        version()


# ---- options, phones to follow, remarks ----------------------------------------------------------------------------


@pytest.fixture
def followed(stand_in):
    with ReadingFrontEnd(extract="stand_in_front_end:readings") as opened:
        yield opened


def test_a_reading_that_has_given_phones_is_asked_for_beside_plain_ones(followed):
    followed.expect([("aou", ()), ("aou", ("a", "u")), ("aou", ("x",)), ("ei", ())])
    assert followed.reading("aou").phones == ("sil", "a", "o", "u", "sil")
    found = followed.followed("aou", ["a", "u"])
    assert (found.means, found.reading.phones) == ("replaced", ("sil", "a", "u", "sil"))
    with pytest.raises(OtherSentenceError, match=r"no phones of it$"):
        followed.followed("aou", ["x"])
    assert followed.reading("ei").phones == ("sil", "e", "i", "sil")


def test_options_reach_the_child(stand_in, tmp_path):
    (tmp_path / "own.csv").write_text("koeru,コエル\n", "utf-8")
    chosen = {"iu": "iu", "nani": False, "sudachi": False, "vanilla": True, "dictionary": tmp_path / "own.csv"}
    with FrontEnd(extract="stand_in_front_end:options", **chosen) as opened:
        assert opened.labels("text") == [f"{name}={value}" for name, value in sorted(chosen.items())]


def test_what_is_not_spoken_is_a_remark_that_names_it():
    with ReadingFrontEnd() as reader:
        assert reader.reading("雨が降る。").remarks == ()
        assert reader.reading("090-1234-5678、「はい」…").remarks == ()
        (told,) = reader.reading("雨♪が※降る→。").remarks
        assert told == "not spoken: ♪ (U+266A EIGHTH NOTE), → (U+2192 RIGHTWARDS ARROW)"


@pytest.mark.parametrize(
    ("text", "iu", "phones"),
    [
        ("そう言うと言った。", "yuu_base", "s o o y u u t o i cl t a"),
        ("そう言うと言った。", "yuu", "s o o y u u t o y u cl t a"),
        ("そう言うと言った。", "iu", "s o o i u t o i cl t a"),
        ("そういうと言った。", "kanji_yuu", "s o o y u u t o y u cl t a"),
    ],
)
def test_how_iu_is_said_is_an_option(text, iu, phones):
    with ReadingFrontEnd(iu=iu) as reader:
        assert " ".join(reader.reading(text).phones[1:-1]) == phones


def test_optional_parts_are_asked_for_by_name(monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "onnxruntime" else found(name))
    with pytest.raises(MissingPartError, match=r"labels\.nani: onnxruntime is not installed.*pip install onnxruntime"):
        ReadingFrontEnd()
    with ReadingFrontEnd(nani=False) as reader:
        assert reader.reading("雨").phones
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "sudachidict_core" else found(name))
    with pytest.raises(MissingPartError, match=r"labels\.sudachi: SudachiDict-core is not installed"):
        ReadingFrontEnd()
    ReadingFrontEnd(vanilla=True)
