"""Percentiles of values that nobody keeps: those of numpy, to the last bit, whatever the order and partition."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from koeru.data.ranks import Percentiles
from koeru.data.statistics import PERCENTILES

FLOATS = st.floats(width=32, allow_nan=False, allow_infinity=False, min_value=-(2.0**100), max_value=2.0**100)


def found(first, second, *percentiles):
    """The percentiles of parts that are looked at, and of the same values in other parts."""
    own = Percentiles(*percentiles)
    for part in first:
        own.count(part)
    for part in second:
        own.find(part)
    return own.values()


@given(
    st.lists(FLOATS, min_size=1, max_size=60),
    st.lists(st.integers(0, 60), max_size=5),
    st.floats(0, 100),
    st.randoms(use_true_random=False),
)
def test_they_are_those_of_numpy_whatever_the_order_and_partition(values, cuts, percentile, random):
    whole = np.array(values, np.float32)
    shuffled = np.array(random.sample(values, len(values)), np.float32)
    parts = np.split(shuffled, sorted(min(cut, len(values)) for cut in cuts))
    wanted = (*PERCENTILES, percentile)
    assert found(parts, [whole], *wanted) == tuple(np.percentile(whole, wanted))


@pytest.mark.parametrize("count", [199, 200, 201, 100_000])
@pytest.mark.parametrize("digits", [1, 9])  # many equal values, and none
def test_a_range_of_many_values_is_exact(count, digits):
    values = np.random.default_rng(0).normal(0, 1, count).round(digits).astype(np.float32)
    low, high = found(np.array_split(values, 7), np.array_split(values, 3), *PERCENTILES)
    assert (low, high) == tuple(np.percentile(values, PERCENTILES))
    assert ((low <= values) & (values <= high)).mean() == pytest.approx(0.99, abs=0.02)


def test_a_range_holds_no_stray_value():
    values = np.random.default_rng(0).normal(0, 1, 100_000).astype(np.float32)
    strayed = [values, np.full(300, 40, np.float32)]
    assert found(strayed, strayed, *PERCENTILES) == pytest.approx(np.percentile(values, PERCENTILES), abs=0.5)


def test_of_no_values_there_are_none():
    with pytest.raises(ValueError, match="no values"):
        found([[]], [[]], 50.0)


def test_memory_does_not_grow_with_the_values():
    def peak(parts: int) -> int:
        def drawn():
            rng = np.random.default_rng(0)
            return (rng.normal(0, 1, 500).astype(np.float32) for _ in range(parts))

        tracemalloc.start()
        try:
            found(drawn(), drawn(), *PERCENTILES)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(10)
    assert peak(4000) < peak(1000) * 1.01
