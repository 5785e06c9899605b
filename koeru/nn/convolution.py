"""A convolution along the length: on a CPU by fewer products where that is faster, and hidden from torch.compile.

Inductor of torch 2.13 makes the gradient of a convolution for one length, and compiles a model anew for every other,
until it gives up: no use to a training, where each batch has another length. As an operator of its own, the convolution
stays what it is, and the rest of the model is compiled once for all lengths.
"""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from koeru.nn import fewer_products

LARGE = 256 * 1024  # n_in times n_out from which on fewer products are faster: below, they wait for memory


def conv1d(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """x (B, n_in, L), weight (n_out, n_in, odd kernel size), bias (n_out,) -> (B, n_out, L)"""
    if torch.compiler.is_compiling():
        return opaque_conv1d(x.contiguous(), weight, bias)
    traced = torch.jit.is_tracing()  # for another library, which has convolutions of its own
    if x.is_cpu and not traced and not torch.is_autocast_enabled("cpu") and _is_large(weight):
        return fewer_products.conv1d(x.transpose(1, 2), weight, bias).transpose(1, 2)
    return functional.conv1d(x, weight, bias, padding=weight.shape[2] // 2)


def _is_large(weight: Tensor) -> bool:
    """Whether a convolution is worth taking apart; in bfloat16, sums of inputs would lose what is told apart again."""
    n_out, n_in, kernel_size = weight.shape
    return kernel_size > 1 and n_out * n_in >= LARGE and weight.dtype in (torch.float32, torch.float64)


@torch.library.custom_op("koeru::conv1d", mutates_args=())
def opaque_conv1d(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """`conv1d` for the compiler, which is told below what it gives, and its gradient."""
    return functional.conv1d(x, weight, bias, padding=weight.shape[2] // 2).contiguous()


@opaque_conv1d.register_fake
def _(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    return x.new_empty(x.shape[0], weight.shape[0], x.shape[2])


@torch.library.custom_op("koeru::conv1d_gradient", mutates_args=())
def conv1d_gradient(gradient: Tensor, x: Tensor, weight: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The gradients with respect to x, weight and bias."""
    gradients = torch.ops.aten.convolution_backward(
        gradient, x, weight, [len(weight)], [1], [weight.shape[2] // 2], [1], False, [0], 1, [True, True, True]
    )
    return tuple(tensor.contiguous() for tensor in gradients)


@conv1d_gradient.register_fake
def _(gradient: Tensor, x: Tensor, weight: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    return x.new_empty(x.shape), weight.new_empty(weight.shape), weight.new_empty(len(weight))


def _keep(ctx: Any, inputs: tuple[Tensor, Tensor, Tensor], output: Tensor) -> None:
    ctx.save_for_backward(*inputs[:2])


def _backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    return conv1d_gradient(gradient.contiguous(), *ctx.saved_tensors)


opaque_conv1d.register_autograd(_backward, setup_context=_keep)
for device in ("cpu", "cuda"):
    opaque_conv1d.register_autocast(device, torch.bfloat16)
