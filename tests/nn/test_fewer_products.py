"""The convolution by fewer products is torch's, forward and backward."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from koeru.nn import fewer_products
from koeru.nn.convolution import conv1d

every_kernel = pytest.mark.parametrize("kernel_size", [1, 3, 5, 7, 9, 11])
every_size = pytest.mark.parametrize(("batch", "length"), [(1, 1), (1, 2), (2, 3), (1, 13), (3, 8)])


def operands(batch, length, n_in, n_out, kernel_size, dtype=torch.double):
    generator = torch.Generator().manual_seed(kernel_size)
    shapes = [(batch, length, n_in), (n_out, n_in, kernel_size), (n_out,)]
    x, weight, bias = (torch.randn(shape, generator=generator, dtype=dtype) for shape in shapes)
    return [x.requires_grad_(), (weight / (n_in * kernel_size) ** 0.5).requires_grad_(), bias.requires_grad_()]


def by_torch(x, weight, bias):
    return functional.conv1d(x.transpose(1, 2), weight, bias, padding="same").transpose(1, 2)


def with_gradients(function, tensors):
    y = function(*tensors)
    direction = torch.randn(y.shape, generator=torch.Generator().manual_seed(1))
    return [y, *torch.autograd.grad(y, tensors, direction.to(y.dtype))]


@every_kernel
@every_size
def test_it_is_torchs_with_all_gradients(batch, length, kernel_size):
    tensors = operands(batch, length, 3, 4, kernel_size)
    for ours, theirs in zip(
        with_gradients(fewer_products.conv1d, tensors), with_gradients(by_torch, tensors), strict=True
    ):
        torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("sizes", [(256, 1024, 9), (512, 512, 5)], ids=str)
def test_in_the_models_sizes_it_is_as_precise_as_torchs(sizes):
    tensors = operands(2, 61, *sizes, dtype=torch.float32)
    exact = with_gradients(by_torch, [tensor.detach().double().requires_grad_() for tensor in tensors])
    for ours, true in zip(with_gradients(fewer_products.conv1d, tensors), exact, strict=True):
        assert (ours - true).abs().max() < 1e-5 * true.abs().max()


def test_blocks_are_one_whole(monkeypatch):
    tensors = operands(3, 13, 3, 4, 9)
    whole = with_gradients(fewer_products.conv1d, tensors)
    monkeypatch.setattr(fewer_products, "BLOCK", 8)
    for cut, uncut in zip(with_gradients(fewer_products.conv1d, tensors), whole, strict=True):
        torch.testing.assert_close(cut, uncut, rtol=1e-12, atol=1e-12)


@every_kernel
def test_no_sequence_reads_another(kernel_size):
    x, weight, bias = operands(3, 5, 3, 4, kernel_size)
    other = x.detach().clone()
    other[1] = torch.inf
    assert fewer_products.conv1d(other, weight, bias)[0].isfinite().all()
    assert fewer_products.conv1d(other, weight, bias)[2].isfinite().all()


@pytest.fixture
def calls(monkeypatch):
    """One entry for each time that `koeru.nn.convolution.conv1d` takes this way."""
    calls, plain = [], fewer_products.conv1d
    monkeypatch.setattr(fewer_products, "conv1d", lambda *tensors: calls.append(1) or plain(*tensors))
    return calls


@pytest.mark.parametrize(
    ("sizes", "wanted"), [((256, 1024, 3), 1), ((256, 1024, 1), 0), ((128, 384, 5), 0), ((1, 256, 9), 0)], ids=str
)
def test_large_convolutions_take_it_and_small_ones_do_not(calls, sizes, wanted):
    x, weight, bias = operands(1, 6, *sizes, torch.float32)
    y = conv1d(x.transpose(1, 2), weight, bias).transpose(1, 2)
    assert len(calls) == wanted
    torch.testing.assert_close(y, by_torch(x, weight, bias), rtol=1e-5, atol=1e-5)


def test_bfloat16_does_not_take_it(calls):
    x, weight, bias = operands(1, 6, 256, 1024, 3, torch.float32)
    with torch.autocast("cpu", torch.bfloat16):
        assert conv1d(x.transpose(1, 2), weight, bias).dtype == torch.bfloat16
    assert not calls


def test_a_training_repeats_bit_for_bit():
    def trained():
        torch.manual_seed(0)
        layer = nn.Conv1d(256, 1024, 9)
        optimiser = torch.optim.Adam(layer.parameters())
        for _ in range(2):
            optimiser.zero_grad()
            conv1d(torch.randn(3, 256, 31), layer.weight, layer.bias).square().mean().backward()
            optimiser.step()
        return layer.weight

    assert torch.equal(trained(), trained())
