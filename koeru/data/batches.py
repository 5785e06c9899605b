"""Batches: tensors of several utterances, padded, and moved together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor

HOST = {"host": True}  # metadata of a field that the host reads, so that it stays in its memory


class Batch:
    """What dataclasses of tensors are that a loader makes: they move as one.

    None of them is frozen, as Fabric copies their fields when it converts the inputs of a model.
    """

    def pin_memory(self) -> Self:
        """The batch in page-locked memory, from which a GPU copies while the host goes on (for torch's DataLoader)."""
        return each_tensor(self, Tensor.pin_memory)

    def to(self, device: torch.device | str) -> Self:
        """The batch on a device, but for what the host reads."""
        return each_tensor(self, lambda tensor: tensor.to(device, non_blocking=True))


def each_tensor(value: Any, change: Callable[[Tensor], Tensor]) -> Any:
    """A tensor, or all in a dataclass or dictionary and those in it, changed; but those that the host reads.

    Anything else stays as it is.
    """
    if isinstance(value, Tensor):
        return change(value)
    if isinstance(value, dict):
        return {name: each_tensor(own, change) for name, own in value.items()}
    if not is_dataclass(value):
        return value
    moving = [field.name for field in fields(value) if not field.metadata.get("host")]
    return replace(value, **{name: each_tensor(getattr(value, name), change) for name in moving})


def padded(arrays: Sequence[np.ndarray], filling: int = 0) -> Tensor:
    """Arrays (L_b, ...) as one tensor (B, max L, ...), filled up behind each."""
    length = max(len(array) for array in arrays)
    whole = np.full((len(arrays), length, *arrays[0].shape[1:]), filling, dtype=arrays[0].dtype)
    for row, array in zip(whole, arrays, strict=True):
        row[: len(array)] = array
    return torch.from_numpy(whole)
