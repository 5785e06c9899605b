"""Losses as means over real positions."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from koeru.nn.layers import at_least_float32


@dataclass
class Mean:
    """A mean as its sum and its count, so that the means of batches can be joined with the right weights."""

    sum: Tensor  # ()
    count: Tensor  # ()

    @property
    def value(self) -> Tensor:
        """The mean: ()."""
        return self.sum / self.count


def masked_mean(values: Tensor, mask: Tensor) -> Mean:
    """Mean of values (B, L) or (B, L, C) over the positions where mask (B, L) is True, at least in float32.

    Padding is in neither the sum nor the count: the mean does not depend on how a batch is padded.
    """
    values = at_least_float32(values)
    trailing = values[0, 0].numel()
    mask_like = mask.reshape(*mask.shape, *[1] * (values.ndim - mask.ndim))
    return Mean(values.masked_fill(~mask_like, 0).sum(), mask.sum() * trailing)


def total_loss(parts: Mapping[str, Mean], weights: Mapping[str, float]) -> Tensor:
    """The sum () of the means, each times its weight, which is 1 where `weights` does not name the part."""
    return torch.stack([weights.get(name, 1.0) * part.value for name, part in parts.items()]).sum()
