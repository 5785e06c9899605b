"""The training of a conversion model (see `koeru.training.task`): teacher-forced, by Adam, on whole pairs."""

from functools import partial

import numpy as np

from koeru.config.training import Supervised
from koeru.families.vc.batches import Items, PairBatch, collate
from koeru.families.vc.losses import losses
from koeru.families.vc.model import ConformerVc
from koeru.training.loader import Share
from koeru.training.sums import Sums, add, to_host
from koeru.training.supervised import SupervisedTask


class ConversionTask(SupervisedTask):
    """A model that converts, plain or with prosody, its alignment given or learned."""

    def __init__(self, model: ConformerVc, settings: Supervised, train_items: Items, dev_items: Items) -> None:
        load = partial(load_items, train_items, model.factor)
        super().__init__(model, settings, train_items.frame_lengths, load, losses)
        self.train_items, self.dev_items = train_items, dev_items

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
        return self.averages(sums)


def load_items(items: Items, factor: int, share: Share) -> PairBatch:
    """The batch of a share of some items."""
    batch = collate([items[index] for index in share.indices], factor)
    batch.filler = share.filler
    return batch
