"""The training of a conversion model (see `koeru.training.task`): teacher-forced, by Adam, on whole pairs."""

from functools import partial

import numpy as np
import torch
from lightning_fabric import Fabric

from koeru.config.training import Supervised
from koeru.data.sampling import epoch_batches, padding_share
from koeru.families.vc.batches import Items, PairBatch, collate
from koeru.families.vc.losses import losses
from koeru.families.vc.model import ConformerVc
from koeru.training.checkpoint import Position
from koeru.training.loader import Share
from koeru.training.sums import Sums, add, averages, to_host
from koeru.training.task import Step
from koeru.training.update import Update


class ConversionTask:
    """A model that converts, plain or with prosody, its alignment given or learned."""

    kept = None

    def __init__(self, model: ConformerVc, settings: Supervised, train_items: Items, dev_items: Items) -> None:
        self.model, self.settings = model, settings
        self.train_items, self.dev_items = train_items, dev_items
        self.load = partial(load_items, train_items, model.factor)

    def batches(self, epoch: int) -> list[list[int]]:
        settings = self.settings
        sizes = (settings.batch_size, settings.group_size, settings.seed)
        return epoch_batches(self.train_items.frame_lengths, *sizes, epoch, batch_frames=settings.batch_frames)

    def extent(self, epoch: int) -> dict[str, float]:
        lengths = self.train_items.frame_lengths
        return {"frames": sum(lengths), "padding": padding_share(lengths, self.batches(epoch))}

    def set_up(self, fabric: Fabric) -> list[torch.optim.Optimizer]:
        self.update = Update(fabric, self.model, self.settings)
        return [self.update.optimiser]

    def step(self, batch: PairBatch, position: Position) -> Step:
        self.update.begin(position)
        return self.update.end(losses(self.update.model(batch), batch), batch, position)

    def averages(self, sums: Sums) -> dict[str, float]:
        return averages(sums, self.settings.weights)

    def evaluate(self) -> dict[str, float]:
        """Losses of the development items as inference sees them: own pitch, energy and prosody, true durations.

        A second look, with the true prosody, gives its likelihood where the model has any.
        """
        items, size, model = self.dev_items, self.settings.batch_size, self.update.model
        order = np.argsort(items.frame_lengths, kind="stable").tolist()
        sums: Sums = {}
        for start in range(0, len(order), size):
            some = [items[index] for index in order[start : start + size]]
            batch = collate(some, self.model.factor).to(self.update.fabric.device)
            parts = losses(model(batch, true_pitch=False, true_energy=False, true_prosody=False), batch)
            if self.model.prosody is not None:
                parts = losses(model(batch), batch) | parts
            add(sums, to_host([], parts)[1])
        return averages(sums, self.settings.weights)


def load_items(items: Items, factor: int, share: Share) -> PairBatch:
    """The batch of a share of some items."""
    batch = collate([items[index] for index in share.indices], factor)
    batch.filler = share.filler
    return batch
