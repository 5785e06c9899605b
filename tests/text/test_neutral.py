"""Text and recording of a made-up language become one reading: what is known of a language is handed in."""

import re

import pytest
from text.sides import align

from koeru.text.align import ReadingMismatchError
from koeru.text.lab import read_lab
from koeru.text.reading import Interval, Reading, UnknownPhoneError
from koeru.text.times import read_times

FULL_CONTEXT = re.compile(r"\w+\^(\w+)\^\w+")


class Birdish:
    """The language of some birds: they say tsiu in two lengths, whistle high or low, and rest between calls."""

    symbols = ("<pad>", "quiet", "rest", "tsiu", "ho", "hu", "tik", "tok", "wee", "woo")
    silences = ("quiet", "rest")
    long_vowels = frozenset({"tsiu"})
    alike = frozenset({frozenset({"ho", "hu"})})
    classes = {frozenset({"tik", "tok"}): None, frozenset({"wee", "woo"}): "tsiu"}  # noqa: RUF012
    closing = {"~": "%"}  # noqa: RUF012

    def normalise(self, phone):
        name = {"": "rest", "silence": "quiet"}.get(phone, phone.lower())
        if name not in self.symbols[1:]:
            raise UnknownPhoneError(f"no bird says {phone!r}")
        return name, int(phone.isupper())


BIRDISH = Birdish()


def said(*calls):
    """The reading of (call, mark)s, with silence around them."""
    phones, marks = zip(*calls, strict=True)
    return Reading(("quiet", *phones, "quiet"), (0,) * (len(calls) + 2), ("^", *marks, "!"))


def heard(names):
    return [Interval(k / 10, (k + 1) / 10, "" if name == "-" else name) for k, name in enumerate(names.split())]


def reconciled(reading, recording, **more):
    return align(reading, heard(recording), phonology=BIRDISH, **more)


def test_the_names_of_silence_and_pauses_are_its_own():
    found = reconciled(said(("tik", "#"), ("hu", "_")), "silence TIK - hu silence")
    assert found.phones == ("quiet", "tik", "rest", "hu", "quiet")
    assert found.accents == ("^", "_", "_", "_", "!"), "the end's mark is the text's, whatever it is"
    unpaused = reconciled(said(("tik", "_"), ("rest", "_"), ("hu", "_")), "silence tik hu silence")
    assert (unpaused.phones, unpaused.accents) == (("quiet", "tik", "hu", "quiet"), ("^", "#", "_", "!"))


def test_its_long_vowels_are_two():
    found = reconciled(said(("tsiu", "_"), ("tsiu", "_"), ("tik", "_")), "tsiu: tik")
    assert found.phones[1:4] == ("tsiu", "tsiu", "tik") and found.durations[1:4] == (4, 5, 8)
    with pytest.raises(UnknownPhoneError, match="no bird says 'ho:'"):
        reconciled(said(("ho", "_"), ("ho", "_")), "ho:")


def test_what_is_alike_or_of_a_class_is_its_own():
    assert reconciled(said(("ho", "_")), "hu").phones == ("quiet", "ho", "quiet")
    found = reconciled(said(("tsiu", "_"), ("wee", "_"), ("tik", "_")), "tsiu woo tok", max_substitutions=2)
    assert found.phones == ("quiet", "tsiu", "woo", "tok", "quiet") and found.substitutions == 2
    with pytest.raises(ReadingMismatchError, match="wee / woo at phone 2"):
        reconciled(said(("tik", "_"), ("wee", "_")), "tik woo", max_substitutions=2)


def test_its_full_context_labels_have_its_own_shape(tmp_path):
    path = tmp_path / "a.lab"
    path.write_text("0.0 0.1 x^quiet^tik\n0.1 0.2 quiet^tik^x\n")
    found = read_times(path, "phones", FULL_CONTEXT)
    assert [interval.phone for interval in found.intervals] == ["quiet", "tik"] and len(found.full_context) == 2
    plain = read_lab(path, None)
    assert plain.full_context is None and plain.intervals[1].phone == "quiet^tik^x"
