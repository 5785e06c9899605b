"""What steps tell of the parts of their losses: sums and counts, not means, so that those of batches can be joined."""

import math
from collections.abc import Mapping, Sequence

import torch
from lightning_fabric import Fabric
from torch import Tensor

from koeru.nn.losses import Mean
from koeru.training.checkpoint import Position
from koeru.training.parallel import blamed

Sums = dict[str, list[float]]  # part -> [sum, count]


class NonFiniteLossError(RuntimeError):
    """A loss or a gradient is not finite. The message names the step, the parts and the utterances."""


def to_host(scalars: Sequence[Tensor], parts: Mapping[str, Mean]) -> tuple[list[float], Sums]:
    """Scalars, and the [sum, count] of each part, in one transfer from the device."""
    tensors = [*scalars, *(part.sum for part in parts.values()), *(part.count for part in parts.values())]
    numbers = torch.stack([tensor.detach().double() for tensor in tensors]).tolist()
    values, numbers = numbers[: len(scalars)], numbers[len(scalars) :]
    return values, {name: [numbers[i], numbers[i + len(parts)]] for i, name in enumerate(parts)}


def add(sums: Sums, more: Mapping[str, Sequence[float]]) -> None:
    """Add [sum, count] of every part to `sums`."""
    for name, (total, count) in more.items():
        old_total, old_count = sums.get(name, (0.0, 0.0))
        sums[name] = [old_total + total, old_count + count]


def averages(sums: Mapping[str, Sequence[float]], weights: Mapping[str, float]) -> dict[str, float]:
    """Every part's mean over its positions, and "total", the sum of the means times their weights; {} of {}."""
    means = {name: total / count for name, (total, count) in sums.items()}
    return {**means, "total": sum(weights.get(name, 1.0) * mean for name, mean in means.items())} if means else {}


def require_finite(
    fabric: Fabric, position: Position, ids: Sequence[str], own: Mapping[str, Mean], told: Mapping[str, float]
) -> None:
    """Raise NonFiniteLossError unless all that is `told` of the next step is finite.

    It names the utterances `ids` of this device, or of others, by whose `own` parts of the loss are not.
    """
    if all(map(math.isfinite, told.values())):
        return
    finite = all(part.sum.isfinite().item() for part in own.values())
    values = ", ".join(f"{name} {value:.4g}" for name, value in told.items())
    raise NonFiniteLossError(
        f"step {position.step + 1} (batch {position.batch + 1} of epoch {position.epoch + 1}) is not finite: "
        f"{values}; utterances {', '.join(blamed(fabric, ids, finite))}. "
        "Check their features, or lower the learning rate"
    )
