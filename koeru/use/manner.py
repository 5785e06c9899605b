"""How a person wants an utterance to go: faster, higher, livelier, louder, with longer pauses."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from koeru.data.contour import Contour, Told

SEMITONE = math.log(2) / 12
DECIBEL = math.log(10) / 20


@dataclass(frozen=True)
class Manner:
    """What is wanted of an utterance beside what its voice makes of it; as it is, nothing.

    Errors: ValueError naming the option that is beyond its bounds.
    """

    speed: float = 1.0  # times as fast
    pitch: float = 0.0  # semitones
    pitch_range: float = 1.0  # times as far from the mean of the utterance, in log F0
    energy: float = 0.0  # dB
    pause: float = 1.0  # times as long, of pauses within the utterance, besides what `speed` does

    def __post_init__(self) -> None:
        for name, (low, high, unit) in BOUNDS.items():
            if not low <= (value := getattr(self, name)) <= high:
                raise ValueError(f"{name}: {value:g} is not from {low:g} to {high:g}{unit}")

    def told(self, contour: Contour, phones: Sequence[str], vowels: Collection[str], pauses: Collection[str]) -> Told:
        """What to tell a voice of an utterance that, left alone, goes like the contour.

        The mean of F0 is that of the `vowels`; `pauses` are the phones that are pauses, of which the first and the last
        of the utterance are none.
        """
        log_f0 = log_energy = None
        if (self.pitch, self.pitch_range) != (0, 1):
            voiced = contour.durations * np.isin(phones, [*vowels])  # (P,) frames
            mean = contour.log_f0 @ voiced / voiced.sum() if voiced.any() else contour.log_f0.mean()
            log_f0 = mean + (contour.log_f0 - mean) * self.pitch_range + self.pitch * SEMITONE
        if self.energy:
            log_energy = contour.log_energy + self.energy * DECIBEL
        return Told(self._durations(contour.durations, np.isin(phones, [*pauses])), log_f0, log_energy)

    def _durations(self, own: np.ndarray, pauses: np.ndarray) -> np.ndarray:
        """Whole frames, at least one where there were any: each, and each sum of them, to a frame as long as wanted."""
        wanted = own / self.speed
        wanted[1:-1] *= np.where(pauses[1:-1], self.pause, 1.0)
        ends = np.floor(np.cumsum(wanted) + 0.5)
        return np.maximum(np.diff(ends, prepend=0), own > 0).astype(np.int64)


BOUNDS = {
    "speed": (0.25, 4.0, " times"),
    "pitch": (-12.0, 12.0, " semitones"),
    "pitch_range": (0.0, 3.0, " times"),
    "energy": (-40.0, 20.0, " dB"),
    "pause": (0.0, 10.0, " times"),
}
