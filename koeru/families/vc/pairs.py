"""The pairs of a dataset as trainings, samples and metrics read them: what the stage `durations` tells of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any, Self

import numpy as np

from koeru.data.reading import Features
from koeru.graph.store import ArrayReader, Place, Store, read_json
from koeru.jobs.stage import Work

PAIRS, DURATIONS = "durations.json", "durations.safetensors"
ARRAYS = ("pitch", "energy", "mel")


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two utterances of a pair; its sentences begin at the frames `cuts`, of which the first is 0."""

    id: str
    shard: int
    speaker: str
    emotion: str
    text: str
    n_frames: int
    seconds: float
    cuts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """A source, and the target that says the same sentence."""

    id: str
    name: str
    split: str
    source: Side
    target: Side

    @property
    def n_frames(self) -> int:
        """Those of the longer side."""
        return max(self.source.n_frames, self.target.n_frames)

    @property
    def seconds(self) -> float:
        """Those of the longer side."""
        return max(self.source.seconds, self.target.seconds)

    @classmethod
    def of(cls, told: dict[str, Any]) -> Self:
        """The inverse of `to_dict`; what else is told is left out."""
        sides = {name: Side(**{**told[name], "cuts": tuple(told[name]["cuts"])}) for name in ("source", "target")}
        return cls(told["id"], told["name"], told["split"], **sides)

    def to_dict(self) -> dict[str, Any]:
        """As durations.json tells it."""
        return asdict(self)


@dataclass
class Pairs:
    """The pairs of a node's parents, with their arrays.

    `durations` are there where they were made before the training.
    """

    store: Store
    parents: dict[str, Place]
    _durations: ArrayReader | None = field(default=None, repr=False)

    @classmethod
    def of(cls, work: Work) -> Pairs:
        """The pairs that a node's parents hold."""
        return cls(work.store, dict(work.parents))

    @cached_property
    def features(self) -> Features:
        """The features of the utterances."""
        return Features(self.store, self.parents, ARRAYS)

    @cached_property
    def told(self) -> dict[str, Any]:
        """What durations.json holds: `pairs`, `excluded`, and the leaves that they were made with."""
        return read_json(self.store.folder(self.parents["durations"]) / PAIRS)

    def of_split(self, split: str) -> Iterator[Pair]:
        """The pairs of a split, in a fixed order."""
        return (Pair.of(told) for told in self.told["pairs"] if told["split"] == split)

    def arrays(self, side: Side) -> dict[str, np.ndarray]:
        """log_f0, voiced, log_energy (T,) and mel (T, M) of one side."""
        return self.features.of_utterance(side.shard, side.id)

    def durations(self, pair: Pair) -> np.ndarray | None:
        """The durations (S,) int64 of the reduced frames of a source, in those of its target; None where learned."""
        if self.told["durations"] != "dtw":
            return None
        if self._durations is None:
            self._durations = ArrayReader(self.store.folder(self.parents["durations"]) / DURATIONS)
        return self._durations[pair.id].astype(np.int64)
