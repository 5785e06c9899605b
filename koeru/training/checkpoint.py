"""Checkpoints: everything a training needs to continue exactly, in a file that is safe to load."""

import os
import pickle
from collections.abc import Container
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

FORMAT = 1  # raised when the meaning of the fields changes


@dataclass
class Place:
    """Where a run stands: `batch` batches into the epoch after `epoch` whole ones, `step` updates in all."""

    epoch: int = 0
    batch: int = 0
    step: int = 0
    sums: dict[str, list[float]] = field(default_factory=dict)  # of the unfinished epoch: part -> [sum, count]
    seconds: float = 0.0  # spent in the unfinished epoch
    data_seconds: float = 0.0  # of these, waiting for batches
    log: list[dict[str, Any]] = field(default_factory=list)  # one record a finished epoch


@dataclass
class TrainState:
    """The full state of a training. Tensors may be shared with the live model until the state is saved."""

    model: dict[str, Tensor]
    optimiser: dict[str, Any]
    generators: dict[str, Tensor]  # "cpu", and "cuda" where the training ran there
    threads: int  # of torch: another number sums in another order
    place: Place


def save(state: TrainState, path: Path) -> None:
    """Write a state so that `path` holds what it held before or all of the new state, even after a crash."""
    content = {"format": FORMAT, **vars(state), "place": vars(state.place)}
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
        raise ValueError(f"{path} has checkpoint format {version}, this koeru reads {FORMAT}")
    return TrainState(**{**content, "place": Place(**content["place"])})


@dataclass(frozen=True)
class Loaded:
    """Which tensors of a model took the weights of a state: as they were, or with more rows behind the loaded ones."""

    copied: tuple[str, ...]
    extended: tuple[str, ...] = ()


def load_pretrained(model: nn.Module, state: TrainState, extend: Container[str] = ()) -> Loaded:
    """Load the weights of a state into a model, all of them or none.

    The tensors named in `extend` have one row a name, and may have more rows in the model (see `with_new_rows`).

    Errors: ValueError listing every tensor that is missing, superfluous or of another shape.
    """
    own, loaded = model.state_dict(), state.model
    extended = [name for name in own if name in loaded and name in extend and _has_more_rows(own[name], loaded[name])]
    wrong = [
        *(f"{name}: not in the loaded weights" for name in own if name not in loaded),
        *(f"{name}: not in the model" for name in loaded if name not in own),
        *(
            f"{name}: {tuple(loaded[name].shape)} in the loaded weights, {tuple(tensor.shape)} in the model"
            for name, tensor in own.items()
            if name in loaded and loaded[name].shape != tensor.shape and name not in extended
        ),
    ]
    if wrong:
        raise ValueError("\n  ".join([f"{len(wrong)} tensor(s) do not fit the model:", *wrong]))
    model.load_state_dict(loaded | {name: with_new_rows(loaded[name], len(own[name])) for name in extended})
    return Loaded(tuple(name for name in own if name not in extended), tuple(extended))


def with_new_rows(rows: Tensor, count: int) -> Tensor:
    """Embeddings (N, D) with more rows behind them, `count` in all: each new one is the mean of the N.

    A new voice begins as the average one: the layers above know vectors of that region, and none drawn at random.
    """
    return torch.cat([rows, rows.mean(0, keepdim=True).expand(count - len(rows), -1)])


def _has_more_rows(tensor: Tensor, loaded: Tensor) -> bool:
    return tensor.ndim == loaded.ndim == 2 and tensor.shape[1] == loaded.shape[1] and len(tensor) > len(loaded)
