"""Accents, phrases and pauses on other phones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from languages.japanese.test_phrases import spoken

from koeru.languages.japanese.kana import from_notation, to_notation
from koeru.languages.japanese.moras import KANA
from koeru.languages.japanese.phones import PHONES
from koeru.languages.japanese.phrases import reading_of
from koeru.languages.japanese.transfer import beside, with_phones
from koeru.text.reading import Reading

SILENT = ("sil", "pau")
moras = st.sampled_from(sorted(KANA))


def said(reading) -> list[str]:
    return [phone for phone in reading.phones if phone not in SILENT]


def phones(kana: str) -> list[str]:
    return said(from_notation(kana))


@pytest.mark.parametrize(
    ("read", "wanted", "got"),
    [
        ("ニホ'ンノ/ヒト", "ニッポンノヒト", "ニッポ'ンノ/ヒト'"),  # the nucleus moves with its mora
        ("ナ'ニデスカ？", "ナンデスカ", "ナ'ンデスカ？"),
        ("オトコ'ガ/キタ", "オノコガキタ", "オノコ'ガ/キタ'"),
        ("カ'ワガ、ナガ'レ", "カモガワガナガレ", "カ'モガワガ、ナガ'レ"),
        ("ジョオズ'ナ/ヒト", "ウワテナヒト", "ウワテ'ナ/ヒト'"),
        ("アメ/カサ'ヲ、サ'ス", "アメサス", "アメ'、サ'ス"),  # a phrase that goes leaves its pause
        ("アメ/カサ？、サス", "アメサス", "アメ'？、サス'"),
        ("アメ/サ'ス", "アメガサス", "アメガ'/サ'ス"),  # what is added is of the phrase before
        ("アメ/オ'ヤガ", "アメハハガ", "アメ'/ハ'ハガ"),
        ("カナ'ガ", "カンガ", "カ'ンガ"),  # no nucleus on an N that took its place
        ("カナ'ガ", "カッカガ", "カッカ'ガ"),
        ("カナ'ガ", "カアガ", "カ'アガ"),
        ("カナ'ガ", "カガ", "カ'ガ"),
        ("ア'サ", "ウ", "ウ'"),
    ],
)
def test_what_was_misread_keeps_the_accent(read, wanted, got):
    assert to_notation(with_phones(from_notation(read), phones(wanted))) == got


@pytest.mark.parametrize(
    ("read", "wanted", "got"),
    [
        ("ミカ'サ", "キカサ", "_キカ'サ"),
        ("_キカ'ガ", "_キマガ", "キマ'ガ"),  # before what is no longer voiceless
        ("_スキデ'_ス、カ", "スキデスガ", "_スキデ'_ス、ガ'"),  # the vowel before a pause is another rule's
        ("_シカモ", "_シカノ", "_シカノ'"),
    ],
)
def test_new_moras_are_devoiced_by_the_rule(read, wanted, got):
    assert to_notation(with_phones(from_notation(read), phones(wanted))) == got


def test_new_moras_are_devoiced_as_told():
    found = with_phones(from_notation("ミカ'サ"), phones("キカサ"), [0] * 6)
    assert to_notation(found) == "キカ'サ"
    assert to_notation(with_phones(from_notation("ミカ'サ"), phones("ミムサ"), [0, 0, 0, 1, 0, 0])) == "ミ_ム'サ"


@given(spoken())
def test_its_own_phones_change_nothing(some):
    reading = reading_of(some)
    assert with_phones(reading, said(reading)) == reading


@given(spoken(), st.lists(moras, min_size=1, max_size=20))
def test_the_phones_are_those_that_are_wanted(some, wanted):
    flat = [phone for mora in wanted for phone in mora]
    found = with_phones(reading_of(some), flat)
    assert said(found) == flat
    assert_well_formed(found)


@given(spoken(), st.lists(st.sampled_from(PHONES[3:]), min_size=1, max_size=20))
def test_the_phones_are_those_that_are_wanted_if_they_are_no_moras(some, wanted):
    found = with_phones(reading_of(some), wanted)
    assert said(found) == wanted
    assert_well_formed(found)


def assert_well_formed(reading):
    assert len(reading.phones) == len(reading.devoiced) == len(reading.accents)
    assert [at for at, phone in enumerate(reading.phones) if phone == "sil"] == [0, len(reading.phones) - 1]
    assert reading.accents[0] == "^" and reading.accents[-1] in "$?" and not {"^", "$", "?"} & {*reading.accents[1:-1]}
    assert reading.phones[1] != "pau" != reading.phones[-2] and "pau pau" not in " ".join(reading.phones)
    assert all(mark == "_" for phone, mark in zip(reading.phones, reading.accents, strict=True) if phone == "pau")


def test_each_mark_goes_with_its_phone_where_phones_are_no_moras():
    found = with_phones(from_notation("ア'メガ/フ'ル、ネ？"), "a m e b f u r u n e t".split())  # noqa: SIM905
    assert " ".join(p + m.replace("_", "") for p, m in zip(found.phones, found.accents, strict=True)) == (
        "sil^ a] m e b# f u] r u pau n e t sil?"
    )


@given(st.lists(moras, max_size=12), st.lists(moras, max_size=12))
def test_moras_lie_beside_moras_in_order(one, other):
    pairs = beside(one, other)
    for side, moras_of in enumerate((one, other)):
        assert [pair[side] for pair in pairs if pair[side] is not None] == list(range(len(moras_of)))
    assert (None, None) not in pairs
    if one == other:
        assert pairs == [(at, at) for at in range(len(one))]


def test_readings_of_no_moras_are_taken_as_well():
    reading = Reading(("sil", "k", "a", "t", "sil"), (0,) * 5, ("^", "_", "_", "_", "$"))
    assert said(with_phones(reading, ["k", "a"])) == ["k", "a"]
