"""Whose weights an experiment speaks with: those of the last epoch, or of the one with the lowest development loss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from koeru.data.splits import nothing_left
from koeru.graph.store import Place, Store
from koeru.training.checkpoint import load
from koeru.training.manifest import ModelManifest
from koeru.training.taking import LOSS, Row, Take, best_row, best_weights


@dataclass(frozen=True)
class Taken:
    """The weights of a model at the end of an epoch, after so many steps."""

    weights: dict[str, Tensor]
    epoch: int
    step: int


def taken(store: Store, training: Place, take: Take) -> Taken:
    """The weights of a training up to `training.epoch`: as they were then, or as they were kept of the best epoch.

    Errors: ValueError naming the file where the best are wanted and it keeps none.
    """
    file = store.epoch_state_path(training, training.epoch)
    state = load(file)
    row = row_of(state.position.log, take)
    return Taken(best_weights(state, file, "take") if take == "best" else state.model, row["epoch"], row["step"])


def row_of(log: Sequence[Row], take: Take) -> Row:
    """What the log of a training tells of the epoch that is taken. ValueError where none is the best."""
    if (row := best_row(log, LOSS) if take == "best" else log[-1]) is None:
        raise ValueError(f"take: best: no epoch is the best: {nothing_left('dev')}; or set take: last")
    return row


def told_of(store: Store, training: Place, take: Take) -> Mapping[str, Any]:
    """What is recorded of the choice, which is known only now: the epoch, of how many, and the loss that decided."""
    log = store.read_node(training, ModelManifest).log
    row = row_of(log, take)
    return {"take": take, "epoch": row["epoch"], "of": log[-1]["epoch"], "dev_loss": row["dev"].get(LOSS)}
