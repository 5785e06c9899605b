"""Trainings of models that are taught by true answers, on whole utterances, by Adam: batches and updates."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Protocol

import numpy as np
import torch
from lightning_fabric import Fabric
from torch import nn

from koeru.config.training import Scheduled
from koeru.data.sampling import epoch_batches, padding_share
from koeru.nn.losses import Mean, total_loss
from koeru.training.checkpoint import Position
from koeru.training.loader import Batch, Share
from koeru.training.parallel import over_devices, seed_step
from koeru.training.schedule import learning_rate
from koeru.training.sums import Sums, add, averages, require_finite, to_host
from koeru.training.taking import LOSS
from koeru.training.task import Kept, Step

ADAM = {"betas": (0.9, 0.98), "eps": 1e-9}  # Vaswani et al. 2017, 5.3


class Update:
    """A model and its optimiser, on the device of a Fabric. `weights` are those of the parts of its loss."""

    def __init__(
        self, fabric: Fabric, model: nn.Module, settings: Scheduled, weights: Mapping[str, float] | None = None
    ) -> None:
        trained = [p for p in model.parameters() if p.requires_grad]
        optimiser = torch.optim.Adam(trained, **ADAM, fused=True)
        if settings.compile:
            model.compile(dynamic=True)
        self.fabric, self.settings = fabric, settings
        self.weights = settings.weights if weights is None else weights
        self.model, self.optimiser = fabric.setup(model, optimiser)

    def begin(self, position: Position) -> None:
        """Before the losses of the step after `position` are computed: its rate, its gradients, its randomness."""
        self.rate = learning_rate(position.step + 1, self.settings)
        for group in self.optimiser.param_groups:
            group["lr"] = self.rate
        self.optimiser.zero_grad()
        seed_step(self.fabric, self.settings.seed, position.step)

    def end(self, own: Mapping[str, Mean], batch: Batch, position: Position) -> Step:
        """Update by the losses of this device. Errors: NonFiniteLossError, before the weights change."""
        fabric, weights = self.fabric, self.weights
        parts, whole = over_devices(fabric, own, batch.filler)
        fabric.backward(total_loss(parts, weights))
        norm = fabric.clip_gradients(
            self.model, self.optimiser, max_norm=self.settings.max_grad_norm, error_if_nonfinite=False
        )
        (loss, gradient_norm), sums = to_host([total_loss(whole, weights), norm], whole)  # the only wait in a step
        told = averages(sums, weights) | {"gradient norm": gradient_norm}
        require_finite(fabric, position, batch.ids, own, told)
        self.optimiser.step()
        return Step({"loss": loss, "gradient_norm": gradient_norm, "learning_rate": self.rate}, sums)


class Items(Protocol):
    """What is trained on, in memory or read when asked for; lengths are known without reading it."""

    frame_lengths: Sequence[int]

    def __getitem__(self, index: int) -> Any: ...


class SupervisedTask:
    """What such trainings have in common (see `koeru.training.task`).

    `collate` makes a batch of some items, and `losses` are the parts of the loss of what the model says of one.
    """

    kept = Kept("", LOSS)  # the whole model

    def __init__(
        self,
        model: nn.Module,
        settings: Scheduled,
        train_items: Items,
        dev_items: Items,
        collate: Callable[[Sequence[Any]], Any],
        losses: Callable[[Any, Any], dict[str, Mean]],
    ) -> None:
        self.model, self.settings, self.weights = model, settings, settings.weights
        self.frame_lengths, self.dev_items = train_items.frame_lengths, dev_items
        self.collate, self.losses = collate, losses
        self.load = partial(load_items, train_items, collate)

    def batches(self, epoch: int) -> list[list[int]]:
        settings = self.settings
        sizes = (settings.batch_size, settings.group_size, settings.seed)
        return epoch_batches(self.frame_lengths, *sizes, epoch, batch_frames=settings.batch_frames)

    def extent(self, epoch: int) -> dict[str, float]:
        return {"frames": sum(self.frame_lengths), "padding": padding_share(self.frame_lengths, self.batches(epoch))}

    def set_up(self, fabric: Fabric) -> list[torch.optim.Optimizer]:
        self.update = Update(fabric, self.model, self.settings, self.weights)
        return [self.update.optimiser]

    def step(self, batch: Batch, position: Position) -> Step:
        self.update.begin(position)
        return self.update.end(self.losses(self.update.model(batch), batch), batch, position)

    def averages(self, sums: Sums) -> dict[str, float]:
        return averages(sums, self.weights)

    def evaluate(self) -> dict[str, float]:
        """Losses of the development items as inference sees them: own pitch, energy and prosody, true durations.

        A second look, with the true prosody, gives its likelihood where the model has any.
        """
        items, size, model = self.dev_items, self.settings.batch_size, self.update.model
        order = np.argsort(items.frame_lengths, kind="stable").tolist()
        sums: Sums = {}
        for start in range(0, len(order), size):
            batch = self.collate([items[index] for index in order[start : start + size]]).to(self.update.fabric.device)
            parts = self.losses(model(batch, true_pitch=False, true_energy=False, true_prosody=False), batch)
            if self.model.prosody is not None:
                parts = self.losses(model(batch), batch) | parts
            add(sums, to_host([], parts)[1])
        return self.averages(sums)


def load_items(items: Items, collate: Callable[[Sequence[Any]], Any], share: Share) -> Any:
    """The batch of a share of some items."""
    batch = collate([items[index] for index in share.indices])
    batch.filler = share.filler
    return batch
