"""Whether two texts are one sentence, however the corpora write it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from difflib import SequenceMatcher
from functools import lru_cache

from koeru.data.splits import sentence_of
from koeru.jobs.readings import Known

REMEMBERED = 10_000  # texts, which take some 10 MB: of many speakers, most say what others say

Alike = Callable[[Known, Known], float | None]
Read = Callable[[Known], Sequence[str] | None]  # the phones of an utterance; None where nobody can read its text


def comparing(read: Read) -> Alike:
    """A function that says how alike the texts of two utterances are, from 0 to 1; None where there are not both.

    Texts that differ in nothing but marks are 1. Of others the phones are compared: 今日 and きょう have no letter in
    common, and 母が来る and 父が来る most of them. The measure is twice the phones in matching runs, by all phones.
    Where a text cannot be read, the letters are compared.
    """
    written, phones = lru_cache(REMEMBERED)(sentence_of), lru_cache(REMEMBERED)(read)

    def alike(ours: Known, theirs: Known) -> float | None:
        if not ours.text or not theirs.text:
            return None
        letters = written(ours.text), written(theirs.text)
        if letters[0] == letters[1]:
            return 1.0
        both = phones(ours), phones(theirs)
        if both[0] is None or both[1] is None:
            both = letters
        # sorted: the matcher does not say the same of both orders
        return round(SequenceMatcher(None, *sorted(both), autojunk=False).ratio(), 4)

    return alike
