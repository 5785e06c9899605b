"""Whether the mel that a model makes of an utterance lies on the frames of its recording, and not beside them (numpy).

A vocoder learns which samples belong to a frame. Mels that come late or early teach it something else, and no figure of
its training tells.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

MOST = 2  # frames by which mels are moved, either way
# From this correlation on, an utterance has a say in whether all mels lie beside their recordings. Models that have
# learned nothing lean to a side as well, as their random weights have it, all utterances alike: they correlate by 0.1.
# In the first epochs the mels of some do lag by a frame, which passes before they correlate by 0.8. The mels of a voice
# correlate by about 0.9; were they moved, they would do so in every utterance, at the shift by which they were.
CLEAR = 0.8


class Alignment(NamedTuple):
    """How two mels of an utterance lie to each other."""

    shift: int | None  # frames by which the made mel comes late; None: nothing tells it
    correlations: np.ndarray  # (2 * most + 1,) float64, at the shifts -most..most

    @property
    def clear(self) -> bool:
        """Whether the mels are alike enough to tell where they lie."""
        return self.shift is not None and float(np.max(self.correlations)) >= CLEAR


def best_shift(natural: np.ndarray, made: np.ndarray, most: int = MOST) -> Alignment:
    """The shift in frames, -most..most, at which a made mel (T, M) correlates best with the natural one (T, M).

    At shift k, frame t of the natural mel is compared with frame t + k of the made one: a positive shift says that the
    made mel comes late. Compared are always the same natural frames, those that have a partner at every shift: all but
    the first and the last `most`. From these and from their partners the mean of each band is taken away, since else
    the average spectrum would decide, which is the same at every shift; then it is Pearson's correlation over all
    frames and bands. Of equal correlations the smallest shift counts.

    The shift is None, and all correlations are 0, where fewer than two frames are left to compare, or one of the mels
    never changes. Errors: ValueError where the shapes differ.
    """
    if natural.shape != made.shape:
        raise ValueError(f"the made mel is {made.shape}, the natural one {natural.shape}: they are of different frames")
    shifts = range(-most, most + 1)
    frames = len(natural) - 2 * most
    if frames < 2:
        return Alignment(None, np.zeros(len(shifts)))
    fixed = _without_means(natural[most : most + frames])
    moved = np.stack([_without_means(made[most + k : most + k + frames]) for k in shifts])  # (S, T - 2 most, M)
    products = np.einsum("tm,stm->s", fixed, moved)
    norms = np.sqrt(np.sum(fixed**2) * np.sum(moved**2, axis=(1, 2)))  # (S,)
    correlations = np.divide(products, norms, out=np.zeros(len(shifts)), where=norms > 0)
    if not correlations.any():
        return Alignment(None, correlations)
    return Alignment(max(sorted(shifts, key=abs), key=lambda k: correlations[k + most]), correlations)


def common_shift(alignments: Iterable[Alignment]) -> int:
    """The shift other than 0 at which more than half of the utterances clearly lie; 0 where there is none.

    Of all that tell a shift, clearly or not: a few clear ones do not speak for the others.
    """
    told = [alignment for alignment in alignments if alignment.shift is not None]
    for shift in {alignment.shift for alignment in told} - {0}:
        if 2 * sum(alignment.clear and alignment.shift == shift for alignment in told) > len(told):
            return shift
    return 0


def _without_means(mel: np.ndarray) -> np.ndarray:
    """A mel (T, M) without the mean of each band, float64; what only rounding tells from 0 is 0."""
    values = mel.astype(np.float64)
    return np.where(np.ptp(values, axis=0) > 0, values - values.mean(axis=0), 0.0)
