"""Readings that follow phones that are known."""

import re
from functools import partial
from pathlib import Path

import pyopenjtalk
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from koeru.languages import language
from koeru.languages.japanese.accents import read_labels
from koeru.languages.japanese.following import follow
from koeru.languages.japanese.kana import pronounced, to_notation
from koeru.languages.japanese.moras import KANA
from koeru.text.differences import MAX_DIFFERENT, columns
from koeru.text.reading import OtherSentenceError, TextError, UnknownPhoneError

TABLE = yaml.safe_load(Path(__file__).with_name("sentences.yaml").read_text("utf-8"))
SENTENCES = [sentence["text"] for rows in TABLE.values() for sentence in rows]
IU = {"dictionary": None, "yuu": "Yuu", "yuu_base": "YuuBase"}


def read(text, iu="yuu_base", nani=False, sudachi=True, vanilla=False):
    return pyopenjtalk.run_frontend(
        text, iu_pronunciation=IU[iu], predict_nani=nani, use_sudachi_kanji_yomi=sudachi, use_vanilla=vanilla
    )


def said(reading):
    return [phone for phone in reading.phones if phone not in ("sil", "pau")]


@pytest.mark.parametrize("text", SENTENCES)
def test_its_own_phones_are_read_as_read(text):
    reading = read_labels(pyopenjtalk.make_label(read(text)))
    found = follow(text, said(reading), read)
    assert (found.reading, found.means) == (reading, "as read")


@pytest.mark.parametrize(
    ("text", "kana", "notation", "means"),
    [
        ("先生がヴァイオリンを買う。", "センセイガバイオリンヲカウ", "センセ'イガ/バイオリンオ'/カウ'", "as read"),
        ("雨だという。", "アメダトイウ", "ア'メダト/イウ'", "options"),
        ("皆が笑う。", "ミンナガワラウ", "ミンナ'ガ/ワラウ'", "n-best"),
        ("皆がそういう。", "ミンナガソウイウ", None, "n-best"),
        ("目と手。", "メトテ", "メ'ト/テ'", "n-best"),
        ("猫がいる、犬もいる。", "ネコガオル、イヌモイル", "ネ'コガ/オル'、イヌ'モ/イル'", "words"),
        ("小鳥遊さんが、来る？", "タカナシサンガクル", None, None),
    ],
)
def test_what_was_said_is_read_by_the_first_means_that_gives_it(text, kana, notation, means):
    found = follow(text, pronounced(kana), read)
    assert said(found.reading) == list(pronounced(kana))
    assert means in (None, found.means)
    assert notation in (None, to_notation(found.reading))


def test_options_are_changed_from_whatever_they_are():
    spoken = follow("雨だという。", pronounced("アメダトユー"), partial(read, iu="dictionary"))
    assert (to_notation(spoken.reading), spoken.means) == ("ア'メダト/ユウ'", "options")


def test_letters_that_the_front_end_cannot_read_are_what_was_said():
    assert said(follow("𠮷田さんが来る。", pronounced("ヨシダサンガクル"), read).reading) == list(
        pronounced("ヨシダサンガクル")
    )


def test_another_sentence_is_refused_with_both_sides():
    with pytest.raises(OtherSentenceError) as caught:
        follow("雨が降る。", pronounced("トリモナイタ"), read)
    message = str(caught.value)
    assert re.search(r"\(\d+% of them, and of one sentence at most 40%: text or labels are another's\)", message)
    one, other = zip(*columns(message), strict=True)
    assert [p for p in one if p] == list(pronounced("アメガフル"))
    assert [p for p in other if p] == list(pronounced("トリモナイタ"))


def test_a_reader_follows_and_its_refusal_shows_both_sides():
    with language("japanese").reader() as reader:
        found = reader.followed("目と手。", pronounced("メトテ"))
        assert (to_notation(found.reading), found.means) == ("メ'ト/テ'", "n-best")
        with pytest.raises(OtherSentenceError) as caught:
            reader.followed("雨が降る。", pronounced("トリモナイタ"))
    assert "".join(heard for _, heard in columns(str(caught.value))) == "torimonaita"


def test_one_phone_alone_tells_no_other_sentence():
    assert said(follow("えっ", ["e"], read).reading) == ["e"]
    with pytest.raises(OtherSentenceError):
        follow("えっ", ["a", "N"], read)


def test_the_limit_is_a_share_of_the_longer_side():
    reading = "k o r e w a s o r e"
    assert round(MAX_DIFFERENT * 10) == 4
    for n_changed, fits in ((4, True), (5, False)):
        wanted = [*reading.split()[: 9 - n_changed + 1], *["z", "u"] * 3][:10]
        edits = 10 - (9 - n_changed + 1)
        assert edits == n_changed
        if fits:
            assert said(follow("これはそれ。", wanted, read).reading) == wanted
        else:
            with pytest.raises(OtherSentenceError):
                follow("これはそれ。", wanted, read)


def test_what_has_nothing_to_read_and_unknown_phones_are_refused():
    with pytest.raises(TextError, match="nothing that can be read aloud"):
        follow("。", ["a"], read)
    with pytest.raises(UnknownPhoneError, match="'qq'"):
        follow("雨。", ["qq"], read)


def test_vowels_told_as_devoiced_are_in_what_is_new():
    found = follow("猫がいる。", "n e k o g a k U r u".split(), read)  # noqa: SIM905
    assert to_notation(found.reading) == "ネ'コガ/_クル'"


@st.composite
def changed(draw):
    """A sentence, and its phones with some moras replaced, added and left out."""
    text = draw(st.sampled_from(SENTENCES))
    phones = said(read_labels(pyopenjtalk.make_label(read(text))))
    for _ in range(draw(st.integers(1, 3))):
        begin = draw(st.integers(0, len(phones)))
        length = draw(st.integers(0, 3))
        phones[begin : begin + length] = [
            p for m in draw(st.lists(st.sampled_from(sorted(KANA)), max_size=2)) for p in m
        ]
    return text, phones


@settings(max_examples=60, deadline=None)
@given(changed())
def test_the_phones_are_always_those_that_are_wanted(case):
    text, phones = case
    try:
        found = follow(text, phones, read)
    except OtherSentenceError:
        return
    assert said(found.reading) == phones
