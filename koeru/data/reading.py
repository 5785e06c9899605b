"""Reading the features of a dataset: which utterances every parent has, and their arrays one at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from koeru.audio.mel import MelSpec
from koeru.data.records import Labelled
from koeru.data.split_table import SplitTable
from koeru.data.splits import nothing_left
from koeru.data.statistics import Stats
from koeru.data.vocabulary import Vocabulary
from koeru.graph.store import FACTS, ArrayReader, Place, Store, read_json
from koeru.jobs.features import mel_spec
from koeru.jobs.stage import Work
from koeru.languages import Language, language

if TYPE_CHECKING:
    import numpy as np


def spoken_in(store: Store, labels: Place) -> Language:
    """The language of a dataset, by the node of its labels, or of its tokens."""
    params = store.read_node(labels).params
    return language(params.get("labels.language", "japanese"))  # the only one before there was a choice


@dataclass
class Features:
    """The parents of a node that hold features: labels records, splits, statistics and arrays.

    `arrays` names the stages whose arrays are wanted; an utterance counts only where labels and all of them have it.
    The records are those of the stage `listed`: of `tokens` they tell no times.
    """

    store: Store
    parents: dict[str, Place]
    arrays: Sequence[str] = ("pitch", "energy", "mel")
    listed: str = "labels"
    _open: dict[tuple[str, int], ArrayReader] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, work: Work, arrays: Sequence[str] = ("pitch", "energy", "mel"), listed: str = "labels") -> Features:
        """The features that a node's parents hold."""
        return cls(work.store, dict(work.parents), arrays, listed)

    @cached_property
    def splits(self) -> SplitTable:
        """Utterance id -> train, dev or eval."""
        return SplitTable.read(self.store.folder(self.parents["splits"]) / "splits.json")

    @cached_property
    def stats(self) -> Stats:
        """The normalisation of the training split."""
        return Stats.from_dict(read_json(self.store.folder(self.parents["stats"]) / "stats.json"))

    @cached_property
    def language(self) -> Language:
        """What is spoken."""
        return spoken_in(self.store, self.parents[self.listed])

    @cached_property
    def mel_spec(self) -> MelSpec:
        """What its mels are."""
        return mel_spec(self.store.read_node(self.parents["mel"]).params)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """What a model must know to say what is said here."""
        return Vocabulary.spoken(self.language, self.stats.names)

    def records(self, split: str | None = None) -> Iterator[tuple[int, Labelled]]:
        """(shard, labels record) of every usable utterance of a split, in a fixed order."""
        for shard in range(self.parents[self.listed].shards):
            for record in self.of_shard(shard):
                if split in (None, self.splits[record["utterance"]]):
                    yield shard, record

    def some_records(self, split: str) -> list[tuple[int, Labelled]]:
        """The same, of a split that must not be empty: ValueError where it is."""
        found = list(self.records(split))
        if not found:
            raise ValueError(nothing_left(split))
        return found

    def in_turn(self, split: str | None = None) -> Iterator[tuple[int, Labelled]]:
        """The same, for who reads arrays of each: of all files of arrays, only those of its shard stay open.

        An open one has the names of all that it holds in memory.
        """
        opened = 0
        for shard, record in self.records(split):
            if shard != opened:
                self._open.clear()
                opened = shard
            yield shard, record

    def count(self, split: str) -> int:
        """How many usable utterances a split has, as the statistics have counted them."""
        return self.store.read_node(self.parents["stats"]).more["utterances"][split]

    def of_shard(self, shard: int) -> Iterator[Labelled]:
        """The labels records of the usable utterances of a shard, in a fixed order."""
        usable = set.intersection(
            *({r["id"] for r in self.store.read_shard(self.parents[s], shard).utterances} for s in self.arrays)
        )
        for record in self.store.read_shard(self.parents[self.listed], shard).utterances:
            if record["id"] in usable:
                record.pop(FACTS, None)  # which only pages tell: trainings hold these records
                yield record

    def array(self, stage: str, shard: int, name: str) -> np.ndarray:
        """One array, such as array("pitch", 3, "<id>/log_f0")."""
        key = (stage, shard)
        if key not in self._open:
            self._open[key] = self.store.arrays(self.parents[stage], shard)
        return self._open[key][name]

    def of_utterance(self, shard: int, utterance_id: str, stages: Sequence[str] | None = None) -> dict[str, np.ndarray]:
        """The arrays of an utterance by their short names: log_f0, voiced, log_energy, mel; or those of some stages."""
        names = {"pitch": ("log_f0", "voiced"), "energy": ("log_energy",), "mel": ("mel",), "sp": ("sp", "f0")}
        return {
            name: self.array(stage, shard, f"{utterance_id}/{name}")
            for stage in stages or self.arrays
            for name in names[stage]
        }
