"""Latin words and how they are read in Japanese: a table of the package, which a user's file extends.

words.csv has what the front end's dictionary lacks or reads otherwise: it would spell such a word out.
"""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from koeru.config.rows import RowsError
from koeru.config.word_lists import read_rows
from koeru.languages.japanese.moras import katakana, moras_of_kana

OWN = Path(__file__).with_name("words.csv")
LATIN = re.compile(r"(?<![A-Za-z])[A-Za-z]+(?:[-'][A-Za-z]+)*(?![A-Za-z])")
PART = re.compile(r"[A-Za-z]+")


class Words:
    """A table of words: as they are written, or whatever the case of their letters."""

    def __init__(self, readings: Mapping[str, str]) -> None:
        self._readings = {word.casefold(): kana for word, kana in readings.items()} | dict(readings)
        odd = sorted((re.escape(word) for word in readings if not LATIN.fullmatch(word)), key=len, reverse=True)
        self._odd = re.compile("|".join(odd)) if odd else None

    def read(self, text: str) -> str:
        """A text with its words in kana, those that are known."""
        if self._odd is not None:
            text = self._odd.sub(lambda found: self._readings[found[0]], text)
        return LATIN.sub(self._word, text)

    def _word(self, found: re.Match[str]) -> str:
        whole = self._of(found[0])
        return whole if whole is not None else PART.sub(lambda part: self._of(part[0]) or part[0], found[0])

    def _of(self, word: str) -> str | None:
        return self._readings.get(word) or self._readings.get(word.casefold())


@cache
def own_words() -> Mapping[str, str]:
    """The table of the package: word -> kana."""
    return {row[0]: row[1] for row in read_rows(OWN).values()}


def read_words(path: str | Path) -> dict[str, str]:
    """A user's table: word -> kana. Raises RowsError with all that is wrong."""
    found, problems = {}, []
    for line, row in read_rows(path).items():
        told = "two columns are wanted, word and reading" if len(row) != 2 else wrong_kana(row[1])
        problems += [f"{path}, line {line}: {told}"] if told else []
        found[row[0]] = katakana(row[1])
    if problems:
        raise RowsError(problems)
    return found


def wrong_kana(kana: str) -> str:
    """What keeps kana from being a reading, in words; "" for nothing."""
    for at, written, phones in moras_of_kana(katakana(kana)):
        if not phones:
            return f"{written!r} in the reading {kana!r}, its character {at + 1}, is no mora: write it in katakana"
    return ""
