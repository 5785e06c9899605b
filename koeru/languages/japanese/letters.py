"""Phones as the Latin letters that write them, in Hepburn's way but for long vowels, which are two letters."""

from collections.abc import Sequence

from koeru.languages.japanese.phones import PAU, SIL

SMALL_TSU, SYLLABIC_N = "cl", "N"


def letters(phones: Sequence[str]) -> list[str]:
    """The letters of each phone, a to z; of a silence none. A geminate doubles what follows: ippai, icchi."""
    found = []
    for at, phone in enumerate(phones):
        if phone == SMALL_TSU:
            follows = phones[at + 1] if at + 1 < len(phones) else SIL
            found.append("t" if follows in (SIL, PAU, SMALL_TSU) else follows[0].lower())
        else:
            found.append("" if phone in (SIL, PAU) else phone.lower())
    return found
