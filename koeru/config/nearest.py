"""The name that was probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

MOST_NAMES = 12  # of all that are known, how many are told


def close(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant, whatever the case of its letters; None where none is like it."""
    names: dict[str, str] = {}
    for name in map(str, known):
        names.setdefault(name.casefold(), name)
    found = difflib.get_close_matches(word.casefold(), names, n=1, cutoff=0.5)
    return names[found[0]] if found else None


def nearest(word: str, known: Iterable[str]) -> str:
    """The end of a sentence about an unknown word: the one that was meant, or all known (`MOST_NAMES` at most)."""
    names = [*map(str, known)]
    if found := close(word, names):
        return f"; did you mean {found!r}?"
    listed = ", ".join(names[:MOST_NAMES]) or "none"
    return f"; known here: {listed}{f', … ({len(names)} in all)' if len(names) > MOST_NAMES else ''}"
