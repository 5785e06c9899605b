"""What the heads of a recogniser give: the classes of each, and the labels that a reading has of them.

The first two classes of every head are the blank and the separator. A language that has more symbols later has them
behind: the place of a class is its id.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from string import ascii_lowercase
from typing import Literal, NamedTuple

import numpy as np

from koeru.data.records import Spoken
from koeru.data.vocabulary import Vocabulary
from koeru.families.recogniser.entry import Ctc, Head
from koeru.languages import Language
from koeru.text.reading import BOUNDARY, END, PLAIN, START, Reading

SPECIAL = ("-", "|")  # the blank and the separator: see `koeru.families.recogniser.ctc`
UNSAID = {PLAIN, START, END, BOUNDARY}  # marks of every language, that are no tones
Separators = Literal["none", "between", "ends", "around"]


def classes(head: Head, vocabulary: Vocabulary) -> tuple[str, ...]:
    """The classes of a head, in the order of their ids. Padding is none; silences are, and may never be taught."""
    own = {"phones": vocabulary.symbols[1:], "letters": ascii_lowercase, "marks": vocabulary.marks[1:]}
    return (*SPECIAL, *own[head])


class Unit(NamedTuple):
    """A character of a text, in Japanese a mora, or a silence."""

    phones: Sequence[str]
    marks: Sequence[str]
    letters: str


class Teacher:
    """The labels of readings of a language, for some heads of a model that has this vocabulary."""

    def __init__(self, own: Language, vocabulary: Vocabulary, heads: Sequence[Head], settings: Ctc) -> None:
        if "letters" in heads and own.letters is None:
            raise ValueError(f"model.heads: nothing tells how {own.name} is written in letters; leave that head out")
        self.language, self.settings = own, settings
        self.ids: dict[Head, dict[str, int]] = {
            head: {name: number for number, name in enumerate(classes(head, vocabulary)) if number >= len(SPECIAL)}
            for head in heads
        }

    def labels(self, record: Spoken) -> dict[str, np.ndarray]:
        """The labels (L,) int64 of each head. Errors: ValueError naming the utterance and what no head knows."""
        units = characters(record, self.language)
        found = {}
        for head, ids in self.ids.items():
            said = [self._said(head, unit) for unit in units]
            rows = [[_known(record["id"], head, name, ids) for name in names] for names in said if names]
            found[head] = np.asarray(separated(rows, self.settings.separators), dtype=np.int64)
        return found

    def _said(self, head: Head, unit: Unit) -> list[str]:
        silent = unit.phones[0] in self.language.silences
        if silent and (head != "phones" or self.settings.silences == "blank"):
            return []
        if head == "phones":
            return list(unit.phones)
        if head == "letters":
            return list(unit.letters)
        return [mark for mark in unit.marks if mark not in UNSAID]


def characters(record: Spoken, own: Language) -> list[Unit]:
    """The characters of a reading and its silences, in order."""
    phones, marks = record["phones"], record["accents"]
    reading = Reading(tuple(phones), tuple(record["devoiced"]), tuple(marks))
    letters = own.letters(phones) if own.letters is not None else [""] * len(phones)
    sizes = [len(mora.phones) for phrase in own.phrases(reading) for mora in phrase.moras][::-1]
    found, at = [], 0
    while at < len(phones):
        size = 1 if phones[at] in own.silences or not sizes else sizes.pop()
        end = at + size
        found.append(Unit(phones[at:end], marks[at:end], "".join(letters[at:end])))
        at = end
    return found


def separated(rows: Sequence[Sequence[int]], separators: Separators) -> list[int]:
    """The labels of characters, with separators between them, at both ends, or both."""
    inner, outer = separators in ("between", "around"), separators in ("ends", "around")
    found = [1] if outer and rows else []
    for number, row in enumerate(rows):
        found += [1, *row] if inner and number else row
    return [*found, 1] if outer and rows else found


def _known(utterance: str, head: Head, name: str, ids: Mapping[str, int]) -> int:
    if name not in ids:
        raise ValueError(f"{utterance}: the head {head} does not know {name!r}: it was trained on another language")
    return ids[name]
