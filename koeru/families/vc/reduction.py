"""Reduced frames: `factor` frames as one. The tail is padded by the last frame, so that nothing is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor

JUMP = 1  # reduced frames of a source that may become nothing, one after the other, where the alignment is learned


def n_reduced(n_frames: int, factor: int) -> int:
    """How many reduced frames hold so many frames."""
    return -(-n_frames // factor)


def whole(values: np.ndarray, factor: int) -> np.ndarray:
    """Values (T, ...) with the last one repeated until they fill whole reduced frames: (n_reduced * factor, ...)."""
    return np.concatenate([values, np.repeat(values[-1:], -len(values) % factor, axis=0)])


def reduced(x: Tensor, factor: int) -> Tensor:
    """(B, L * factor, C) -> (B, L, factor * C)"""
    return x.unflatten(1, (-1, factor)).flatten(2)


def restored(x: Tensor, factor: int) -> Tensor:
    """(B, L, factor * C) -> (B, L * factor, C)"""
    return x.unflatten(2, (factor, -1)).flatten(1, 2)
