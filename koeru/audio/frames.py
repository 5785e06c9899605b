"""The frame rule: how samples and boundaries become frames, in one place.

A segment of N samples has T = N // hop_length frames. Frame k covers the samples
[k * hop_length, (k + 1) * hop_length) and is centred on (k + 1/2) * hop_length.
A boundary at sample b becomes the frame index floor(b / hop_length + 1/2).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def n_frames(n_samples: int, hop_length: int) -> int:
    """Return T, the number of whole hops in `n_samples` samples."""
    if n_samples < 0 or hop_length <= 0:
        raise ValueError(f"no frames of {n_samples} samples at hop_length {hop_length}")
    return n_samples // hop_length


def frame_centres(n_samples: int, hop_length: int) -> NDArray[np.float64]:
    """Return the centres of the frames in samples, (T,)."""
    return (np.arange(n_frames(n_samples, hop_length)) + 0.5) * hop_length


def boundaries_to_frames(boundaries: Sequence[float] | NDArray, n_samples: int, hop_length: int) -> NDArray[np.int64]:
    """Round the P + 1 boundaries of P phones, in samples from the segment's start, to frame indices.

    The first is 0 and the last T whatever the input says, the others lie within [0, T]: silence that
    was trimmed away or a last sample that fills no frame must not move the sum of the durations.
    Raises ValueError when boundaries are fewer than two, not finite, or go backwards.
    """
    samples = np.asarray(boundaries, dtype=np.float64)  # (P + 1,)
    if samples.ndim != 1 or len(samples) < 2:
        raise ValueError(f"P phones have P + 1 boundaries, at least 2; got shape {samples.shape}")
    if not np.isfinite(samples).all():
        raise ValueError(f"boundary {int(np.argmin(np.isfinite(samples)))} is not finite")
    if (np.diff(samples) < 0).any():
        at = int(np.argmax(np.diff(samples) < 0))
        raise ValueError(f"boundary {at + 1} ({samples[at + 1]}) lies before boundary {at} ({samples[at]})")
    total = n_frames(n_samples, hop_length)
    frames = np.clip(np.floor(samples / hop_length + 0.5), 0, total).astype(np.int64)
    frames[0], frames[-1] = 0, total
    return frames


def durations(boundaries: Sequence[float] | NDArray, n_samples: int, hop_length: int) -> NDArray[np.int64]:
    """Return the durations in frames, (P,), of the phones between P + 1 boundaries; they sum to exactly T."""
    return np.diff(boundaries_to_frames(boundaries, n_samples, hop_length))
