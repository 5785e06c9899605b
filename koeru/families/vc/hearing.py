"""What a converter hears of a recording that is no part of a dataset: the features of its dataset, computed alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

import numpy as np

from koeru.audio.energy import log_energy
from koeru.audio.mel import MelSpec, log_mel
from koeru.audio.silence import Segment, find_segments
from koeru.audio.world import Method, f0, interpolate_log_f0


@dataclass(frozen=True)
class Hearing:
    """How a dataset's features were computed, by its leaves; `f0_bounds` in Hz are those of some speakers."""

    mel: MelSpec
    method: Method
    f0_floor: float
    f0_ceil: float
    silence: Mapping[str, Any]  # of `koeru.audio.silence.find_segments`: thresholds in dBFS, lengths in ms
    f0_bounds: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Self:
        """The inverse of `to_dict`."""
        return cls(**{**told, "mel": MelSpec(**told["mel"])})

    def to_dict(self) -> dict[str, Any]:
        """As the file of a converter tells it."""
        return asdict(self)

    def segments(self, wav: np.ndarray) -> list[Segment]:
        """What of int16 samples (N,) is speech, with the silences in it; [] where nothing is loud enough."""
        return find_segments(wav, self.mel.sample_rate, **self.silence)

    def features(self, wav: np.ndarray, speaker: str) -> dict[str, np.ndarray]:
        """log_f0, voiced, log_energy (T,) and mel (T, M) of int16 samples (N,).

        Errors: UnvoicedError where no frame is voiced; ValueError where the samples are too few for one frame.
        """
        mel, signal = self.mel, wav.astype(np.float32) / 32768
        bounds = {"f0_floor": self.f0_floor, "f0_ceil": self.f0_ceil} | dict(self.f0_bounds.get(speaker, {}))
        log_f0, voiced = interpolate_log_f0(f0(wav / 32768.0, mel.sample_rate, mel.hop_length, self.method, **bounds))
        return {
            "log_f0": log_f0,
            "voiced": voiced,
            "log_energy": log_energy(signal, mel.n_fft, mel.hop_length, mel.win_length),
            "mel": log_mel(signal, mel),
        }
