"""Batch normalisation over real positions, the same whatever the padding and the number of devices."""

import torch
from torch import Tensor, distributed, nn
from torch.distributed.nn.functional import all_reduce

from koeru.nn.layers import at_least_float32


class BatchNorm(nn.Module):
    """Batch normalisation (Ioffe and Szegedy 2015) of one channel, over all positions of all devices.

    It takes no padding: the caller hands over real positions only. Statistics are in float32. In evaluation, and where
    its parameters are frozen, they are running averages, with the weight `momentum` for the latest batch.
    """

    def __init__(self, momentum: float = 0.1, eps: float = 1e-5) -> None:
        super().__init__()
        self.momentum, self.eps = momentum, eps
        self.weight = nn.Parameter(torch.ones(()))
        self.bias = nn.Parameter(torch.zeros(()))
        self.register_buffer("running_mean", torch.zeros(()))
        self.register_buffer("running_var", torch.ones(()))

    def forward(self, x: Tensor, counted: bool = True) -> Tensor:
        """x of any shape -> the same, at least in float32; what is not `counted` is normalised as other devices' is."""
        x = at_least_float32(x)
        learns = self.training and self.weight.requires_grad
        mean, var = self.moments(x, counted) if learns else (self.running_mean, self.running_var)
        return (x - mean) * ((var + self.eps).rsqrt() * self.weight) + self.bias

    def moments(self, x: Tensor, counted: bool) -> tuple[Tensor, Tensor]:
        """Mean () and variance () over the devices; keeps the running averages."""
        sums = torch.stack([x.new_full((), x.numel()), x.sum(), x.square().sum()]) * float(counted)
        if distributed.is_available() and distributed.is_initialized():
            sums = all_reduce(sums)
        mean = sums[1] / sums[0]
        var = (sums[2] / sums[0] - mean.square()).clamp(min=0)
        with torch.no_grad():
            self.running_mean.lerp_(mean, self.momentum)
            self.running_var.lerp_(var, self.momentum)
        return mean, var
