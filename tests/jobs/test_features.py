"""What every feature is held to before it is kept."""

import numpy as np
import pytest

from koeru.jobs.features import check_arrays


def test_arrays_of_as_many_frames_are_kept():
    check_arrays({"log_f0": np.zeros(3), "voiced": np.zeros(3, dtype=np.uint8), "sp": np.zeros((3, 5))})


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_value_that_is_not_finite_is_told_with_its_array(value):
    sp = np.zeros((3, 5))
    sp[1, 2] = value
    with pytest.raises(ValueError, match="1 of 15 values of sp are not finite"):
        check_arrays({"sp": sp, "f0": np.zeros(3)})


@pytest.mark.parametrize("lengths", [(3, 4), (0, 0)])
def test_other_frames_or_none_are_refused(lengths):
    with pytest.raises(ValueError, match="as many of each are wanted, and at least one"):
        check_arrays({"log_f0": np.zeros(lengths[0]), "voiced": np.zeros(lengths[1])})
