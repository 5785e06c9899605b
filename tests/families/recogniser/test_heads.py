"""What heads are taught of a reading."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koeru.families.recogniser.build import vocabulary_of
from koeru.families.recogniser.entry import Ctc
from koeru.families.recogniser.heads import SPECIAL, Teacher, characters, classes, separated
from koeru.languages import language

JAPANESE = language("japanese")
VOCABULARY = vocabulary_of(JAPANESE)


def record(kana):
    reading = JAPANESE.from_notation(kana)
    return {"id": "u", "phones": reading.phones, "devoiced": reading.devoiced, "accents": reading.accents}


RECORD = record("ガッコ'ーニ、イキマ'シタ")


def taught(head, **settings):
    labels = Teacher(JAPANESE, VOCABULARY, [head], Ctc(**settings)).labels(RECORD)[head]
    return " ".join(classes(head, VOCABULARY)[label] for label in labels)


def test_silences_are_no_labels_unless_they_are_asked_for():
    assert taught("phones") == "g a cl k o o n i i k i m a sh i t a"
    assert taught("phones", silences="label") == "sil g a cl k o o n i pau i k i m a sh i t a sil"


def test_separators_stand_around_characters():
    assert taught("phones", separators="between") == "g a | cl | k o | o | n i | i | k i | m a | sh i | t a"
    assert taught("phones", separators="ends") == "| g a cl k o o n i i k i m a sh i t a |"
    assert taught("phones", separators="around") == f"| {taught('phones', separators='between')} |"
    assert taught("letters", separators="between") == "g a | k | k o | o | n i | i | k i | m a | s h i | t a"


def test_other_heads():
    assert taught("letters") == "g a k k o o n i i k i m a s h i t a"
    assert set(taught("marks").split()) <= set(VOCABULARY.marks[1:]) and "]" in taught("marks").split()


@given(st.lists(st.lists(st.integers(2, 9), min_size=1, max_size=3), max_size=5))
def test_separators_are_between_and_at_the_ends_and_nowhere_else(rows):
    flat = [label for row in rows for label in row]
    for how in ("none", "between", "ends", "around"):
        found = separated(rows, how)
        assert [label for label in found if label != 1] == flat
        ends = 2 * (how in ("ends", "around") and bool(rows))
        assert found.count(1) == ends + (len(rows) - 1 if how in ("between", "around") and rows else 0)


def test_characters_are_the_whole_reading():
    units = characters(RECORD, JAPANESE)
    assert [phone for unit in units for phone in unit.phones] == list(RECORD["phones"])
    assert [unit.letters for unit in units][:4] == ["", "ga", "k", "ko"]


def test_every_head_begins_with_what_is_special_and_grows_behind():
    for head in ("phones", "letters", "marks"):
        assert classes(head, VOCABULARY)[:2] == SPECIAL
    assert classes("phones", VOCABULARY)[2:] == JAPANESE.symbols[1:]


def test_what_is_unknown_is_named():
    other = Teacher(JAPANESE, vocabulary_of(JAPANESE), ["phones"], Ctc())
    del other.ids["phones"]["k"]
    with pytest.raises(ValueError, match="u: the head phones does not know 'k'"):
        other.labels(RECORD)
    mute = type("Mute", (), {"letters": None, "name": "elvish"})()
    with pytest.raises(ValueError, match=r"model\.heads: nothing tells how elvish is written in letters"):
        Teacher(mute, VOCABULARY, ["letters"], Ctc())
