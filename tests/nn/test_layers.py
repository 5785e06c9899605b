import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from koeru.nn.layers import Conv, FFTBlock, length_mask, regulate_length, sinusoids


@given(st.lists(st.lists(st.integers(0, 4), min_size=3, max_size=3), min_size=1, max_size=4), st.integers(0, 3))
def test_length_regulator_repeats_each_phone(durations, more):
    durations = torch.tensor(durations)
    n_frames = int(durations.sum(1).max()) + more
    x = torch.randn(*durations.shape, 2)
    frames = regulate_length(x, durations, n_frames)
    assert frames.shape == (len(x), n_frames, 2)
    for phones, repeats, row in zip(x, durations, frames, strict=True):
        expected = np.repeat(phones.numpy(), repeats.numpy(), axis=0)
        np.testing.assert_array_equal(row[: len(expected)].numpy(), expected)


def test_length_mask():
    assert length_mask(torch.tensor([2, 0, 3]), 3).tolist() == [[1, 1, 0], [0, 0, 0], [1, 1, 1]]


@pytest.mark.parametrize("length", [1, 17, 5000])
def test_sinusoids_have_no_maximum_length_and_do_not_depend_on_it(length):
    positions = sinusoids(length, 8, torch.device("cpu"))
    assert positions.shape == (length, 8)
    torch.testing.assert_close(positions[:1], sinusoids(1, 8, torch.device("cpu")))
    assert len(positions.unique(dim=0)) == length


@pytest.mark.parametrize("kernel_size", [1, 3, 9])
def test_convolution_equals_that_of_the_unpadded_sequence(kernel_size):
    conv = Conv(4, 6, kernel_size)
    x, mask = torch.randn(1, 10, 4), length_mask(torch.tensor([7]), 10)
    alone = conv.conv(x[:, :7].transpose(1, 2)).transpose(1, 2)
    torch.testing.assert_close(conv(x, mask)[:, :7], alone)


def test_even_kernels_and_unequal_heads_are_refused():
    with pytest.raises(ValueError, match="kernel size 4"):
        Conv(2, 2, 4)
    with pytest.raises(ValueError, match="hidden 10 is not a multiple of heads 4"):
        FFTBlock(10, 4, 8, (3, 1), 0.0)
