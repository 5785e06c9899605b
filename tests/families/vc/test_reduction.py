import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from koeru.families.vc.reduction import n_reduced, reduced, restored, whole


@given(n_frames=st.integers(1, 40), factor=st.integers(1, 7))
def test_the_tail_is_filled_up_with_the_last_frame_and_nothing_is_lost(n_frames, factor):
    values = np.arange(3 * n_frames).reshape(n_frames, 3)
    filled = whole(values, factor)
    assert len(filled) == factor * n_reduced(n_frames, factor) < n_frames + factor
    np.testing.assert_array_equal(filled[:n_frames], values)
    assert (filled[n_frames:] == values[-1]).all()
    assert whole(values[:, 0], factor).tolist() == filled[:, 0].tolist()


@pytest.mark.parametrize("factor", [1, 2, 3, 4])
def test_reduced_frames_hold_their_frames_in_order_of_time(factor):
    x = torch.randn(2, 12, 5)
    found = reduced(x, factor)
    assert found.shape == (2, 12 // factor, 5 * factor)
    for number in range(factor):
        assert torch.equal(found[:, 1, 5 * number : 5 * number + 5], x[:, factor + number])
    assert torch.equal(restored(found, factor), x)
