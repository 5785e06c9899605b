"""Percentiles of any number of values, exact to the last bit, in a memory that their number does not enlarge.

A radix selection takes two looks at all values: the first counts the upper halves of their 32 bits, the second the
lower halves of those that share their upper half with a value that is wanted. Both count in integers, so the order and
partition of the values mean nothing.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

HALF = 16  # bits
SIGN = np.uint32(1 << 31)


class Percentiles:
    """What np.percentile finds of finite float32 values: all of them go through `count`, then again through `find`."""

    def __init__(self, *percentiles: float) -> None:
        self.percentiles = percentiles
        self._uppers = np.zeros(1 << HALF, np.int64)  # how many values have these upper bits

    def count(self, values: ArrayLike) -> None:
        """The first look at some values."""
        np.add.at(self._uppers, _keys(values) >> HALF, 1)

    def find(self, values: ArrayLike) -> None:
        """The second look at some values, after the first at all."""
        keys = _keys(values)
        for upper, counts in self._lowers.items():
            np.add.at(counts, keys[keys >> HALF == upper] & (1 << HALF) - 1, 1)

    def values(self) -> tuple[float, ...]:
        """The percentiles, after both looks; between two values, on the line between them."""
        return tuple(map(self._between, self._ranks))

    @cached_property
    def _ranks(self) -> list[float]:
        last = int(self._uppers.sum()) - 1
        if last < 0:
            raise ValueError("there are no values to take percentiles of")
        return [last * (percentile / 100) for percentile in self.percentiles]

    @cached_property
    def _ends(self) -> NDArray[np.int64]:
        return np.cumsum(self._uppers)

    @cached_property
    def _lowers(self) -> dict[int, NDArray[np.int64]]:
        """Of the upper bits that are wanted, how many values have these lower bits."""
        ranks = [neighbour for rank in self._ranks for neighbour in (int(rank), int(np.ceil(rank)))]
        return {self._upper(rank): np.zeros(1 << HALF, np.int64) for rank in ranks}

    def _upper(self, rank: int) -> int:
        return int(np.searchsorted(self._ends, rank, side="right"))

    def _at(self, rank: int) -> np.float32:
        """The value of a rank, from 0."""
        upper = self._upper(rank)
        within = rank - (self._ends[upper] - self._uppers[upper])
        lower = int(np.searchsorted(np.cumsum(self._lowers[upper]), within, side="right"))
        return _value(upper << HALF | lower)

    def _between(self, rank: float) -> float:
        low, high = self._at(int(rank)), self._at(int(np.ceil(rank)))
        share = rank - int(rank)
        # As numpy rounds: the step in float32, all else in float64, from the nearer end.
        step = float(high - low)
        return float(low) + step * share if share < 0.5 else float(high) - step * (1 - share)


def _keys(values: ArrayLike) -> NDArray[np.uint32]:
    """Integers (N,) in the order of the values: of negative ones all bits are turned, of others the sign."""
    bits = np.asarray(values, np.float32).ravel().view(np.uint32)
    return np.where(bits & SIGN, ~bits, bits | SIGN)


def _value(key: int) -> np.float32:
    """The value of a key."""
    bits = np.uint32(key)
    return (bits ^ SIGN if bits & SIGN else ~bits).view(np.float32)
