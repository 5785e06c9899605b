"""Phones that may be heard for one another."""

from koeru.languages.japanese.classes import ALIKE, CLASSES, REASONS
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
