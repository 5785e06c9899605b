"""What a person should listen to: unusual segments, what trimming removed, and excerpts of recordings as wav files."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import soundfile

from koeru.audio.files import read_wav
from koeru.audio.muting import silenced
from koeru.audio.silence import SOFTEST, STRETCH
from koeru.audio.silence import Stretch as Span
from koeru.graph.store import FACTS, Record
from koeru.jobs.segments import muted_of
from koeru.report.quality.dataset import Removed, Suspect
from koeru.report.quality.shards import Shard
from koeru.report.quality.voices import rate

FOLDER = "listen"
SUSPECTS_EACH = 2
LOUDEST = 6
AROUND = 1.0  # seconds of what was removed, at most
PEAK_DBFS, MOST_DB = -6.0, 60.0  # a soft excerpt is turned up until its peak is here, by no more than this


@dataclass(frozen=True)
class Cut:
    """The samples [start, stop) of a file of the wav stage, some of them muted, to be written under a name."""

    name: str
    file: str
    start: int
    stop: int
    audible: bool = False  # whether to turn it up
    muted: Sequence[Span] = ()  # in samples of the file

    @property
    def path(self) -> str:
        """Where it lies, relative to the page."""
        return f"{FOLDER}/{self.name}.wav"

    def write(self, recordings: Path, folder: Path) -> float:
        """Write it below `folder`; by how many dB it was turned up."""
        wav, sample_rate = read_wav(recordings / self.file)
        excerpt = silenced(wav[self.start : self.stop], self.muted, self.start)
        gain_db = 0.0
        if self.audible and (peak := np.abs(excerpt.astype(np.int32)).max(initial=0)):
            gain_db = round(float(np.clip(PEAK_DBFS - 20 * np.log10(peak / 32768), 0, MOST_DB)), 1)
            excerpt = np.round(excerpt * 10 ** (gain_db / 20)).astype(np.int16)
        target = folder / self.path
        target.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(target, excerpt, sample_rate)
        return gain_db


def whole(segment: Record, recording: Record) -> Cut:
    """A whole segment."""
    muted = muted_of(segment)
    return Cut(segment["id"], recording["file"], segment["start"], segment["stop"], muted=muted)


@dataclass(frozen=True)
class Unusual:
    """A kept segment, a measure of it, and where it lies."""

    value: float
    labels: Record
    cut: Cut


def _signed(value: float) -> str:
    return f"{value:.1f}".replace("-", "−")


@dataclass(frozen=True)
class Known:
    """A kept segment as its stages know it, the share of its frames that are voiced, and its phones a second."""

    labels: Record
    segment: Record
    recording: Record
    voiced: float
    rate: float

    @property
    def bandwidth_hz(self) -> float:
        """Of its recording; nan where it could not be measured, or is as wide as can be."""
        hz = self.recording[FACTS]["bandwidth_hz"]
        most = self.recording["n_samples"] / self.recording["seconds"] / 2
        return math.nan if hz is None or math.isclose(hz, most) else hz


# what is measured, if the largest is meant, the words
Measure = Callable[[Known], float]
WAYS: tuple[tuple[Measure, bool, Callable[[float], str]], ...] = (
    (lambda known: known.voiced, False, lambda v: f"only {v:.0%} of its frames are voiced"),
    (lambda known: known.bandwidth_hz, False, lambda v: f"the narrowest: no speech above {v:,.0f} Hz"),
    (lambda known: known.segment["level_dbfs"], False, lambda v: f"the softest: {_signed(v)} dBFS"),
    (lambda known: known.segment["level_dbfs"], True, lambda v: f"the loudest: {_signed(v)} dBFS"),
    (lambda known: known.rate, False, lambda v: f"the slowest: {v:.1f} phones a second"),
    (lambda known: known.rate, True, lambda v: f"the fastest: {v:.1f} phones a second"),
    (lambda known: known.labels["seconds"], True, lambda v: f"the longest: {v:.1f} s"),
)


@dataclass
class Suspects:
    """The kept segments that lie furthest out, a few for each way of lying out."""

    found: list[list[Unusual]] = field(default_factory=lambda: [[] for _ in WAYS])

    def add(self, shard: Shard) -> None:
        """Look at a shard."""
        seen = []
        for labels in shard.kept:
            segment, recording = shard.segments[labels["id"]], shard.recordings[labels["utterance"]]
            voiced = float(np.mean(shard.pitch[f"{labels['id']}/voiced"] > 0))
            seen.append(Known(labels, segment, recording, voiced, rate(labels, shard.silences)))
        for i, (measure, largest, _) in enumerate(WAYS):
            measured = [Unusual(measure(known), known.labels, whole(known.segment, known.recording)) for known in seen]
            candidates = [item for item in measured if not math.isnan(item.value)]
            pick = heapq.nlargest if largest else heapq.nsmallest
            self.found[i] = pick(SUSPECTS_EACH, [*self.found[i], *candidates], key=lambda item: item.value)

    def listed(self) -> tuple[list[Suspect], list[Cut]]:
        """Each once, with everything that is unusual about it; and their recordings."""
        suspects: dict[str, Suspect] = {}
        cuts: dict[str, Cut] = {}
        for (_, _, words), items in zip(WAYS, self.found, strict=True):
            for item in items:
                r, why = item.labels, words(item.value)
                if r["id"] in suspects:
                    why = f"{suspects[r['id']].why}; {why}"
                audio = item.cut.path
                suspects[r["id"]] = Suspect(r["id"], r["speaker"], r["emotion"], r["text"], why, audio, r["seconds"])
                cuts[r["id"]] = item.cut
        return list(suspects.values()), list(cuts.values())


@dataclass(frozen=True)
class Stretch:
    """The loudest stretch that was removed somewhere; `at`, and the bounds of what was removed there, in samples."""

    dbfs: float
    utterance: str
    speaker: str
    where: Literal["head", "tail", "within"]
    at: int
    first: int
    last: int
    removed_s: float
    file: str

    def cut(self, sample_rate: int) -> Cut:
        """What was removed, at most a second around the stretch, turned up."""
        length = min(round(AROUND * sample_rate), self.last - self.first)
        centre = self.at + round(STRETCH * sample_rate / 1000) // 2
        start = min(max(self.first, centre - length // 2), self.last - length)
        kind = "muted" if self.where == "within" else "removed"
        return Cut(f"{kind}.{self.utterance}", self.file, start, start + length, audible=True)


@dataclass
class Stretches:
    """The loudest stretches that were trimmed away, and that were muted, one a recording; no digital silence."""

    trimmed: list[Stretch] = field(default_factory=list)
    muted: list[Stretch] = field(default_factory=list)

    def add(self, shard: Shard) -> None:
        """Look at a shard."""
        records = shard.records("segments")
        self.trimmed = _loudest([*self.trimmed, *_trimmed(records, shard)])
        self.muted = _loudest([*self.muted, *_muted(records, shard)])

    def write(self, recordings: Path, folder: Path, sample_rate: int) -> list[Removed]:
        """Write them as wav files below `folder`; what the page shows of them, the loudest of each kind first."""
        removed = []
        for stretch in (*self.trimmed, *self.muted):
            cut = stretch.cut(sample_rate)
            gain_db = cut.write(recordings, folder)
            at_s = stretch.at / sample_rate
            who = (stretch.utterance, stretch.speaker, stretch.where, stretch.dbfs)
            removed.append(Removed(*who, at_s, stretch.removed_s, cut.path, gain_db))
        return removed


def _loudest(stretches: Iterable[Stretch]) -> list[Stretch]:
    return heapq.nlargest(LOUDEST, stretches, key=lambda stretch: stretch.dbfs)


def _heard(told: Record | None) -> bool:
    """Whether something was taken, and is not digital silence."""
    return told is not None and told["loudest_dbfs"] is not None and told["loudest_dbfs"] > SOFTEST


def _trimmed(records: Sequence[Record], shard: Shard) -> Iterator[Stretch]:
    ends: dict[str, int] = {}
    for record in records:
        ends[record["utterance"]] = max(record["stop"], ends.get(record["utterance"], 0))
    for record in records:
        if _heard(told := record["trimmed"]):
            name, at = record["utterance"], told["loudest_at"]
            head = at < record["start"]
            where = ("head", at, 0, record["start"]) if head else ("tail", at, ends[name], record["n_samples"])
            file = shard.recordings[name]["file"]
            yield Stretch(told["loudest_dbfs"], name, record["speaker"], *where, told["seconds"], file)


def _muted(records: Sequence[Record], shard: Shard) -> Iterator[Stretch]:
    stretches: dict[str, list[Span]] = {}
    for record in records:
        stretches.setdefault(record["utterance"], []).extend(muted_of(record))
    for record in records:
        if _heard(told := record.get(FACTS, {}).get("muted")):
            name, at = record["utterance"], told["loudest_at"]
            bounds = next((start, stop) for start, stop in stretches[name] if start <= at < stop)
            file = shard.recordings[name]["file"]
            yield Stretch(told["loudest_dbfs"], name, record["speaker"], "within", at, *bounds, told["seconds"], file)
