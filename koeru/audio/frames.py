"""The frame rule: how samples and boundaries become frames, in one place.

A segment of N samples has T = N // hop_length frames. Frame k covers the samples
[k * hop_length, (k + 1) * hop_length) and is centred on (k + 1/2) * hop_length.
A boundary at sample b becomes the frame index floor(b / hop_length + 1/2). A sentence begins in the frame in which the
silence before it does.
"""

import math
from collections.abc import Iterable, Sequence
from operator import le, sub


def n_frames(n_samples: int, hop_length: int) -> int:
    """Return T, the number of whole hops in `n_samples` samples."""
    if n_samples < 0 or hop_length <= 0:
        raise ValueError(f"no frames of {n_samples} samples at hop_length {hop_length}")
    return n_samples // hop_length


def sentence_starts(silences: Iterable[Sequence[int]], start: int, n_frames: int, hop_length: int) -> tuple[int, ...]:
    """The frames at which the sentences of a segment begin, the first of which is 0.

    `silences` are [start, stop) in samples of the recording, as `start` is, where the segment begins.
    """
    starts = {(silence[0] - start) // hop_length for silence in silences}
    return (0, *sorted(frame for frame in starts if 0 < frame < n_frames))


def boundaries_to_frames(boundaries: Sequence[float], n_samples: int, hop_length: int) -> list[int]:
    """Round the P + 1 boundaries of P phones, in samples from the segment's start, to frame indices.

    The first is 0 and the last T whatever the input says, the others lie within [0, T]: silence that
    was trimmed away or a last sample that fills no frame must not move the sum of the durations.
    Raises ValueError when boundaries are fewer than two, not finite, or go backwards. In plain Python:
    for the tens of boundaries of an utterance that is several times as fast as numpy.
    """
    if len(boundaries) < 2:
        raise ValueError(f"P phones have P + 1 boundaries, at least 2; got {len(boundaries)}")
    if not all(map(math.isfinite, boundaries)):
        raise ValueError(f"boundary {[*map(math.isfinite, boundaries)].index(False)} is not finite")
    if not all(map(le, boundaries, boundaries[1:])):
        at = [*map(le, boundaries, boundaries[1:])].index(False)
        raise ValueError(f"boundary {at + 1} ({boundaries[at + 1]}) lies before boundary {at} ({boundaries[at]})")
    total = n_frames(n_samples, hop_length)
    inner = [int(boundary / hop_length + 0.5) for boundary in boundaries[1:-1]]  # of what is below 0, 0 follows
    if inner and (inner[0] < 0 or inner[-1] > total):
        inner = [min(max(frame, 0), total) for frame in inner]
    return [0, *inner, total]


def durations(boundaries: Sequence[float], n_samples: int, hop_length: int) -> list[int]:
    """Return the durations in frames, (P,), of the phones between P + 1 boundaries; they sum to exactly T."""
    frames = boundaries_to_frames(boundaries, n_samples, hop_length)
    return list(map(sub, frames[1:], frames))
