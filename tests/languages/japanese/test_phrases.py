"""Readings as accent phrases and back."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from koeru.languages.japanese.accents import read_labels
from koeru.languages.japanese.front_end import FrontEnd
from koeru.languages.japanese.moras import KANA, VOWELS
from koeru.languages.japanese.phrases import devoiced_by_rule, phrases, reading_of
from koeru.text.phrases import Mora, Phrase

SENTENCES = [
    sentence["text"]
    for rows in yaml.safe_load(Path(__file__).with_name("sentences.yaml").read_text("utf-8")).values()
    for sentence in rows
]


@pytest.fixture(scope="module")
def readings():
    with FrontEnd() as front_end:
        front_end.expect((text, ()) for text in SENTENCES)
        return [read_labels(front_end.labels(text)) for text in SENTENCES]


moras = st.sampled_from(sorted(KANA)).flatmap(
    lambda phones: st.builds(Mora, st.just(phones), st.booleans() if phones[-1] in VOWELS else st.just(False))
)


@st.composite
def spoken(draw):
    """Accent phrases; the last has no pause, and no nucleus is on a last mora, since marks do not tell."""
    found = []
    count = draw(st.integers(1, 5))
    for number in range(1, count + 1):
        some = tuple(draw(st.lists(moras, min_size=1, max_size=8)))
        nucleus = draw(st.integers(0, len(some) - 1))
        found.append(Phrase(some, nucleus, number < count and draw(st.booleans()), draw(st.booleans())))
    return found


def test_what_the_front_end_reads_is_the_same_as_phrases(readings):
    for reading in readings:
        assert reading_of(phrases(reading)) == reading


@given(spoken())
def test_phrases_are_the_same_as_a_reading(some):
    assert phrases(reading_of(some)) == some


@given(spoken())
def test_marks_are_those_that_labels_of_these_phrases_have(full_context, some):
    said = []
    for phrase in some:
        names = "|".join(
            " ".join([*m.phones[:-1], m.phones[-1].upper() if m.devoiced else m.phones[-1]]) for m in phrase.moras
        )
        said += [(names, phrase.nucleus, *([True] * phrase.question)), *([None] * phrase.pause)]
    assert read_labels(full_context(*said)) == reading_of(some)


def test_a_nucleus_on_the_last_mora_has_no_mark():
    flat, odaka = (reading_of([Phrase((Mora(("a",)), Mora(("k", "a"))), nucleus)]) for nucleus in (0, 2))
    assert flat == odaka


@pytest.mark.parametrize(
    ("moras", "nucleus", "devoiced"),
    [
        ("k i|sh a", 0, "10"),  # between voiceless consonants
        ("k i|sh a", 1, "00"),  # not on the nucleus
        ("k i|m a", 0, "00"),
        ("k a|sh a", 0, "00"),
        ("k i|k i|t a", 0, "100"),  # not twice
        ("s u|s u|k i", 0, "010"),  # not between s and s
        ("h i|f u", 0, "00"),
        ("k u", 0, "0"),  # nothing follows
        ("k u|cl|t a", 0, "000"),
    ],
)
def test_changed_moras_are_devoiced_as_the_front_end_does(moras, nucleus, devoiced):
    phrase = Phrase(tuple(Mora(tuple(mora.split())) for mora in moras.split("|")), nucleus)
    (found,) = devoiced_by_rule([phrase], [(0, at) for at in range(len(phrase.moras))])
    assert "".join(str(int(mora.devoiced)) for mora in found.moras) == devoiced


def test_no_vowel_is_devoiced_before_a_pause():
    one, other = (Phrase((Mora(("k", "i")),), 0, pause=pause) for pause in (False, True))
    last = Phrase((Mora(("t", "a")),), 0)
    assert [devoiced_by_rule([first, last], [(0, 0)])[0].moras[0].devoiced for first in (one, other)] == [True, False]
