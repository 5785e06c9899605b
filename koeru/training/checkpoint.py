"""Checkpoints: everything a training needs to continue exactly, in a file that is safe to load."""

import os
import pickle
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from koeru.training.machine import Machine

FORMAT = 2  # raised when the meaning of the fields changes
PLACE = "place"  # what files call the position


@dataclass
class Position:
    """Where a run stands: `batch` batches into the epoch after `epoch` whole ones, `step` updates in all."""

    epoch: int = 0
    batch: int = 0
    step: int = 0
    sums: dict[str, list[float]] = field(default_factory=dict)  # of the unfinished epoch: part -> [sum, count]
    seconds: float = 0.0  # spent in the unfinished epoch
    data_seconds: float = 0.0  # of these, waiting for batches
    log: list[dict[str, Any]] = field(default_factory=list)  # one record a finished epoch
    at_start: dict[str, float] = field(default_factory=dict)  # dev before the first step, where best weights are kept


@dataclass
class TrainState:
    """The full state of a training. Tensors may be shared with the live model until the state is saved.

    Moments are by the name of their parameter, not by its place in an optimiser: a model that has more parts, or
    freezes some, can take over those that it shares.
    """

    model: dict[str, Tensor]
    moments: dict[str, dict[str, Tensor]]  # of each updated parameter: Adam's step, exp_avg, exp_avg_sq
    generators: dict[str, Tensor]  # "cpu", and "cuda" where the training ran there; {} before it begins
    machine: Machine  # what it was computed on: another one rounds otherwise
    position: Position
    best: dict[str, Tensor] = field(default_factory=dict)  # of the part that is kept, at its best epoch in position.log


def save(state: TrainState, path: Path) -> None:
    """Write a state so that `path` holds what it held before or all of the new state, even after a crash."""
    content = {"format": FORMAT, **vars(state), "machine": vars(state.machine), PLACE: vars(state.position)}
    del content["position"]
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    with open(partial, "wb") as file:
        torch.save(content, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, path)
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)  # the rename itself outlives a crash of the machine only now
    os.close(folder)


def load(path: Path) -> TrainState:
    """Read a state onto the CPU. Only tensors and plain values are unpickled: a file cannot run code.

    Errors: ValueError naming the file where it is no checkpoint, or one of another format.
    """
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError) as error:
        raise ValueError(f"{path} is not a checkpoint ({error}): delete it to start from an earlier one") from error
    version = content.pop("format", None) if isinstance(content, dict) else None
    if version != FORMAT:
        raise ValueError(
            f"{path} has checkpoint format {version}, this koeru reads {FORMAT}: continue with the one that wrote it, "
            "or delete the folder of the run to train it anew"
        )
    position = Position(**content.pop(PLACE))
    return TrainState(**{**content, "machine": Machine(**content["machine"])}, position=position)
