"""Whether two texts are one sentence: by the phones that they are read by, as the front end of the language reads."""

import tracemalloc

import pytest

from koeru.data import alike as module
from koeru.data.alike import comparing
from koeru.jobs.readings import Known
from koeru.languages import language
from koeru.text.reading import TextError

LEAST = 0.9  # the default of pairs.min_text_similarity


@pytest.fixture(scope="module")
def alike():
    japanese = language("japanese")
    with japanese.reader() as front_end:

        def read(known):
            try:
                return [phone for phone in front_end.reading(known.text).phones if phone not in japanese.silences]
            except TextError:
                return None

        yield of_texts(comparing(read))


def of_texts(alike):
    """Of texts of which nothing else is known."""
    return lambda ours, theirs: alike(Known(ours), Known(theirs))


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("今日はとても暖かいですね。", "きょうはとてもあたたかいですね"),
        ("三時にコーヒーを飲む。", "3時に珈琲を飲む"),
        ("小さな鰻屋に、熱気のようなものがみなぎる。", "小さなうなぎ屋に熱気の様な物がみなぎる"),
    ],
)
def test_one_sentence_written_in_two_ways(alike, ours, theirs):
    assert alike(ours, theirs) == alike(theirs, ours) >= LEAST


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("母が朝ご飯を作る。", "父が朝ご飯を作る。"),  # seven of eight letters are the same
        ("水をマレーシアから買わなくてはならないのです。", "木曜日、停戦会談は、何の進展もないまま終了しました。"),
        ("はい。", "いいえ。"),
    ],
)
def test_sentences_that_are_others(alike, ours, theirs):
    assert alike(ours, theirs) == alike(theirs, ours) < LEAST


def test_marks_say_nothing_and_need_no_reading():
    def nobody(known):
        raise AssertionError(f"{known.text} was read")

    alike = of_texts(comparing(nobody))
    assert alike("はい、そうです！", "はい そうです") == 1.0
    assert alike("", "はい。") is None and alike("", "") is None


def test_where_a_text_cannot_be_read_the_letters_are_compared(alike):
    assert alike("Привет, мир.", "Привет, мир, и все.") == pytest.approx(2 * 9 / (9 + 13), abs=1e-3)


def test_texts_that_were_compared_are_not_kept_for_ever(monkeypatch):
    monkeypatch.setattr(module, "REMEMBERED", 100)
    compare = of_texts(comparing(lambda known: known.text))
    tracemalloc.start()
    try:
        assert all(compare(f"{i}番目の、長い長い文。", f"{i}番目の、長い文。") > 0.5 for i in range(2000))
        assert tracemalloc.get_traced_memory()[0] < 400_000  # bytes; all of them would take 4,000,000
    finally:
        tracemalloc.stop()
