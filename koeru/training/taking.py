"""Which weights of a training are taken: those of its last epoch, or those that it has kept of its best one."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from torch import Tensor

from koeru.training.checkpoint import TrainState

LOSS = "total"  # of what the dev split says of an epoch: its whole loss, by which models that are taught are judged
Take = Literal["last", "best"]
Row = Mapping[str, Any]  # of the log of a training: what is told of an epoch


def best_row(log: Sequence[Row], value: str) -> Row | None:
    """The epoch in which a value of the dev split was lowest, the first of several; None where none has the value."""
    judged = [row for row in log if not math.isnan(row["dev"].get(value, math.nan))]
    return min(judged, key=lambda row: row["dev"][value], default=None)


def best_weights(state: TrainState, file: Path, leaf: str) -> dict[str, Tensor]:
    """The weights that a state keeps of its best epoch.

    Errors: ValueError naming its file, and the leaf that asks for them, where it keeps none: the dev split was empty,
    or the best epoch came before any was kept.
    """
    if not state.best:
        raise ValueError(f"{file} keeps no weights of its best epoch: set {leaf}: last")
    return dict(state.best)
