"""What is quiet between head and tail: how much of it a threshold makes digital zero, or would, and how loud it is."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from koeru.audio.muting import ABOVE, THRESHOLDS
from koeru.graph.store import FACTS
from koeru.report.data import Picture
from koeru.report.quality.distributions import MAX_HISTOGRAMS, over_thresholds
from koeru.report.quality.shards import Shard

MARKED = (-80, -100)  # dBFS, told in words
EVERYONE = "all"
MAX_ROWS = 20  # speakers in the table, those with the most first
LOUD = 0.01  # of what is muted, the share that may stand out from its background without a warning


@dataclass(frozen=True)
class Silenced:
    """What a threshold in dBFS silences of one's speech; `share` is of all of it.

    ``standing_out_s`` stand out from the background of their recordings. ``peak_dbfs`` is that of the largest sample,
    None where nothing is silenced, or nothing but digital zeros.
    """

    threshold: int
    seconds: float
    share: float
    standing_out_s: float
    peak_dbfs: float | None


@dataclass(frozen=True)
class Muted:
    """What is digital zero in a dataset that mutes: the level is that of the loudest 50 ms, None without any."""

    seconds: float
    share: float
    energy_share: float
    loudest_dbfs: float | None


@dataclass(frozen=True)
class Inner:
    """What the page tells: of all and of each speaker what the thresholds of MARKED silence, in their order.

    Of ``untold`` recordings the segments were made before this was measured. ``muted`` is None where the dataset does
    not mute.
    """

    silence_thresh_t: float
    chunk_size_ms: int
    recordings: int
    untold: int
    rows: Mapping[str, tuple[Silenced, ...]]
    speakers: int
    muted: Muted | None = None
    warnings: Sequence[str] = ()
    picture: Picture | None = None


@dataclass
class Sums:
    """One speaker, or all: chunks by the lowest threshold that they are not louder than, as koeru.audio.muting."""

    chunks: NDArray[np.int64] = field(default_factory=lambda: np.zeros(len(THRESHOLDS) + 1, np.int64))
    standing_out: NDArray[np.int64] = field(default_factory=lambda: np.zeros(len(THRESHOLDS), np.int64))
    peaks: NDArray[np.int64] = field(default_factory=lambda: np.zeros(len(THRESHOLDS), np.int64))
    muted_s: float = 0.0
    loudest_dbfs: float = -math.inf

    def add(self, told: Mapping[str, Any]) -> None:
        """Take the facts of a recording."""
        quiet = told["quiet"]
        chunks, loud = np.array(quiet["chunks"], np.int64), quiet["background"] + ABOVE
        self.chunks += chunks
        self.standing_out[loud:] += chunks[loud:-1]
        np.maximum(self.peaks, quiet["peaks"], out=self.peaks)
        if "muted" in told:
            muted = told["muted"]
            self.muted_s += muted["seconds"]
            if muted["loudest_dbfs"] is not None:
                self.loudest_dbfs = max(self.loudest_dbfs, muted["loudest_dbfs"])

    def silenced(self, chunk_size: int) -> list[Silenced]:
        """What each of THRESHOLDS silences, with chunks of so many ms."""
        seconds, standing_out = (np.cumsum(n) * chunk_size / 1000 for n in (self.chunks[:-1], self.standing_out))
        shares = np.cumsum(self.chunks[:-1]) / max(1, self.chunks.sum())
        peaks = [20 * math.log10(peak / 32768) if peak else None for peak in np.maximum.accumulate(self.peaks)]
        return [
            Silenced(threshold, *map(float, own), peak)
            for threshold, peak, *own in zip(THRESHOLDS, peaks, seconds, shares, standing_out, strict=True)
        ]


@dataclass
class InnerSilence:
    """The sums of each speaker, and of all. Shards are added one by one."""

    everyone: Sums = field(default_factory=Sums)
    speakers: dict[str, Sums] = field(default_factory=dict)
    told: int = 0
    untold: int = 0

    def add(self, shard: Shard) -> None:
        """Look at a shard."""
        for record in shard.records("segments"):
            if record["trimmed"] is None:  # its utterance's first segment tells
                continue
            facts = record.get(FACTS)
            if facts is None:
                self.untold += 1
                continue
            self.told += 1
            self.everyone.add(facts)
            self.speakers.setdefault(record["speaker"], Sums()).add(facts)

    def content(self, params: Mapping[str, Any], energy_share: float) -> Inner:
        """What the page tells; `params` are those of the stage, `energy_share` is that of what is muted."""
        threshold, chunk_size = params["segments.silence_thresh_t"], params["segments.chunk_size"]
        everyone = {EVERYONE: self.everyone.silenced(chunk_size)}
        by_name = {name: sums.silenced(chunk_size) for name, sums in sorted(self.speakers.items())}
        most = sorted(by_name, key=lambda name: -at(by_name[name], MARKED[0]).seconds)
        listed = everyone | {name: by_name[name] for name in most[:MAX_ROWS]}
        drawn, title = by_name, "What a threshold silences within the speech, by speaker"
        if len(by_name) > MAX_HISTOGRAMS:
            drawn = everyone | {name: by_name[name] for name in most[: MAX_HISTOGRAMS - 1]}
            title += f": those of {len(by_name)} with the most at {MARKED[0]} dBFS, and all together"
        muting = params["segments.mute_inner"]
        return Inner(
            silence_thresh_t=threshold,
            chunk_size_ms=chunk_size,
            recordings=self.told + self.untold,
            untold=self.untold,
            rows={name: tuple(at(rows, one) for one in MARKED) for name, rows in listed.items()},
            speakers=len(by_name),
            muted=self._muted(chunk_size, energy_share) if muting else None,
            warnings=_warnings({name: at(rows, threshold) for name, rows in by_name.items()}) if muting else (),
            picture=Picture(_picture(drawn, threshold), title, title) if drawn else None,
        )

    def _muted(self, chunk_size: int, energy_share: float) -> Muted:
        sums, whole = self.everyone, float(self.everyone.chunks.sum()) * chunk_size / 1000
        loudest = sums.loudest_dbfs if math.isfinite(sums.loudest_dbfs) else None
        return Muted(sums.muted_s, sums.muted_s / (whole or 1), energy_share, loudest)


def _warnings(muted: Mapping[str, Silenced]) -> list[str]:
    """Where what was muted, of each speaker, is more than background."""
    heard = {name: row for name, row in muted.items() if row.standing_out_s > LOUD * row.seconds}
    if not heard:
        return []
    worst = max(heard, key=lambda name: heard[name].standing_out_s)
    return [
        f"segments.mute_inner has made {heard[worst].seconds:.1f} s of {worst} digital zero, of which at least "
        f"{heard[worst].standing_out_s:.1f} s stand out from the background of their recordings"
        f"{f', and of {len(heard) - 1} other speakers as well' if len(heard) > 1 else ''}: something sounds there. "
        "Listen to the loudest of it on the quality page, and lower segments.silence_thresh_t, or mute nothing"
    ]


def at(rows: list[Silenced], threshold: float) -> Silenced:
    """The row of the highest of THRESHOLDS that is not above a threshold; of the lowest, where all are."""
    return rows[max(0, int(np.searchsorted(THRESHOLDS, threshold, side="right")) - 1)]


def _picture(rows: Mapping[str, list[Silenced]], threshold: float) -> str:
    """Three panels over the thresholds, a line a name."""
    panels = {
        "silenced (s)": {name: [row.seconds for row in own] for name, own in rows.items()},
        "of it, standing out from the background (s)": {n: [r.standing_out_s for r in own] for n, own in rows.items()},
        "its largest sample (dBFS)": {
            name: [math.nan if row.peak_dbfs is None else row.peak_dbfs for row in own] for name, own in rows.items()
        },
    }
    return over_thresholds(THRESHOLDS, panels, MARKED, threshold)
