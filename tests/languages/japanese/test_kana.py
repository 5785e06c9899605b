"""Kana with accents in the notation of VOICEVOX, and delivered kana without."""

import pytest
from hypothesis import given
from languages.japanese.test_phrases import readings, spoken  # noqa: F401

from koeru.languages import language
from koeru.languages.japanese.kana import KanaError, from_notation, pronounced, to_notation
from koeru.languages.japanese.moras import KANA
from koeru.languages.japanese.phrases import phrases, reading_of
from koeru.text.phrases import Mora, Phrase
from koeru.text.reading import NotationError, Reading, TextError


def shown(reading) -> str:
    names = [phone.upper() if flag else phone for phone, flag in zip(reading.phones, reading.devoiced, strict=True)]
    return " ".join(name + mark.replace("_", "") for name, mark in zip(names, reading.accents, strict=True))


@pytest.mark.parametrize(
    ("notation", "wanted"),
    [
        ("コンニチワ'/セ'カイ", "sil^ k o[ N n i ch i w a# s e] k a i sil$"),
        ("コンニチワ/セ'カイ", "sil^ k o[ N n i ch i w a# s e] k a i sil$"),
        ("エ'？、ホントオ'", "sil^ e¿ pau h o[ N t o o sil$"),
        ("_スキデ'_スカ？", "sil^ s U[ k i d e] s U k a sil?"),
        ("すき’です?", "sil^ s u[ k i] d e s u sil?"),
        ("ｽｷ'､ﾃﾞｽ", "sil^ s u[ k i pau d e[ s u sil$"),
        ("コーヒ'ー", "sil^ k o[ o h i] i sil$"),
        ("コ'ーヒ_ー", "sil^ k o] o h i I sil$"),
        ("フュ'ージョン", "sil^ fy u] u j o N sil$"),
        (" ヲ'／ン ", "sil^ o# N sil$"),
    ],
)
def test_what_is_written_is_read(notation, wanted):
    assert shown(from_notation(notation)) == wanted


def test_all_that_the_front_end_says_of_sentences_comes_back(readings):  # noqa: F811
    for reading in readings:
        assert from_notation(to_notation(reading)) == reading


@given(spoken())
def test_every_reading_comes_back_and_each_phrase_has_a_nucleus_as_voicevox_wants(some):
    written = to_notation(reading_of(some))
    assert phrases(from_notation(written)) == some
    assert all(part.count("'") == 1 for part in written.replace("、", "/").split("/"))


@pytest.mark.parametrize("phones", sorted(KANA), ids=" ".join)
def test_every_mora_comes_back(phones):
    reading = reading_of([Phrase((Mora(phones),), 0)])
    assert from_notation(to_notation(reading)) == reading


@pytest.mark.parametrize(
    ("notation", "message"),
    [
        ("コンニチワ漢", "'漢' cannot be read: it is no mora, at character 6 of 'コンニチワ漢'"),
        ("ア'/カx", "'x' cannot be read: it is no mora, at character 5"),
        ("ア'イ'", "one ' at most, and here is a second, at character 4"),
        ("ア//イ", "a phrase has no mora, at character 3 of 'ア//イ'"),
        ("ア、", "a phrase has no mora, at character 3"),
        ("", "a phrase has no mora"),
        ("？", "a phrase has no mora"),
        ("'ア", "' stands behind the mora with the nucleus, at character 1"),
        ("_'ア", "' stands behind the mora with the nucleus, at character 2"),
        ("_ンア", "'ン' has no vowel that could be devoiced, at character 2"),
        ("ア_", "_ stands before a mora, at character 3"),
        ("ア__カ", "_ stands before a mora, and here is a second, at character 3"),
        ("ー", "there is no vowel before it, at character 1"),
        ("ア/ーカ", "there is no vowel before it, at character 3"),
        ("ア？イ", "'？' cannot be read"),
        ("ア イ", "' ' cannot be read"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(notation, message):
    with pytest.raises(KanaError) as caught:
        from_notation(notation)
    assert message in str(caught.value) and isinstance(caught.value, TextError)


@pytest.mark.parametrize(
    ("notation", "reason", "phrase", "number"),
    [
        ("ア'/カx", "unknown", "カx", 2),
        ("ア_'", "unknown", "ア_'", 1),
        ("ア'/イ'イ'", "accent twice", "イ'イ'", 2),
        ("'ア", "accent first", "'ア", 1),
        ("ア'、", "empty", "", 2),
        ("ア？イ", "question inside", "ア？イ", 1),
    ],
)
def test_what_is_wrong_is_of_a_kind_that_programs_know(notation, reason, phrase, number):
    with pytest.raises(NotationError) as caught:
        from_notation(notation)
    assert (caught.value.reason, caught.value.phrase, caught.value.number) == (reason, phrase, number)


def test_phones_that_no_kana_write_are_named():
    with pytest.raises(KanaError, match="no kana write the phones 'k'"):
        to_notation(Reading(("sil", "a", "k", "sil"), (0, 0, 0, 0), ("^", "_", "_", "$")))


@pytest.mark.parametrize(
    ("kana", "phones"),
    [
        ("エッウソデショ。", "e cl u s o d e sh o"),
        ("「ワタシワ、トーキョーエ！」", "w a t a sh i w a t o o ky o o e"),
        ("わたしは　とうきょうへ…？", "w a t a sh i h a t o u ky o u h e"),
        ("ﾊｲ･ﾊｲ", "h a i h a i"),
        ("ヴァーー", "v a a a"),
    ],
)
def test_delivered_kana_are_phones(kana, phones):
    assert " ".join(pronounced(kana)) == phones


@pytest.mark.parametrize(
    ("kana", "said", "phones"),
    [
        ("ワタシハトウキョウヘ", "sil w a t a sh i w a pau t o o ky o o e sil", "w a t a sh i w a t o o ky o o e"),
        ("セイトヘハ", "s e e t o e w a", "s e e t o e w a"),
        ("バイオリン", "v a i o r i N", "v a i o r i N"),
        ("ニッポン", "n i h o N", "n i cl p o N"),  # another word stays
        ("ハナトイウコト", "h a n a t o y u u k o t o", "h a n a t o y u u k o t o"),
        ("イウ", "y u u", "y u u"),
        ("ソオイウ", "s o o i u", "s o o i u"),
        ("アメハ", "a m e g a", "a m e h a"),
    ],
)
def test_spelling_is_taken_as_a_reading_of_the_text_says_it(kana, said, phones):
    assert " ".join(pronounced(kana, said.split())) == phones


@pytest.mark.parametrize(
    ("kana", "message"),
    [
        ("ア漢ジ", "'漢' is no kana, at character 2 of 'ア漢ジ'"),
        ("ABC", "'A' is no kana"),
        ("。、", "there are no kana"),
    ],
)
def test_what_is_no_kana_is_named(kana, message):
    with pytest.raises(KanaError, match=message):
        pronounced(kana)


def test_the_language_has_them():
    own = language("japanese")
    assert own.to_notation(own.from_notation("ア'メ")) == "ア'メ" and own.pronounced("アメ") == ("a", "m", "e")
