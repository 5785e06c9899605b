"""Statistics of the training split, in passes over it: what normalises its features, and whether that does so."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from koeru.data.reading import Features
from koeru.data.records import Labelled
from koeru.data.splits import SPLITS, nothing_left
from koeru.data.statistics import ALL, Moments, Stats, merge
from koeru.data.vocabulary import Names
from koeru.graph.store import write_json
from koeru.jobs.progress import Progress
from koeru.jobs.run import timed
from koeru.jobs.stage import Arrays, Work, finish

TOLERANCE = 1e-3
# The arrays of an utterance -> feature -> its values (T, …), and which of the frames (T,) count: None is all of them.
Observe = Callable[[Arrays], Mapping[str, tuple[np.ndarray, np.ndarray | None]]]
Seen = tuple[Labelled, Arrays, dict[str, np.ndarray]]  # an utterance, its arrays, its normalised features
ByFeature = dict[str, dict[str, Moments]]  # feature -> speaker -> moments


@dataclass(frozen=True)
class Measured:
    """The utterances of a dataset, looked at one by one, and what is observed of them.

    `stage` is the name that progress is told by; `utterances` and `frames` are counted by split when `stats` has
    looked at all.
    """

    stage: str
    features: Features
    observe: Observe
    utterances: Counter[str] = field(default_factory=Counter)
    frames: Counter[str] = field(default_factory=Counter)

    def stats(self, names: Names, per_speaker: bool) -> Stats:
        """What normalises the features, for speakers and emotions with these names."""
        needed: set[str] = set()
        moments: ByFeature = defaultdict(dict)
        labelled = self.features.store.read_node(self.features.parents["labels"]).more["out"]
        with Progress(self.stage, labelled) as progress:
            for shard, record in self.features.in_turn():
                split = self.features.splits[record["utterance"]]
                self.utterances[split] += 1
                self.frames[split] += record["n_frames"]
                needed.add(record["speaker"])
                if split == "train":
                    arrays = self.features.of_utterance(shard, record["id"])
                    for feature, (values, counted) in self.observe(arrays).items():
                        _add(moments[feature], record["speaker"], values, counted)
                progress.step()
        if not self.utterances["train"]:
            raise ValueError(nothing_left("train"))
        return Stats.of_moments(moments, names=names, per_speaker=per_speaker, needed=sorted(needed))

    def normalised(self, stats: Stats) -> Iterator[Seen]:
        """Every utterance of the training split with its features normalised.

        Errors: ValueError after the last unless every feature has mean 0 and deviation 1.
        """
        moments: ByFeature = defaultdict(dict)
        for record, arrays, found in self._normalised(stats, "checking"):
            for feature, (_, counted) in self.observe(arrays).items():
                _add(moments[feature], record["speaker"], found[feature], counted)
            yield record, arrays, found
        _check(moments, stats.per_speaker)

    def again(self, stats: Stats, stages: Sequence[str]) -> Iterator[Seen]:
        """The same another time, unchecked, with the features of some stages only."""
        yield from self._normalised(stats, "once more", stages)

    def _normalised(self, stats: Stats, what: str, stages: Sequence[str] | None = None) -> Iterator[Seen]:
        with Progress(f"{self.stage}, {what}", self.utterances["train"]) as progress:
            for shard, record in self.features.in_turn("train"):
                arrays = self.features.of_utterance(shard, record["id"], stages)
                who, observed = record["speaker"], self.observe(arrays)
                yield record, arrays, {name: stats.normalise(name, own, who) for name, (own, _) in observed.items()}
                progress.step()


def write_stats(work: Work, measured: Measured, units: Mapping[str, str], complete: Callable[[Stats], Stats]) -> None:
    """Write stats.json and node.json; `complete` looks at what is normalised, and may add to the statistics."""
    run: dict = {}
    with timed(run):
        names = Names.of(work.store.read_node(work.parents["utterances"]).more)
        stats = complete(measured.stats(names, work["stats.per_speaker"]))
        provenance = {"split": "train", "units": dict(units)}
        if "pitch" in work.parents:
            provenance["pitch"] = work.parents["pitch"].key
        write_json(work.folder / "stats.json", stats.to_dict() | {"provenance": provenance})
    told = {
        "utterances": {split: measured.utterances[split] for split in SPLITS},
        "frames": {split: measured.frames[split] for split in SPLITS},
    }
    finish(work, run, names.to_dict() | told)


def _add(moments: dict[str, Moments], speaker: str, values: np.ndarray, counted: np.ndarray | None) -> None:
    own = Moments.of(values if counted is None else values[counted], axis=0)
    moments[speaker] = moments[speaker] + own if speaker in moments else own


def _check(moments: ByFeature, per_speaker: bool) -> None:
    for name, by_speaker in moments.items():
        groups = by_speaker if per_speaker else {ALL: merge(by_speaker.values())}
        for group, found in groups.items():
            if np.abs(found.mean).max() > TOLERANCE or np.abs(found.std - 1).max() > TOLERANCE:
                raise ValueError(
                    f"{name} of {group} is not normalised on the training split: mean {np.abs(found.mean).max():.2g}, "
                    f"deviation off by {np.abs(found.std - 1).max():.2g}; a defect of koeru, nothing was written"
                )
