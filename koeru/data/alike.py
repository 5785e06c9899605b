"""Whether two texts are one sentence, however the corpora write it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from difflib import SequenceMatcher
from functools import lru_cache

from koeru.data.splits import sentence_of

REMEMBERED = 10_000  # texts, which take some 10 MB: of many speakers, most say what others say

Alike = Callable[[str, str], float | None]
Read = Callable[[str], Sequence[str] | None]  # the phones of a text; None where nobody can read it


def comparing(read: Read) -> Alike:
    """A function that says how alike two texts are, from 0 to 1; None where there is not a text on both sides.

    Texts that differ in nothing but marks are 1. Of others the phones are compared: 今日 and きょう have no letter in
    common, and 母が来る and 父が来る most of them. The measure is twice the phones in matching runs, by all phones.
    Where a text cannot be read, the letters are compared.
    """
    written, phones = lru_cache(REMEMBERED)(sentence_of), lru_cache(REMEMBERED)(read)

    def alike(ours: str, theirs: str) -> float | None:
        if not ours or not theirs:
            return None
        if written(ours) == written(theirs):
            return 1.0
        both = phones(ours), phones(theirs)
        if both[0] is None or both[1] is None:
            both = written(ours), written(theirs)
        # sorted: the matcher does not say the same of both orders
        return round(SequenceMatcher(None, *sorted(both), autojunk=False).ratio(), 4)

    return alike
