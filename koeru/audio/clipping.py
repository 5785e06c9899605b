"""How much of a recording lies on flat tops: what an overdriven converter makes of every peak, at any level."""

from math import pi, sqrt

import numpy as np
from numpy.typing import NDArray

LEAST = 3  # equal samples in a row, as in Audacity's "Find Clipping" by default
SLOWEST = 200.0  # Hz: peaks of speech, which its first formant shapes, are hardly broader


def clipped_share(samples: NDArray, sample_rate: int, step: float) -> float:
    """The share of samples (N, C) in runs of at least three that are all the highest, or the lowest, of their channel.

    The extreme is the recording's own, not full scale: floats go beyond it, and what was overdriven may have been
    turned down since. `step` is the resolution, in the unit of the samples. The top of a smooth wave is a run of equal
    samples too, where steps are coarse beside it: only longer runs count than those at the peaks of 200 Hz.
    """
    flat = 0
    for channel in samples.T:
        for extreme in (channel.max(initial=0), channel.min(initial=0)):
            if extreme != 0:
                runs = _runs(np.flatnonzero(channel == extreme))
                flat += int(runs[(runs >= LEAST) & (runs > _smooth(float(extreme), sample_rate, step))].sum())
    return flat / max(1, samples.size)


def _runs(at: NDArray[np.intp]) -> NDArray[np.intp]:
    """The lengths of the runs of consecutive indices."""
    ends = np.append(np.flatnonzero(np.diff(at) != 1), len(at) - 1)
    return np.diff(ends, prepend=-1)


def _smooth(extreme: float, sample_rate: int, step: float) -> float:
    """The most samples in a row that a sine of 200 Hz has within a step of its peak: cos x > 1 - step / peak."""
    return 1 + sqrt(2 * step / abs(extreme)) * sample_rate / (pi * SLOWEST)
