"""How alike two utterances sound once one of them is stretched to the times of the other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

CEPSTRA = 16  # of the shape of a mel spectrum, its level left out
EVERY, MOST = 2, 1500  # frames: every so many are looked at, or fewer of a long utterance
DECIBELS = 20 / np.log(10)  # in one unit of natural log of an amplitude


def cepstral_distance(ours: NDArray, theirs: NDArray) -> float:
    """The mel-cepstral distance of two log-mels (T, M) and (T', M), natural log of amplitudes, in dB.

    The utterances are aligned by dynamic time warping (Sakoe & Chiba 1978, symmetric). Compared are the shapes of the
    spectra, smoothed, less the mean of the utterance, by which voices and microphones differ.
    """
    step = max(EVERY, -(-max(len(ours), len(theirs)) // MOST))
    a, b = (_cepstra(mel[::step].astype(np.float64)) for mel in (ours, theirs))
    squares = (a**2).sum(1)[:, None] + (b**2).sum(1)[None] - 2 * a @ b.T  # (T, T')
    return float(DECIBELS * warped(np.sqrt(np.maximum(squares, 0) / ours.shape[1])))


def warped(cost: NDArray[np.float64]) -> float:
    """The mean of a cost (T, T') of frames along the way through it that costs least; a diagonal step counts twice."""
    n, m = cost.shape
    before, last = np.full(n + 1, np.inf), np.full(n + 1, np.inf)  # of a diagonal, by row, from 1
    for diagonal in range(n + m - 1):
        rows = np.arange(max(0, diagonal - m + 1), min(diagonal, n - 1) + 1)
        own, now = cost[rows, diagonal - rows], np.full(n + 1, np.inf)
        reached = np.minimum(np.minimum(last[rows], last[rows + 1]) + own, before[rows] + 2 * own)
        now[rows + 1] = reached if diagonal else 2 * own
        before, last = last, now
    return float(last[n] / (n + m))


def _cepstra(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    """The orthonormal cosine transform of log-mels (T, M), without its first term: (T, C), their mean taken off."""
    bands = mel.shape[1]
    order = np.arange(1, min(CEPSTRA, bands - 1) + 1)
    basis = np.sqrt(2 / bands) * np.cos(np.pi / bands * np.outer(np.arange(bands) + 0.5, order))  # (M, C)
    found = mel @ basis
    return found - found.mean(0)
