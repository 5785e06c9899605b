"""Full-context labels -> phones and accent marks.

The marks are the prosodic symbols of Kurihara, Seiyama & Kumano (2021), "Prosodic features control by
symbols as input of sequence-to-sequence acoustic modeling for neural TTS", one beside each phone.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from koeru.text.phones import PAU, SIL, normalise

PHONE = re.compile(r"^[^^]*\^[^-]*-([^+]*)\+")
# Mora minus accent nucleus, mora from the phrase's start, mora from its end. Anchored at /A:, since the same
# shapes stand in other fields, and with signs and several digits: accents lie on the tenth mora and beyond.
MORA = re.compile(r"/A:(-?\d+)\+(\d+)\+(\d+)/")
PHRASE_LENGTH = re.compile(r"/F:(\d+)_")
PREVIOUS_IS_QUESTION = re.compile(r"/E:\d+_\d+!1_")
MORA_ENDS = frozenset("aiueoN") | {"cl"}


class LabelError(ValueError):
    """Something that is not the full-context labels of one utterance."""


@dataclass(frozen=True)
class Reading:
    """How an utterance is read: three parallel tuples of P entries, in the pair format.

    `phones` are of PHONES, sil first and last; `devoiced` is 1 for a devoiced vowel; `accents` are marks of
    ACCENTS: ^ beside the first sil, $ or ? beside the last, _ beside pauses and where the pitch does not
    change.
    """

    phones: tuple[str, ...]
    devoiced: tuple[int, ...]
    accents: tuple[str, ...]


def _numbers(label: str) -> tuple[int, int, int] | None:
    """Return a1, a2, a3 of a label; None where they are xx, on sil and pau."""
    found = MORA.search(label)
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def _mark(phone: str, label: str, following: str) -> str:
    """Return the mark beside a phone, from its label and the next; the first rule that holds wins."""
    here, there = _numbers(label), _numbers(following)
    if here is None or there is None:
        return "_"
    to_nucleus, mora, from_end = here
    next_mora = there[1]
    if phone in MORA_ENDS and from_end == 1 and next_mora == 1:
        return "#"
    length = PHRASE_LENGTH.search(label)
    if to_nucleus == 0 and next_mora == mora + 1 and length and mora != int(length[1]):
        return "]"
    if mora == 1 and next_mora == 2:
        return "["
    return "_"


def read_labels(labels: Sequence[str]) -> Reading:
    """Return the phones, devoiced flags and accent marks of one utterance's full-context labels.

    Times before a label (HTK's) must have been cut off. Raises LabelError when there are no phones between
    a first and a last sil, or a label has no phone; UnknownPhoneError for a phone that no model knows.
    """
    names = []
    for number, label in enumerate(labels):
        if not (found := PHONE.match(label)):
            raise LabelError(f"label {number} is not a full-context label: {label[:60]!r}")
        names.append(normalise(found[1]))
    phones = tuple(phone for phone, _ in names)
    if len(phones) < 3 or phones[0] != SIL or phones[-1] != SIL or SIL in phones[1:-1]:
        raise LabelError(f"phones between a first and a last sil are wanted; got {' '.join(phones) or 'nothing'}")
    inner = (
        "_" if phone == PAU else _mark(phone, label, following)
        for phone, label, following in zip(phones[1:-1], labels[1:-1], labels[2:], strict=True)
    )
    end = "?" if PREVIOUS_IS_QUESTION.search(labels[-1]) else "$"
    return Reading(phones, tuple(devoiced for _, devoiced in names), ("^", *inner, end))
