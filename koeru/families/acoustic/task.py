"""The training of an acoustic model (see `koeru.training.task`): teacher-forced, by Adam, on whole utterances."""

from collections.abc import Sequence
from functools import partial

import numpy as np
import torch
from lightning_fabric import Fabric
from torch import nn

from koeru.data.sampling import epoch_batches, padding_share
from koeru.families.acoustic.batches import AcousticBatch, Items, collate
from koeru.families.acoustic.entry import Train
from koeru.families.acoustic.losses import losses
from koeru.nn.losses import total_loss
from koeru.training.checkpoint import Position
from koeru.training.loader import Share
from koeru.training.parallel import over_devices, seed_step
from koeru.training.schedule import learning_rate
from koeru.training.sums import Sums, add, averages, require_finite, to_host
from koeru.training.task import Step

ADAM = {"betas": (0.9, 0.98), "eps": 1e-9}  # Vaswani et al. 2017, 5.3


class AcousticTask:
    """FastSpeech2, plain or with prosody."""

    kept = None

    def __init__(self, model: nn.Module, settings: Train, train_items: Items, dev_items: Items) -> None:
        self.model, self.settings = model, settings
        self.train_items, self.dev_items = train_items, dev_items
        self.load = partial(load_items, train_items)

    def batches(self, epoch: int) -> list[list[int]]:
        return batches_of(self.settings, self.train_items.frame_lengths, epoch)

    def extent(self, epoch: int) -> dict[str, float]:
        lengths = self.train_items.frame_lengths
        return {"frames": sum(lengths), "padding": padding_share(lengths, self.batches(epoch))}

    def set_up(self, fabric: Fabric) -> list[torch.optim.Optimizer]:
        settings, trained = self.settings, [p for p in self.model.parameters() if p.requires_grad]
        optimiser = torch.optim.Adam(trained, **ADAM, fused=True)
        if settings.compile:
            self.model.compile(dynamic=True)
        self.fabric = fabric
        self.wrapped_model, self.optimiser = fabric.setup(self.model, optimiser)
        return [optimiser]

    def step(self, batch: AcousticBatch, position: Position) -> Step:
        """One update. Errors: NonFiniteLossError, before the weights change."""
        fabric, settings = self.fabric, self.settings
        rate = learning_rate(position.step + 1, settings)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        self.optimiser.zero_grad()
        seed_step(fabric, settings.seed, position.step)
        own = losses(self.wrapped_model(batch), batch)
        parts, whole = over_devices(fabric, own, batch.filler)
        fabric.backward(total_loss(parts, settings.weights))
        norm = fabric.clip_gradients(
            self.wrapped_model, self.optimiser, max_norm=settings.max_grad_norm, error_if_nonfinite=False
        )
        scalars = [total_loss(whole, settings.weights), norm]
        (loss, gradient_norm), sums = to_host(scalars, whole)  # the only wait for the device in a step
        told = averages(sums, settings.weights) | {"gradient norm": gradient_norm}
        require_finite(fabric, position, batch.ids, own, told)
        self.optimiser.step()
        return Step({"loss": loss, "gradient_norm": gradient_norm, "learning_rate": rate}, sums)

    def averages(self, sums: Sums) -> dict[str, float]:
        return averages(sums, self.settings.weights)

    def evaluate(self) -> dict[str, float]:
        """Losses of the development items as inference sees them: own pitch, energy and prosody, given durations.

        A second look, with the true prosody, gives its likelihood where the model has any.
        """
        items, size, model = self.dev_items, self.settings.batch_size, self.wrapped_model
        order = np.argsort(items.frame_lengths, kind="stable").tolist()
        sums: Sums = {}
        for start in range(0, len(order), size):
            batch = collate([items[index] for index in order[start : start + size]]).to(self.fabric.device)
            parts = losses(model(batch, true_pitch=False, true_energy=False, true_prosody=False), batch)
            if self.model.prosody is not None:
                parts = losses(model(batch), batch) | parts
            add(sums, to_host([], parts)[1])
        return averages(sums, self.settings.weights)


def batches_of(settings: Train, frame_lengths: Sequence[int], epoch: int) -> list[list[int]]:
    """The batches of an epoch of utterances with these lengths: see `koeru.data.sampling`."""
    return epoch_batches(
        frame_lengths,
        settings.batch_size,
        settings.group_size,
        settings.seed,
        epoch,
        batch_frames=settings.batch_frames,
    )


def load_items(items: Items, share: Share) -> AcousticBatch:
    """The batch of a share of some items."""
    batch = collate([items[index] for index in share.indices])
    batch.filler = share.filler
    return batch
