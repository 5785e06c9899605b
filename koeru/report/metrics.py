"""Objective metrics with confidence intervals over utterances (numpy only).

A metric is first measured on one utterance as a ``Part`` (a sum and how many values it holds), then
pooled over utterances: over all their frames, not a mean of means, so long utterances weigh more.
"""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

CENTS = 1200.0 / math.log(2.0)  # cents in one unit of natural log


class Part(NamedTuple):
    """One utterance's share of a metric."""

    total: float
    count: int


Statistic = Callable[[np.ndarray, np.ndarray], np.ndarray]


def mean(total: np.ndarray, count: np.ndarray) -> np.ndarray:
    """Statistic of pooled sums: the mean, as for ``mel_l1``."""
    return total / count


def root_mean(total: np.ndarray, count: np.ndarray) -> np.ndarray:
    """Statistic of pooled sums of squares: the root mean square, as for ``squared_cents``."""
    return np.sqrt(total / count)


def root_mean_above_1(total: np.ndarray, count: np.ndarray) -> np.ndarray:
    """Statistic of pooled squares of which some may be negative: the root of their mean, and at least 1."""
    return np.sqrt(np.maximum(total / count, 1.0))


# By the names that files have of them.
STATISTICS: dict[str, Statistic] = {"mean": mean, "root_mean": root_mean, "root_mean_above_1": root_mean_above_1}


def mel_l1(predicted: np.ndarray, natural: np.ndarray) -> Part:
    """Absolute difference of two log-mels (T, M), natural log, summed over frames and bands.

    Both have the same number of frames: the durations were forced. Raises ValueError where they do not.
    """
    if predicted.shape != natural.shape:
        raise ValueError(f"mel_l1: predicted {predicted.shape} and natural {natural.shape} differ in shape")
    difference = predicted.astype(np.float64) - natural.astype(np.float64)
    return Part(float(np.abs(difference).sum()), difference.size)


def squared_cents(predicted: np.ndarray, natural: np.ndarray, voiced: np.ndarray) -> Part:
    """Squared difference in cents² of two F0 contours (T,), natural log of Hz, over the voiced frames (T,).

    Pooled with ``root_mean`` it is ``log_f0_rmse_cents``. Raises ValueError where the shapes differ.
    """
    if not predicted.shape == natural.shape == voiced.shape:
        raise ValueError(
            f"squared_cents: predicted {predicted.shape}, natural {natural.shape} and "
            f"voiced {voiced.shape} differ in shape"
        )
    mask = voiced.astype(bool)
    difference = CENTS * (predicted[mask].astype(np.float64) - natural[mask].astype(np.float64))
    return Part(float(np.square(difference).sum()), int(mask.sum()))


def pooled(parts: Sequence[Part], statistic: Statistic = mean) -> float:
    """The metric over all utterances. Raises ValueError where no utterance holds a value."""
    totals, counts = _arrays(parts)
    return float(statistic(totals.sum(), counts.sum()))


def bootstrap(parts: Sequence[Part], n: int = 1000, seed: int = 0, statistic: Statistic = mean) -> tuple[float, float]:
    """95 % percentile interval of the pooled metric, by resampling whole utterances ``n`` times.

    Frames of one utterance depend on each other, so utterances are drawn, not frames
    (Bisani and Ney, "Bootstrap estimates for confidence intervals in ASR", 2004).
    Utterances that hold no value (no voiced frame) are not drawn; none left is a ValueError.
    """
    totals, counts = _arrays(parts)
    weights = _draws(len(totals), n, seed)  # (n, U)
    return _interval(statistic(weights @ totals, weights @ counts))


def paired_ratio(
    parts: Sequence[Part],
    others: Sequence[Part],
    n: int = 1000,
    seed: int = 0,
    statistic: Statistic = mean,
    other_statistic: Statistic | None = None,
) -> tuple[float, float] | None:
    """95 % interval of metric / other metric, of the same utterances in the same order, each on values of its own.

    Drawing the same utterances for both removes what they share (hard sentences are hard for both), so it answers
    "which is better" more sharply than two separate intervals. `other_statistic` is that of the other metric, where it
    is another one. Utterances of which neither holds a value are not drawn. None where a resample leaves nothing to
    divide by. Raises ValueError where the two are not of as many utterances.
    """
    if len(parts) != len(others):
        raise ValueError(f"paired_ratio: {len(parts)} and {len(others)} utterances are no pairs")
    pairs = np.array([pair for pair in zip(parts, others, strict=True) if pair[0][1] or pair[1][1]], dtype=np.float64)
    if not len(pairs):
        return None
    weights = _draws(len(pairs), n, seed)  # (n, U)
    totals, counts, other_totals, other_counts = (weights @ column for column in pairs.reshape(-1, 4).T)
    if not (counts.all() and other_counts.all() and other_totals.all()):
        return None
    return _interval(statistic(totals, counts) / (other_statistic or statistic)(other_totals, other_counts))


def bootstrap_difference(
    parts: Sequence[Part], others: Sequence[Part], n: int = 1000, seed: int = 0
) -> tuple[float, float]:
    """95 % interval of the mean of `parts` less that of `others`, measured on the same utterances in the same order.

    For what has no zero to take a ratio from, such as log-likelihoods. Utterances are drawn for both at once, as in
    `paired_ratio`. Raises ValueError where the two were not measured on the same values.
    """
    totals, counts = _arrays(parts)
    other_totals, other_counts = _arrays(others)
    if not np.array_equal(counts, other_counts):
        raise ValueError("bootstrap_difference: the two were measured on different utterances or values")
    weights = _draws(len(totals), n, seed)  # (n, U)
    return _interval(weights @ (totals - other_totals) / (weights @ counts))


def _arrays(parts: Sequence[Part]) -> tuple[np.ndarray, np.ndarray]:
    """Totals (U,) and counts (U,), float64, of the utterances that hold a value."""
    values = np.array([part for part in parts if part[1] > 0], dtype=np.float64).reshape(-1, 2)
    if not len(values):
        raise ValueError("no utterance holds a value: nothing was measured (no voiced frame, or an empty split)")
    return values[:, 0], values[:, 1]


def _draws(utterances: int, n: int, seed: int) -> np.ndarray:
    """How often each utterance is drawn in each of n resamples: (n, U), rows sum to U."""
    return np.random.default_rng(seed).multinomial(utterances, np.full(utterances, 1 / utterances), size=n)


def _interval(values: np.ndarray) -> tuple[float, float]:
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)
