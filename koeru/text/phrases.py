"""Accent phrases of moras: the reading of a language whose words are told apart by where their pitch falls."""

from typing import NamedTuple


class Mora(NamedTuple):
    """The phones of a mora, and whether its vowel is devoiced."""

    phones: tuple[str, ...]
    devoiced: bool = False


class Phrase(NamedTuple):
    """An accent phrase of n moras.

    `nucleus`, 0 to n, is the last mora of high pitch, 0 for none: the pitch falls behind it. `pause` says whether one
    follows, `question` whether the phrase rises at its end, as a question does.
    """

    moras: tuple[Mora, ...]
    nucleus: int
    pause: bool = False
    question: bool = False
