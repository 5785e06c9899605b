"""Dropout: of small tensors it is torch's to the bit, of large ones it is as likely."""

import pytest
import torch
from torch import nn

from koeru.nn.dropout import LARGE, SHARES, Dropout, dropout

SMALL_SHAPE, LARGE_SHAPE = (4, 50, 8), (4, 515, 513)


@pytest.fixture(autouse=True)
def _seeded():
    torch.manual_seed(0)


def test_small_tensors_are_dropped_as_torch_does():
    x = torch.randn(SMALL_SHAPE)
    torch.manual_seed(1)
    ours = Dropout(0.2)(x)
    torch.manual_seed(1)
    assert torch.equal(ours, nn.Dropout(0.2)(x))


@pytest.mark.parametrize("p", [0.1, 0.2, 0.5, 0.9])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_of_large_tensors_a_share_is_dropped_and_the_rest_grows(p, dtype):
    x = torch.ones(LARGE_SHAPE, dtype=dtype)
    assert x.numel() >= LARGE
    y = Dropout(p)(x)
    kept = y != 0
    assert y.dtype == dtype and y[kept].unique().tolist() == pytest.approx([1 / (1 - p)], rel=1e-2)
    deviation = (p * (1 - p) / x.numel()) ** 0.5
    assert (~kept).double().mean().item() == pytest.approx(p, abs=5 * deviation + 1 / SHARES)


def test_neighbours_are_dropped_independently():
    """Four of them are of one draw."""
    dropped = (Dropout(0.5)(torch.ones(LARGE)) == 0).double() - 0.5
    for shift in range(1, 9):
        assert abs((dropped[shift:] * dropped[:-shift]).mean().item()) < 0.25 * 5 / LARGE**0.5


def test_the_gradient_is_what_was_kept():
    x = torch.randn(LARGE_SHAPE).transpose(1, 2).requires_grad_()
    y = Dropout(0.25)(x)
    y.sum().backward()
    torch.testing.assert_close(y, x * x.grad)
    assert x.grad.unique().tolist() == pytest.approx([0, 4 / 3])


def test_a_seed_repeats_it_and_the_generator_goes_on():
    x = torch.ones(LARGE_SHAPE)
    first, second = Dropout(0.2)(x), Dropout(0.2)(x)
    torch.manual_seed(0)
    assert torch.equal(Dropout(0.2)(x), first) and not torch.equal(first, second)


@pytest.mark.parametrize(("p", "value"), [(0.0, 1.0), (1.0, 0.0)])
def test_nothing_and_everything(p, value):
    assert torch.equal(Dropout(p)(torch.ones(LARGE_SHAPE)), torch.full(LARGE_SHAPE, value))


def test_nothing_is_dropped_where_nothing_is_trained():
    x = torch.randn(LARGE_SHAPE)
    assert torch.equal(Dropout(0.5).eval()(x), x)


def test_lengths_that_four_does_not_divide():
    assert dropout(torch.ones(5), SHARES // 2).shape == (5,)
