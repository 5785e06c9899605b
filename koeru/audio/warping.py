"""Dynamic time warping of two sequences of features, exact within a band around the straight line between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

DIAGONAL, DOWN, RIGHT = np.uint8(0), np.uint8(1), np.uint8(2)  # the step into a cell: both go on, only a, only b


@dataclass(frozen=True)
class Warp:
    """The cheapest way through two sequences of S and U frames, from their beginnings to their ends.

    `rows` and `columns` (L,) are the frames that lie upon each other, neither ever going back; `cost` is the mean
    distance of them, weighted as the steps are; `at_edge` says whether the way runs along the edge of the band, so
    that a wider one might have found a better way.
    """

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    cost: float
    at_edge: bool


def warp(a: NDArray[np.float32], b: NDArray[np.float32], half_width: int, penalty: float = 0.0) -> Warp:
    """Align features a (S, D) and b (U, D) by their Euclidean distance (Sakoe & Chiba 1978, symmetric).

    Looked at are the frames of b that lie at most `half_width` frames from where the straight line from corner to
    corner crosses a frame of a: for any ratio of lengths these are connected. A diagonal step counts twice; any other
    step costs `penalty` more, in the unit of the features. Takes S * (2 half_width + U / S + 2) bytes. ValueError
    unless both have a frame and the same D.
    """
    if not len(a) or not len(b) or a.shape[1:] != b.shape[1:]:
        raise ValueError(f"two sequences of the same features are wanted, (S, D) and (U, D); got {a.shape}, {b.shape}")
    own, other = (np.ascontiguousarray(each, np.float32) for each in (a, b.T))
    rows, columns, total, at_edge = _cheapest(own, other, max(half_width, 0), penalty)
    return Warp(rows, columns, total / (len(a) + len(b)), at_edge)


@njit(nogil=True)
def _cheapest(
    a: NDArray[np.float32], b: NDArray[np.float32], half_width: int, penalty: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], float, bool]:
    """The way through a (S, D) and b (D, U): rows and columns (L,), the sum of its costs, whether it is at an edge."""
    n, m = len(a), b.shape[1]
    width = min(m, 2 * half_width + m // n + 2)
    steps = np.empty((n, width), np.uint8)
    above, here = np.full(m + 1, np.inf), np.full(m + 1, np.inf)  # total costs of two rows, from column -1
    distance = np.empty(width, np.float32)
    for i in range(n):
        first, last = _band(i, n, m, half_width)
        distance[:] = 0
        for d in range(len(b)):
            for k in range(last - first):
                distance[k] += (a[i, d] - b[d, first + k]) ** 2
        here[first] = np.inf
        for k in range(last - first):
            j, own = first + k, np.sqrt(distance[k])
            if i == 0 and j == 0:
                here[1], steps[0, 0] = 2 * own, DIAGONAL
                continue
            best, step = above[j] + 2 * own, DIAGONAL
            down, right = above[j + 1] + own + penalty, here[j] + own + penalty
            if down < best:
                best, step = down, DOWN
            if right < best:
                best, step = right, RIGHT
            here[j + 1], steps[i, k] = best, step
        here[last + 1 : last + 1 + width] = np.inf  # as far as the next row looks
        above, here = here, above
    rows, columns = np.empty(n + m, np.int64), np.empty(n + m, np.int64)
    i, j, length, at_edge = n - 1, m - 1, 0, False
    while i >= 0:
        first, last = _band(i, n, m, half_width)
        at_edge |= (j == first and first > 0) or (j == last - 1 and last < m)
        length += 1
        rows[-length], columns[-length] = i, j
        step = steps[i, j - first]
        i -= step != RIGHT
        j -= step != DOWN
    return rows[-length:].copy(), columns[-length:].copy(), above[m], at_edge


@njit
def _band(i: int, n: int, m: int, half_width: int) -> tuple[int, int]:
    """The columns [first, last) that are looked at in a row: those that the line crosses, and `half_width` beside."""
    return max(0, i * m // n - half_width), min(m, -(-(i + 1) * m // n) + half_width)
