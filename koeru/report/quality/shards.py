"""One shard of a dataset as all its stages know it, so that a whole dataset is looked at one shard at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from koeru.data.reading import spoken_in
from koeru.graph.stages import DATA_STAGES
from koeru.graph.store import ArrayReader, Excluded, Manifest, Record
from koeru.jobs.stage import Work

COUNTED = ("utterances", *(name for name, stage in DATA_STAGES.items() if stage.sharded))  # where a dataset has them
FEATURES = tuple(stage for stage in COUNTED if stage not in ("utterances", "wav", "segments", "labels"))


@dataclass(frozen=True)
class Shard:
    """The manifests of all counted stages, the arrays of pitch, and the language's names of silence and pauses."""

    manifests: dict[str, Manifest]
    pitch: ArrayReader
    silences: tuple[str, str]

    @classmethod
    def read(cls, work: Work, number: int) -> Shard:
        """The shard of this number, of a dataset's parents."""
        manifests = {
            stage: work.store.read_shard(work.parents[stage], number) for stage in COUNTED if stage in work.parents
        }
        silences = spoken_in(work.store, work.parents["labels"]).silences
        return cls(manifests, work.store.arrays(work.parents["pitch"], number), silences)

    def records(self, stage: str) -> list[Record]:
        """What came out of a stage."""
        return self.manifests[stage].utterances

    def excluded(self, stage: str) -> list[Excluded]:
        """What a stage left out."""
        return self.manifests[stage].excluded

    def entered(self, stage: str) -> int:
        """How many utterances went into a stage."""
        if stage == "utterances":
            return len(self.records(stage)) + len(self.excluded(stage))
        return len(self.records(DATA_STAGES[stage].source))

    @cached_property
    def utterances(self) -> dict[str, Record]:
        """The records of the utterances stage, by id."""
        return {record["id"]: record for record in self.records("utterances")}

    @cached_property
    def segments(self) -> dict[str, Record]:
        """The records of the segments stage, by id."""
        return {record["id"]: record for record in self.records("segments")}

    @cached_property
    def recordings(self) -> dict[str, Record]:
        """The records of the wav stage, by id."""
        return {record["id"]: record for record in self.records("wav")}

    @cached_property
    def kept(self) -> list[Record]:
        """The labels records of what every stage kept."""
        usable = set.intersection(
            *({r["id"] for r in self.records(stage)} for stage in FEATURES if stage in self.manifests)
        )
        return [record for record in self.records("labels") if record["id"] in usable]

    def unvoiced(self) -> Iterator[Record]:
        """The labels records of segments that the pitch stage left out."""
        lost = {e.id for e in self.excluded("pitch")}
        return (record for record in self.records("labels") if record["id"] in lost)
