"""Full-context labels -> phones and accent marks.

The marks are the prosodic symbols of Kurihara, Seiyama & Kumano (2021), "Prosodic features control by
symbols as input of sequence-to-sequence acoustic modeling for neural TTS", one beside each phone.

Only the last phrase's question is marked, by ? at the end. A question inside, before a pause or another
phrase (え？本当。), leaves no mark: the rules have none for it.
"""

import re
from collections.abc import Iterator, Sequence

from koeru.languages.japanese.phones import PAU, SIL, normalise
from koeru.text.reading import LabelError, Reading

# The phone; mora minus accent nucleus, mora from the phrase's start, mora from its end; moras in the phrase.
# Anchored at /A: and /F:, since the same shapes stand in other fields, and with signs and several digits:
# accents lie on the tenth mora and beyond. On sil and pau the numbers are xx, and the groups None.
LABEL = re.compile(r"[^^]*+\^[^-]*+-([^+]*+)\+[^/]*+/A:(?:(-?\d++)\+(\d++)\+(\d++)/)?[^F]*+F:(\d++)?")
PREVIOUS_IS_QUESTION = re.compile(r"/E:\d+_\d+!1_")
MORA_ENDS = frozenset("aiueoN") | {"cl"}


def _marks(phones: Sequence[str], rows: Sequence[Sequence[str | None]]) -> Iterator[str]:
    """Yield the mark beside each phone but the last, from its label and the next; the first rule that holds wins."""
    following = (row[2] for row in rows[1:])
    for phone, (_, to_nucleus, mora, from_end, length), next_mora in zip(phones, rows, following, strict=False):
        if phone == PAU or mora is None or next_mora is None:
            yield "_"
        elif from_end == "1" and next_mora == "1" and phone in MORA_ENDS:
            yield "#"
        elif to_nucleus == "0" and int(next_mora) == int(mora) + 1 and mora != length:
            yield "]"
        elif mora == "1" and next_mora == "2":
            yield "["
        else:
            yield "_"


def read_labels(labels: Sequence[str]) -> Reading:
    """Return the phones, devoiced flags and accent marks of one utterance's full-context labels.

    Times before a label (HTK's) must have been cut off. Raises LabelError when there are no phones between
    a first and a last sil, or a label has no phone or lacks the fields A and F; UnknownPhoneError for a
    phone that no model knows.
    """
    rows = []
    for number, label in enumerate(labels):
        if not (found := LABEL.match(label)):
            raise LabelError(f"label {number} is not a full-context label: {label[:60]!r}")
        rows.append(found.groups())
    names = [normalise(row[0]) for row in rows]
    phones = tuple(phone for phone, _ in names)
    if len(phones) < 3 or phones[0] != SIL or phones[-1] != SIL or SIL in phones[1:-1]:
        raise LabelError(f"phones between a first and a last sil are wanted; got {' '.join(phones) or 'nothing'}")
    _, *marks = _marks(phones, rows)
    end = "?" if PREVIOUS_IS_QUESTION.search(labels[-1]) else "$"
    return Reading(phones, tuple(devoiced for _, devoiced in names), ("^", *marks, end))
