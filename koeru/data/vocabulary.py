"""What a model knows, and the ids of it: symbols and marks of a language, speakers, emotions, those of the turn before.

The names of a dataset are stored with it. The vocabulary of a model is stored with its training and with what is
exported, and outlives both the dataset and the alphabet of today's koeru: a model that is pretrained keeps the ids of
its parent. So whoever speaks with a model asks the model.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar, Self

from koeru.languages import Language, language
from koeru.text.reading import BOUNDARY, PLAIN

NO_TURN = ""  # the name, and 0 the id, among `before_emotions`, of there being no turn before
NEUTRAL = "Normal"  # the emotion of somebody who shows none, in the corpora that name it
IN_WORDS = {"before_emotions": "emotions of the turn before"}
# Before models told of them, they knew these: a language, and how many of its symbols and marks as they are now.
UNTOLD = ("japanese", 43, 8)


@dataclass(frozen=True)
class Voice:
    """Who speaks, and in which emotion."""

    speaker: str
    emotion: str


@dataclass(frozen=True)
class Names:
    """Speakers and emotions in the order of their ids: the id of a name is its place.

    `before_emotions`, those of the turn before, begin with NO_TURN. Errors: ValueError if they do not, or if a name is
    twice.
    """

    KINDS: ClassVar[tuple[str, ...]] = ("speakers", "emotions", "before_emotions")

    speakers: tuple[str, ...]
    emotions: tuple[str, ...]
    before_emotions: tuple[str, ...] = (NO_TURN,)

    def __post_init__(self) -> None:
        for kind in self.KINDS:
            names = getattr(self, kind)
            if twice := sorted({name for name in names if names.count(name) > 1}):
                raise ValueError(f"{kind}: {', '.join(twice)} would have two ids; names are {', '.join(names)}")
        if self.before_emotions[:1] != (NO_TURN,):
            raise ValueError(f"before_emotions: the first must be {NO_TURN!r}; they are {self.before_emotions}")

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Self:
        """The names that a file tells of: `node.json` of utterances, `stats.json`, or the manifest of an epoch."""
        return cls(**{kind: tuple(told[kind]) for kind in cls.KINDS})

    def to_dict(self) -> dict[str, Any]:
        """The inverse of `of`."""
        return {kind: list(getattr(self, kind)) for kind in self.KINDS}

    @cached_property
    def ids(self) -> dict[str, dict[str, int]]:
        """Kind -> name -> id, such as {"speakers": {"Anna": 0}, "emotions": …, "before_emotions": …}."""
        return {kind: {name: number for number, name in enumerate(getattr(self, kind))} for kind in self.KINDS}

    def followed_by(self, more: Self) -> Self:
        """These names with their ids, and behind them, in their order, those of `more` that are new."""
        both = {kind: (getattr(self, kind), getattr(more, kind)) for kind in self.KINDS}
        return replace(self, **{kind: (*own, *_without(theirs, own)) for kind, (own, theirs) in both.items()})

    def compared_with(self, more: Self) -> dict[str, list[str]]:
        """Which names `more` shares with these, which are new in it, and which are absent from it.

        The keys are shared_speakers, new_speakers, absent_speakers, and the same for the other kinds.
        """
        found = {}
        for kind in self.KINDS:
            own, theirs = getattr(self, kind), getattr(more, kind)
            found[f"shared_{kind}"] = [name for name in own if name in theirs]
            found[f"new_{kind}"] = _without(theirs, own)
            found[f"absent_{kind}"] = _without(own, theirs)
        return found


@dataclass(frozen=True, kw_only=True)
class Vocabulary(Names):
    """All that a model knows by an id: names, and the symbols and marks of the language that it speaks."""

    KINDS: ClassVar[tuple[str, ...]] = ("symbols", "marks", *Names.KINDS)

    language: str
    symbols: tuple[str, ...]
    marks: tuple[str, ...]

    @classmethod
    def spoken(cls, own: Language, names: Names) -> Self:
        """The vocabulary of a dataset: its language as koeru has it today, and its names."""
        kept = {kind: getattr(names, kind) for kind in Names.KINDS}
        return cls(**kept, language=own.name, symbols=own.symbols, marks=own.marks)

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Self:
        """The vocabulary that the manifest of an epoch, or an exported model, tells of."""
        if "language" in told:
            return cls(language=told["language"], **{kind: tuple(told[kind]) for kind in cls.KINDS})
        name, n_symbols, n_marks = UNTOLD
        known = cls.spoken(language(name), Names.of(told))
        return replace(known, symbols=known.symbols[:n_symbols], marks=known.marks[:n_marks])

    def marked(self, phones: Sequence[str], marks: Sequence[str]) -> list[str]:
        """The marks of a reading as the koeru wrote them that trained the model: those which it has no id for.

        A mark that closes a phrase, of an inner question say, was a boundary before it was one of its own: BOUNDARY, or
        PLAIN where a silence follows.
        """
        own = language(self.language)
        if not (newer := own.closing.keys() & set(marks) - set(self.marks)):
            return list(marks)
        older = [PLAIN if following in own.silences else BOUNDARY for following in phones[1:]]
        return [before if mark in newer else mark for mark, before in zip(marks, [*older, PLAIN], strict=True)]

    def to_dict(self) -> dict[str, Any]:
        """The inverse of `of`."""
        return {"language": self.language} | super().to_dict()

    def followed_by(self, more: Self) -> Self:
        """As that of names; what is spoken is the language of `more`."""
        return replace(super().followed_by(more), language=more.language)


def in_words(compared: Mapping[str, list[str]]) -> str:
    """What `compared_with` found, as a line: "new speakers: Anna; absent speakers: Ben"; "" if nothing."""
    found = {
        f"{which} {IN_WORDS.get(kind, kind)}": compared.get(f"{which}_{kind}", [])
        for kind in Vocabulary.KINDS
        for which in ("new", "absent")
    }
    return "; ".join(f"{what}: {_listed(names)}" for what, names in found.items() if names)


def _listed(names: list[str], most: int = 10) -> str:
    return ", ".join([*names[:most], *([f"and {len(names) - most} more"] if len(names) > most else [])])


def _without(names: Iterable[str], others: Iterable[str]) -> list[str]:
    known = set(others)
    return [name for name in names if name not in known]


def neutral(emotions: Sequence[str]) -> str:
    """The emotion of a voice that is told of none: the normal one, where there is one."""
    return NEUTRAL if NEUTRAL in emotions else emotions[0]
