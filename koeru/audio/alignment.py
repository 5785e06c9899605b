"""How alike two utterances sound once one of them is stretched to the times of the other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

CEPSTRA = 16  # of the shape of a mel spectrum, its level left out
EVERY, MOST = 2, 1500  # frames: every so many are looked at, or fewer of a long utterance
DECIBELS = 20 / np.log(10)  # in one unit of natural log of an amplitude


def cepstral_distance(ours: NDArray, theirs: NDArray) -> float:
    """The mel-cepstral distance of two log-mels (T, M) and (T', M), natural log of amplitudes, in dB.

    The utterances are aligned by dynamic time warping. Compared are the shapes of the spectra, smoothed, less the mean
    of the utterance, by which voices and microphones differ.
    """
    from koeru.audio.warping import warp  # half a second, which pages without such pairs do not spend

    step = max(EVERY, -(-max(len(ours), len(theirs)) // MOST))
    a, b = (cepstra(mel[::step].astype(np.float64), first=1) for mel in (ours, theirs))
    found = warp(*((each - each.mean(0)).astype(np.float32) for each in (a, b)), half_width=len(b))
    return float(DECIBELS * found.cost / np.sqrt(ours.shape[1]))


def cepstra(mel: NDArray, first: int = 0, last: int = CEPSTRA) -> NDArray:
    """The terms `first` to `last` (at most M - 1) of the orthonormal cosine transform of log-mels (T, M): (T, C)."""
    bands = mel.shape[1]
    order = np.arange(first, min(last, bands - 1) + 1)
    basis = np.cos(np.pi / bands * np.outer(np.arange(bands) + 0.5, order))  # (M, C)
    basis *= np.where(order, np.sqrt(2 / bands), np.sqrt(1 / bands))
    return mel @ basis
