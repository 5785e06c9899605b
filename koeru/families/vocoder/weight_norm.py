"""Convolutions with weight normalisation (Salimans & Kingma 2016), under the names of published checkpoints.

The weight is g v / |v|, the norm taken over all but the first axis; the parameters are `bias`, `weight_g`, `weight_v`,
in that order, as torch's own `weight_norm` had them when the checkpoints were written.
"""

import torch
from torch import Tensor, nn


class _Normalised(nn.Module):
    """A convolution whose `weight` is made of two parameters, until it is folded."""

    @property
    def weight(self) -> Tensor:
        """The weight that the convolution uses; while the module is being built, the one that it was given."""
        plain = self._parameters.get("weight")
        return torch._weight_norm(self.weight_v, self.weight_g, 0) if plain is None else plain

    def split(self) -> None:
        """Put `weight_g` and `weight_v` in the place of the plain weight."""
        plain = self._parameters.pop("weight").detach()
        self.weight_g = nn.Parameter(plain.flatten(1).norm(dim=1).view(-1, *[1] * (plain.ndim - 1)))
        self.weight_v = nn.Parameter(plain)

    def fold(self) -> None:
        """Put the plain weight back, for inference: it is not computed at every call any more."""
        if "weight" not in self._parameters:
            plain = self.weight.detach()
            del self.weight_g, self.weight_v
            self.register_parameter("weight", nn.Parameter(plain))


class Conv1d(_Normalised, nn.Conv1d):
    """`nn.Conv1d` with weight normalisation."""

    def __init__(self, *arguments: int, **options: int) -> None:
        super().__init__(*arguments, **options)
        self.split()


class Conv2d(_Normalised, nn.Conv2d):
    """`nn.Conv2d` with weight normalisation."""

    def __init__(self, *arguments: int, **options: int) -> None:
        super().__init__(*arguments, **options)
        self.split()


class ConvTranspose1d(_Normalised, nn.ConvTranspose1d):
    """`nn.ConvTranspose1d` with weight normalisation."""

    def __init__(self, *arguments: int, **options: int) -> None:
        super().__init__(*arguments, **options)
        self.split()


def fold_weights(module: nn.Module) -> None:
    """Fold all normalised convolutions of a module."""
    for part in module.modules():
        if isinstance(part, _Normalised):
            part.fold()
