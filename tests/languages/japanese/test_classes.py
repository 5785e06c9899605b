"""Phones that may be heard for one another."""

import pytest

from koeru.languages.japanese.classes import ALIKE, CLASSES, REASONS, all_same
from koeru.languages.japanese.phones import PAU, PHONES, SIL


def test_classes_hold_vowels_or_consonants_each_with_a_reason():
    for pairs, after, why in REASONS:
        assert len(why) > 10 and after in (None, *"aiueo")
        for pair in pairs.split(","):
            one, other = pair.split()
            assert {one, other} <= set(PHONES) - {SIL, PAU, "N", "cl"} and one != other
            assert (one in "aiueo") == (other in "aiueo") == (after is not None)


def test_phones_that_are_alike_are_in_no_class():
    assert not ALIKE & CLASSES.keys()


@pytest.mark.parametrize(
    ("said", "wanted", "equal"),
    [
        ("s e N s e i", "s e N s e e", True),
        ("t o u ky o o", "t o o ky o u", True),
        ("v a i o r i N", "b a i o r i N", True),
        ("k a i", "k a e", False),  # no long vowel
        ("o o k i", "u o k i", False),  # the first half of one
        ("s a N k a i", "s a N g a i", False),  # of one class, but heard
        ("k a", "k a a", False),
        ("", "", True),
    ],
)
def test_what_is_the_same_but_for_long_vowels_and_what_is_alike(said, wanted, equal):
    assert all_same(said.split(), wanted.split()) == all_same(wanted.split(), said.split()) == equal
