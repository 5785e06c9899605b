"""What a conversion must beat: the source stretched in time, and the source mapped by WORLD."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from koeru.audio.mel import MelSpec, log_mel
from koeru.audio.world import Method, f0, interpolate_log_f0, synthesise
from koeru.families.vc.measure.distance import Heard

Couple = tuple[str, str]  # the speakers, source and target
Arrays = Mapping[str, NDArray]  # of an utterance: sp (T5, C), the coded envelope, and f0 (T5,) in Hz, 0 where unvoiced


@dataclass
class _Sums:
    """Of one side of a couple: frames, and over those that are voiced log F0, its square, and the coded envelope."""

    frames: int = 0
    voiced: int = 0
    log_f0: float = 0.0
    log_f0_squared: float = 0.0
    sp: NDArray | float = 0.0  # (C,)

    def add(self, arrays: Arrays) -> None:
        voiced = arrays["f0"] > 0
        log_f0 = np.log(arrays["f0"][voiced].astype(np.float64))
        self.frames += len(voiced)
        self.voiced += len(log_f0)
        self.log_f0 += float(log_f0.sum())
        self.log_f0_squared += float(np.square(log_f0).sum())
        self.sp = self.sp + arrays["sp"][voiced].sum(axis=0, dtype=np.float64)

    @property
    def mean(self) -> float:
        return self.log_f0 / self.voiced

    @property
    def deviation(self) -> float:
        return float(np.sqrt(max(self.log_f0_squared / self.voiced - self.mean**2, 0.0)))


@dataclass
class Baselines:
    """Both baselines, by what the training pairs of each couple of speakers have in the mean.

    ``add`` the pairs of the training split, then ask for others. Kept are sums alone.
    """

    _sums: dict[Couple, tuple[_Sums, _Sums]] = field(default_factory=dict)

    def add(self, couple: Couple, source: Arrays, target: Arrays) -> None:
        """Takes in one pair of the training split."""
        for sums, arrays in zip(self._sums.setdefault(couple, (_Sums(), _Sums())), (source, target), strict=True):
            sums.add(arrays)

    def ratio(self, couple: Couple) -> float:
        """How many times as long as its source a target lasts, over all training pairs of the couple."""
        source, target = self._of(couple)
        return target.frames / source.frames

    def stretched(self, couple: Couple, source: Heard) -> Heard:
        """The source, T frames, in round(T * ratio) frames: linear between frames, with the voicing of the nearest."""
        n_frames = len(source.mel)
        n_made = max(1, round(n_frames * self.ratio(couple)))
        at = np.clip((np.arange(n_made) + 0.5) * n_frames / n_made - 0.5, 0, n_frames - 1)  # (T',)
        before = np.floor(at).astype(int)
        after, share = np.minimum(before + 1, n_frames - 1), at - before
        mel, log_f0 = (
            between[before] * (1 - weight) + between[after] * weight
            for between, weight in ((source.mel, share[:, None]), (source.log_f0, share))
        )
        return Heard(mel, log_f0, source.voiced[np.round(at).astype(int)])

    def world(self, couple: Couple, source: Arrays, sample_rate: int, frame_period: float = 5.0) -> NDArray[np.float32]:
        """The source as speech (N,), mapped by WORLD; `frame_period` in ms is that of its arrays.

        Log F0 where voiced gets the target's mean and deviation, the envelope is moved by the difference of the mean
        envelopes of voiced frames, and all is stretched by the ratio. As of `synthesise`, it may exceed full scale.
        """
        own, other = self._of(couple)
        scale = other.deviation / own.deviation if own.deviation else 1.0  # a source of one F0 has no range to map
        voiced, hz = source["f0"] > 0, np.zeros(len(source["f0"]))
        hz[voiced] = np.exp((np.log(source["f0"][voiced]) - own.mean) * scale + other.mean)
        coded = source["sp"] + (other.sp / other.voiced - own.sp / own.voiced)
        return synthesise(hz, coded, sample_rate, frame_period * self.ratio(couple))

    def to_dict(self) -> list[dict[str, Any]]:
        """What is known of each couple, as JSON holds it."""
        return [
            {"couple": list(couple), "sides": [vars(side) | {"sp": np.asarray(side.sp).tolist()} for side in sides]}
            for couple, sides in self._sums.items()
        ]

    @classmethod
    def of(cls, told: Sequence[Mapping[str, Any]]) -> Self:
        """The inverse of `to_dict`."""
        found = {
            tuple(one["couple"]): tuple(_Sums(**{**side, "sp": np.array(side["sp"])}) for side in one["sides"])
            for one in told
        }
        return cls(found)

    def _of(self, couple: Couple) -> tuple[_Sums, _Sums]:
        sums = self._sums.get(couple)
        if sums is None or not all(side.voiced for side in sums):
            raise ValueError(f"no voiced training pair of {' and '.join(couple)} tells what the baselines are")
        return sums


def heard(wav: NDArray[np.floating], spec: MelSpec, method: Method, f0_floor: float, f0_ceil: float) -> Heard:
    """What is compared of speech (N,) of full scale 1, which must last a frame; F0 is searched between bounds in Hz."""
    hz = f0(wav, spec.sample_rate, spec.hop_length, method, f0_floor, f0_ceil)
    mel = log_mel(wav.astype(np.float32), spec)
    if not (hz > 0).any():  # then no frame counts for F0, and all count for voicing
        return Heard(mel, np.zeros(len(mel)), np.zeros(len(mel), dtype=bool))
    log_f0, voiced = interpolate_log_f0(hz)
    return Heard(mel, log_f0, voiced.astype(bool))
