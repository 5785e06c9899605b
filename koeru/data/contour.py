"""How an utterance goes, whoever says it, and what of that a person decides."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Contour:
    """How one utterance of P phones and T frames goes, whatever the level of the model's pitch and energy."""

    log_f0: np.ndarray  # (P,) float32, natural log of Hz; means over the frames of phones where F0 is frame by frame
    frame_log_f0: np.ndarray  # (T,) float32, natural log of Hz; held for a phone where F0 is phone by phone
    log_energy: np.ndarray  # (P,) float32, as log_f0
    durations: np.ndarray  # (P,) int64, whole frames, T in all
    own_durations: np.ndarray  # (P,) float32, frames as predicted, not rounded


@dataclass(frozen=True)
class Answer(Contour):
    """What a model says of an utterance."""

    mel: np.ndarray  # (T, M) float32, natural log


@dataclass(frozen=True)
class Told:
    """What a person decides of how an utterance goes; None, or NaN for a phone, is left to the model.

    Where a model's F0 or energy goes frame by frame, its own curve is moved, phone by phone, to the means that are
    told.
    """

    durations: np.ndarray | None = None  # (P,) int64, frames
    log_f0: np.ndarray | None = None  # (P,) float, natural log of Hz
    log_energy: np.ndarray | None = None  # (P,) float


NOTHING = Told()


def moved(own: np.ndarray, frames: np.ndarray | None, told: np.ndarray, durations: np.ndarray) -> np.ndarray:
    """Values of phones as they are told, NaN as they are: (P,), or (T,) of frames where `frames` (T,) are given."""
    wanted = np.where(np.isnan(told), own, told)
    return wanted if frames is None else frames + np.repeat(wanted - own, durations)
