import pytest
import torch
from torch.nn import functional

from koeru.nn.convolution import conv1d, conv1d_gradient, opaque_conv1d


def operands(n_out=4, kernel_size=3):
    generator = torch.Generator().manual_seed(1)
    shapes = [(2, 3, 7), (n_out, 3, kernel_size), (n_out,)]
    return [torch.randn(shape, generator=generator, dtype=torch.double, requires_grad=True) for shape in shapes]


@pytest.mark.parametrize("kernel_size", [1, 3, 5])
def test_both_forms_are_the_convolution(kernel_size):
    x, weight, bias = operands(kernel_size=kernel_size)
    expected = functional.conv1d(x, weight, bias, padding="same")
    torch.testing.assert_close(conv1d(x, weight, bias), expected)
    torch.testing.assert_close(opaque_conv1d(x, weight, bias), expected)


def test_the_gradient_is_that_of_the_convolution():
    assert torch.autograd.gradcheck(opaque_conv1d, operands())


def test_what_the_compiler_is_told_is_so():
    x, weight, bias = operands()
    torch.library.opcheck(opaque_conv1d, (x, weight, bias))
    torch.library.opcheck(conv1d_gradient, (torch.ones(2, 4, 7).double(), x.detach(), weight.detach()))


def test_autocast_computes_in_bfloat16():
    with torch.autocast("cpu", torch.bfloat16):
        assert opaque_conv1d(*(tensor.float() for tensor in operands())).dtype == torch.bfloat16
