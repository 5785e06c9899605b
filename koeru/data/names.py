"""The speakers and emotions that a model knows, those of the turn before included, and their ids.

The ids of a dataset are stored with it; those of a model are stored with its training, and outlive the dataset: a
model that is pretrained keeps the ids of its parent. So whoever speaks with a model asks the model for its names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

KINDS = {"speakers": "speakers", "emotions": "emotions", "before_emotions": "emotions of the turn before"}  # in words
NO_TURN = ""  # the name, and 0 the id, among `before_emotions`, of there being no turn before


@dataclass(frozen=True)
class Names:
    """Speakers and emotions in the order of their ids: the id of a name is its place.

    `before_emotions`, those of the turn before, begin with NO_TURN. Errors: ValueError if they do not, or if a name is
    twice.
    """

    speakers: tuple[str, ...]
    emotions: tuple[str, ...]
    before_emotions: tuple[str, ...] = (NO_TURN,)

    def __post_init__(self) -> None:
        for kind in KINDS:
            names = getattr(self, kind)
            if twice := sorted({name for name in names if names.count(name) > 1}):
                raise ValueError(f"{kind}: {', '.join(twice)} would have two ids; names are {', '.join(names)}")
        if self.before_emotions[:1] != (NO_TURN,):
            raise ValueError(f"before_emotions: the first must be {NO_TURN!r}; they are {self.before_emotions}")

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Self:
        """The names that a file tells of: `node.json` of utterances, `stats.json`, or the manifest of an epoch."""
        return cls(*(tuple(told[kind]) for kind in KINDS))

    def to_dict(self) -> dict[str, list[str]]:
        """The inverse of `of`."""
        return {kind: list(getattr(self, kind)) for kind in KINDS}

    @cached_property
    def ids(self) -> dict[str, dict[str, int]]:
        """What speakers.json holds: {"speakers": {name: id}, "emotions": {name: id}, "before_emotions": {name: id}}."""
        return {kind: {name: number for number, name in enumerate(getattr(self, kind))} for kind in KINDS}

    def followed_by(self, more: Names) -> Names:
        """These names with their ids, and behind them, in their order, those of `more` that are new."""
        return Names(*((*getattr(self, kind), *_without(getattr(more, kind), getattr(self, kind))) for kind in KINDS))

    def compared_with(self, more: Names) -> dict[str, list[str]]:
        """Which names `more` shares with these, which are new in it, and which are absent from it.

        The keys are shared_speakers, new_speakers, absent_speakers, and the same for the other kinds.
        """
        found = {}
        for kind in KINDS:
            own, theirs = getattr(self, kind), getattr(more, kind)
            found[f"shared_{kind}"] = [name for name in own if name in theirs]
            found[f"new_{kind}"] = _without(theirs, own)
            found[f"absent_{kind}"] = _without(own, theirs)
        return found


def in_words(compared: Mapping[str, list[str]]) -> str:
    """What `Names.compared_with` found, as a line: "new speakers: Anna; absent speakers: Ben"; "" if nothing."""
    found = {
        f"{which} {kind_in_words}": compared[f"{which}_{kind}"]
        for kind, kind_in_words in KINDS.items()
        for which in ("new", "absent")
    }
    return "; ".join(f"{what}: {_listed(names)}" for what, names in found.items() if names)


def _listed(names: list[str], most: int = 10) -> str:
    return ", ".join([*names[:most], *([f"and {len(names) - most} more"] if len(names) > most else [])])


def _without(names: Iterable[str], others: Iterable[str]) -> list[str]:
    known = set(others)
    return [name for name in names if name not in known]
