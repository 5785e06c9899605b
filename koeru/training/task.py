"""What a kind of model has of its own in a training: its batches, its step, and what it is judged by."""

from typing import NamedTuple, Protocol

import torch
from lightning_fabric import Fabric
from torch import nn

from koeru.config.training import Optimisation
from koeru.training.checkpoint import Position
from koeru.training.loader import Batch, Load
from koeru.training.sums import Sums


class Step(NamedTuple):
    """What a step tells: scalars for the log, among them `loss`, and the parts of the loss of the whole batch."""

    scalars: dict[str, float]
    sums: Sums


class Kept(NamedTuple):
    """The part of a model that is kept as it was when a value of the dev split was lowest."""

    part: str
    value: str


class Task(Protocol):
    """A model and how it is trained; the rest is the loop's."""

    settings: Optimisation
    model: nn.Module  # checkpoints know it by the names of its tensors
    load: Load  # goes to the processes that load batches: it knows of no model and no device
    kept: Kept | None

    def batches(self, epoch: int) -> list[list[int]]:
        """The batches of an epoch, from 0, as indices of utterances: a pure function. [] where there is none at all."""
        ...

    def extent(self, epoch: int) -> dict[str, float]:
        """How many real frames an epoch has (`frames`), and which share of all its frames is padding (`padding`)."""
        ...

    def set_up(self, fabric: Fabric) -> list[torch.optim.Optimizer]:
        """Bring the model to the device, and return its optimisers. What follows is called after this."""
        ...

    def step(self, batch: Batch, position: Position) -> Step:
        """The next update after `position`, with a batch that is on the device. Errors: NonFiniteLossError."""
        ...

    def averages(self, sums: Sums) -> dict[str, float]:
        """What the log tells of the sums of an epoch."""
        ...

    def evaluate(self) -> dict[str, float]:
        """How good the model, in evaluation mode, is on the dev split; {} where that is empty."""
        ...
