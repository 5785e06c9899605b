"""What is measured of each speaker, in a memory that the number of frames does not enlarge."""

from __future__ import annotations

from array import array
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from koeru.report.quality.recorded import Recorded

CENTS = 1200  # an octave
OCTAVES = 10
LOWEST_HZ = 10.0


@dataclass
class F0:
    """How often which F0 occurs, in bins of one cent (0.06 %) from 10 Hz to 10,240 Hz; what lies beyond is clipped."""

    counts: NDArray[np.int64] = field(default_factory=lambda: np.zeros(OCTAVES * CENTS, np.int64))

    def add(self, log_f0: NDArray) -> None:
        """Count values (T,) in natural log of Hz."""
        cents = (log_f0 - np.log(LOWEST_HZ)) * (CENTS / np.log(2))
        bins = np.clip(cents.astype(np.int64), 0, len(self.counts) - 1)
        self.counts += np.bincount(bins, minlength=len(self.counts))

    @property
    def total(self) -> int:
        """How many values were counted."""
        return int(self.counts.sum())

    def hz(self) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """The bins that hold something: their middles in Hz, and how many values each holds."""
        used = np.flatnonzero(self.counts)
        return LOWEST_HZ * 2 ** ((used + 0.5) / CENTS), self.counts[used]

    def quantile(self, share: float) -> float:
        """The F0 in Hz below which a share of the values lies, to the bin; nan where there are none."""
        if not self.total:
            return float("nan")
        reached = np.searchsorted(np.cumsum(self.counts), max(1, share * self.total))
        return float(LOWEST_HZ * 2 ** ((reached + 0.5) / CENTS))

    def beyond_an_octave(self) -> float:
        """The share of the values more than an octave from their median; 0 where there are none."""
        if not self.total:
            return 0.0
        median = int(np.searchsorted(np.cumsum(self.counts), max(1, self.total / 2)))
        within = self.counts[max(0, median - CENTS) : median + CENTS + 1]
        return 1 - int(within.sum()) / self.total


def _floats() -> array[float]:
    return array("f")


@dataclass
class SpeakerSums:
    """One speaker. Frames, F0, levels and rates are those of the kept segments; what clips, how wide it is and what was
    trimmed away is of all recordings, also of utterances that a later stage excluded. `silences` are the language's
    names of silence and pauses.

    `energy` is the sum of squares of the recordings, of samples at full scale 1. `loudest_dbfs` and `trimmed_s` have
    an entry for each recording of which silence was trimmed away.
    """

    silences: Container[str]
    frames: int = 0
    labelled: int = 0  # frames of segments that have phones
    voiced: int = 0
    silent: int = 0
    n_samples: int = 0
    on_flat_tops: float = 0.0
    energy: float = 0.0
    trimmed_energy: float = 0.0
    muted_energy: float = 0.0
    f0: F0 = field(default_factory=F0)
    recorded: Recorded = field(default_factory=Recorded)
    seconds: array[float] = field(default_factory=_floats)
    levels_dbfs: array[float] = field(default_factory=_floats)
    rates: array[float] = field(default_factory=_floats)  # phones a second
    trimmed_s: array[float] = field(default_factory=_floats)
    loudest_dbfs: array[float] = field(default_factory=_floats)

    def add_recording(self, record: Mapping[str, Any]) -> None:
        """Take a record of the wav stage."""
        self.n_samples += record["n_samples"]
        self.on_flat_tops += record["clipped"] * record["n_samples"]
        self.recorded.add(record)

    def add_trimmed(self, told: Mapping[str, Any]) -> None:
        """Take what a record of the segments stage tells of trimming (koeru.audio.silence.Taken)."""
        self.energy += told["energy"]
        self.trimmed_energy += told["energy"] * told["energy_share"]
        if told["loudest_dbfs"] is not None:
            self.trimmed_s.append(told["seconds"])
            self.loudest_dbfs.append(told["loudest_dbfs"])

    def add_muted(self, told: Mapping[str, Any]) -> None:
        """Take what a record of the segments stage tells of what is digital zero within its speech."""
        self.muted_energy += told["energy"] * told["energy_share"]

    def add_segment(self, labels: Mapping[str, Any], level_dbfs: float, log_f0: NDArray, voiced: NDArray) -> None:
        """Take a kept segment: its labels record, its level, and log F0 (T,) in natural log of Hz with voicing (T,)."""
        self._count(labels)
        self.voiced += int(np.count_nonzero(voiced))
        self.f0.add(log_f0[voiced > 0])
        self.seconds.append(labels["seconds"])
        self.levels_dbfs.append(level_dbfs)
        if labels["phones"]:
            self.rates.append(rate(labels, self.silences))

    def add_unvoiced(self, labels: Mapping[str, Any]) -> None:
        """Take a segment that was excluded because no frame of it is voiced: its frames count."""
        self._count(labels)

    def _count(self, labels: Mapping[str, Any]) -> None:
        self.frames += labels["n_frames"]
        self.labelled += sum(labels["durations"])
        self.silent += silent_frames(labels, self.silences)

    @property
    def voiced_share(self) -> float:
        """Voiced frames of all frames; nan without frames."""
        return _share(self.voiced, self.frames)

    @property
    def silence_share(self) -> float:
        """Frames of silence and pauses of all frames; nan without phones."""
        return _share(self.silent, self.frames if self.labelled else 0)

    @property
    def clipped_share(self) -> float:
        """Samples on flat tops of all samples."""
        return _share(self.on_flat_tops, self.n_samples)

    @property
    def removed_energy_share(self) -> float:
        """Energy that was trimmed or muted away, of all energy."""
        return _share(self.trimmed_energy + self.muted_energy, self.energy)

    @property
    def level_spread_db(self) -> float:
        """From the 5th to the 95th percentile of the levels."""
        low, high = np.percentile(self.levels_dbfs, [5, 95]) if self.levels_dbfs else (np.nan, np.nan)
        return float(high - low)

    @property
    def rate_outliers(self) -> float:
        """Segments spoken at less than half or more than double the median rate, of all; nan without phones."""
        ratio = np.array(self.rates) / np.median(self.rates) if self.rates else np.zeros(0)
        return _share(int(np.sum((ratio < 0.5) | (ratio > 2))), len(ratio))


def _share(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")


def silent_frames(labels: Mapping[str, Any], silences: Container[str]) -> int:
    """The frames of silence and pauses in a labels record."""
    return sum(n for phone, n in zip(labels["phones"], labels["durations"], strict=True) if phone in silences)


def rate(labels: Mapping[str, Any], silences: Container[str]) -> float:
    """Phones a second of speech, silences and pauses left out of both; 0 where no frame is left, nan without phones."""
    if not labels["phones"]:
        return float("nan")
    spoken = sum(phone not in silences for phone in labels["phones"])
    share = 1 - silent_frames(labels, silences) / labels["n_frames"]
    return spoken / (share * labels["seconds"]) if share > 0 else 0.0


def shared_sentences(train: Sequence[int], held_out: Sequence[int]) -> float:
    """The share of held-out utterances whose sentence is also one of training, by its hash; 0 without any."""
    found = np.isin(np.asarray(held_out, np.uint64), np.asarray(train, np.uint64))
    return float(found.mean()) if len(found) else 0.0
