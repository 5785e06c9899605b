"""Durations between two utterances of a sentence: how many reduced frames of the target each of the source becomes.

A reduced frame is `factor` frames; the last one is filled up with the last frame.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from koeru.audio.alignment import DECIBELS, cepstra
from koeru.audio.warping import Warp, warp
from koeru.families.vc.reduction import whole

CEPSTRA = 12  # the last one: what is finer belongs to the voice more than to what it says
SLOPE = np.array([-2, -1, 0, 1, 2]) / 10  # of the straight line through five frames
FRAMES_OF_SLOPE = 5  # what changes within so many frames counts as much as the sound itself: it is more alike


@dataclass(frozen=True)
class Aligner:
    """Aligns the mels of two voices by dynamic time warping, at `factor` frames a reduced frame.

    Looked for is a way within `half_width` reduced frames of the target beside the straight line from beginning to end.
    A step in which only one of the two goes on costs `penalty_db`, as much as mels that lie so far apart. Stretches of
    the source that are softer than `silence_thresh`, in dBFS, are spread evenly over what they become.
    """

    factor: int
    half_width: int
    penalty_db: float
    silence_thresh: float

    def __call__(self, source: NDArray, levels: NDArray, target: NDArray) -> tuple[NDArray[np.int32], Warp]:
        """Durations (S,) of a source, with mel (T, M) and `levels` (T,) in dBFS, in a target with mel (T', M); the way.

        Mels are natural logs of amplitudes.
        """
        found = warp(*(features(mel, self.factor) for mel in (source, target)), self.half_width, self.penalty_db)
        silent = (whole(levels, self.factor).reshape(-1, self.factor) < self.silence_thresh).all(1)
        return spread(durations(found), silent), found


def features(mel: NDArray, factor: int) -> NDArray[np.float32]:
    """What is alike of one sentence by two voices, (S, D) in dB: the smoothed log-mel (T, M), its mean off, its slope.

    Distances of it are root mean squares over the bands. The mean is what voices and microphones differ by.
    Without the slope, most of a steady sound of the one lies upon a single frame of the other.
    """
    shape = DECIBELS / np.sqrt(mel.shape[1]) * cepstra(mel.astype(np.float64), last=CEPSTRA)
    shape -= shape.mean(0)
    around = np.pad(shape, ((2, 2), (0, 0)), mode="edge")
    slope = sum(weight * around[k : k + len(shape)] for k, weight in enumerate(SLOPE))
    both = np.concatenate([shape, FRAMES_OF_SLOPE * slope], axis=1)
    return whole(both, factor).reshape(-1, factor, both.shape[1]).mean(1).astype(np.float32)


def durations(found: Warp) -> NDArray[np.int32]:
    """The durations (S,) along a way: every frame of the target belongs to the first of the source that lies upon it.

    So they sum to all frames of the target, and later frames of the source that lie upon the same one get none.
    """
    first = np.concatenate([[True], np.diff(found.columns) > 0])
    return np.bincount(found.rows[first], minlength=found.rows[-1] + 1).astype(np.int32)


def spread(durations: NDArray[np.int32], silent: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Durations (S,) with those of each stretch of `silent` (S,) frames made even; its sum stays what it is."""
    found = durations.copy()
    bounds = np.flatnonzero(np.diff(silent, prepend=False, append=False))
    for start, stop in bounds.reshape(-1, 2):
        length = stop - start
        found[start:stop] = np.diff(np.arange(length + 1) * int(durations[start:stop].sum()) // length)
    return found
