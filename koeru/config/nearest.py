"""The name that was probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

MOST_NAMES = 12  # of all that are known, how many are told


def nearest(word: str, known: Iterable[str]) -> str:
    """The end of a sentence about an unknown word: the known one that was probably meant, or all of them.

    Letters count as equal whatever their case. Of many known words, the first `MOST_NAMES` are told.
    """
    names = {}
    for name in map(str, known):
        names.setdefault(name.casefold(), name)
    if close := difflib.get_close_matches(word.casefold(), names, n=1, cutoff=0.5):
        return f"; did you mean {names[close[0]]!r}?"
    listed = ", ".join([*names.values()][:MOST_NAMES]) or "none"
    return f"; known here: {listed}{f', … ({len(names)} in all)' if len(names) > MOST_NAMES else ''}"
