"""Full-context labels -> phones and accent marks.

The marks are the prosodic symbols of Kurihara, Seiyama & Kumano (2021), "Prosodic features control by
symbols as input of sequence-to-sequence acoustic modeling for neural TTS", one beside each phone.

The last phrase's question is marked by ? at the end. For a question inside, before a pause or another phrase
(え？本当。), the rules have no mark: it is ¿ here, beside the last phone of the phrase.
"""

import re
from collections.abc import Iterator, Sequence

from koeru.languages.japanese.moras import MORA_ENDS
from koeru.languages.japanese.phones import ASKED, FALL, PAU, QUESTION, RISE, SIL, normalise
from koeru.text.reading import BOUNDARY, END, PLAIN, START, LabelError, Reading

# The phone; mora minus accent nucleus, mora from the phrase's start, mora from its end; moras in the phrase.
# Anchored at /A: and /F:, since the same shapes stand in other fields, and with signs and several digits:
# accents lie on the tenth mora and beyond. On sil and pau the numbers are xx, and the groups None.
LABEL = re.compile(r"[^^]*+\^[^-]*+-([^+]*+)\+[^/]*+/A:(?:(-?\d++)\+(\d++)\+(\d++)/)?[^F]*+F:(\d++)?")
PREVIOUS_IS_QUESTION = re.compile(r"/E:\d+_\d+!1_")


def _marks(phones: Sequence[str], rows: Sequence[Sequence[str | None]], labels: Sequence[str]) -> Iterator[str]:
    """Yield the mark beside each phone but the last, from its label and the next; the first rule that holds wins.

    Before a pause the next label is the one behind it: a phrase that goes on there rises and falls as any other.
    """
    next_moras, behind = [], None  # from the last to the first
    for phone, row in zip(reversed(phones), reversed(rows), strict=True):
        next_moras.append(behind)
        behind = behind if phone == PAU else row[2]
    beside = zip(phones, phones[1:], rows, reversed(next_moras), labels[1:], strict=False)
    for phone, following, (_, to_nucleus, mora, from_end, length), next_mora, next_label in beside:
        if phone == PAU or mora is None or next_mora is None:
            yield PLAIN
        elif from_end == "1" and next_mora == "1" and phone in MORA_ENDS:
            asks = PREVIOUS_IS_QUESTION.search(next_label)
            yield ASKED if asks else PLAIN if following == PAU else BOUNDARY
        elif to_nucleus == "0" and int(next_mora) == int(mora) + 1 and mora != length:
            yield FALL
        elif mora == "1" and next_mora == "2":
            yield RISE
        else:
            yield PLAIN


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
    _, *marks = _marks(phones, rows, labels)
    end = QUESTION if PREVIOUS_IS_QUESTION.search(labels[-1]) else END
    return Reading(phones, tuple(devoiced for _, devoiced in names), (START, *marks, end))
