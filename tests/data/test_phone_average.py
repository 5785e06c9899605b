import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from koeru.data.phone_average import phone_average


def slow_average(values, durations, weights):
    """The mean of each phone, by a loop; None where it has no weight."""
    start, means = 0, []
    for duration in durations:
        span = slice(start, start + duration)
        start += duration
        total = weights[span].sum()
        means.append((values[span] * weights[span]).sum() / total if total else None)
    return means


@given(st.lists(st.integers(0, 5), min_size=1, max_size=20), st.integers(0, 1000))
def test_phone_average_is_the_mean_of_each_phone_whatever_precedes_it(durations, seed):
    rng = np.random.default_rng(seed)
    values, weights = rng.normal(5, 1, sum(durations)), rng.integers(0, 2, sum(durations))
    if not weights.any():
        with pytest.raises(ValueError, match="no phone"):
            phone_average(values, durations, weights)
        return
    before = values.copy()
    averages = phone_average(values, durations, weights)
    expected = slow_average(values, durations, weights)
    known = [mean for mean in expected if mean is not None]
    for average, mean in zip(averages, expected, strict=True):
        if mean is not None:
            assert average == pytest.approx(mean, rel=1e-6)
        else:
            assert min(known) - 1e-5 <= average <= max(known) + 1e-5
    assert (values == before).all()


def test_phones_of_no_frames_do_not_disturb_the_next():
    assert phone_average(np.array([100, 110, 120.0]), [0, 0, 3]).tolist() == [110, 110, 110]


def test_phones_without_a_value_lie_on_the_line_between_their_neighbours():
    values = np.array([1.0, 1, 0, 0, 3, 3])
    voiced = np.array([1, 1, 0, 0, 1, 1])
    assert phone_average(values, [2, 2, 2], voiced).tolist() == [1, 2, 3]
    assert phone_average(values, [2, 2, 0, 2], voiced).tolist() == [1, 2, 2.5, 3]
    assert phone_average(values, [0, 2, 2, 2], voiced).tolist() == [1, 1, 2, 3]
