"""The training of an acoustic model (see `koeru.training.task`): teacher-forced, by Adam, on whole utterances."""

from functools import partial

import numpy as np

from koeru.config.training import Supervised
from koeru.families.acoustic.batches import AcousticBatch, Items, collate
from koeru.families.acoustic.losses import losses
from koeru.families.acoustic.model import FastSpeech2
from koeru.training.loader import Share
from koeru.training.sums import Sums, add, to_host
from koeru.training.supervised import SupervisedTask


class AcousticTask(SupervisedTask):
    """FastSpeech2, plain or with prosody."""

    def __init__(self, model: FastSpeech2, settings: Supervised, train_items: Items, dev_items: Items) -> None:
        load = partial(load_items, train_items)
        super().__init__(model, settings, train_items.frame_lengths, load, losses)
        self.train_items, self.dev_items = train_items, dev_items

    def evaluate(self) -> dict[str, float]:
        """Losses of the development items as inference sees them: own pitch, energy and prosody, given durations.

        A second look, with the true prosody, gives its likelihood where the model has any.
        """
        items, size, model = self.dev_items, self.settings.batch_size, self.update.model
        order = np.argsort(items.frame_lengths, kind="stable").tolist()
        sums: Sums = {}
        for start in range(0, len(order), size):
            batch = collate([items[index] for index in order[start : start + size]]).to(self.update.fabric.device)
            parts = losses(model(batch, true_pitch=False, true_energy=False, true_prosody=False), batch)
            if self.model.prosody is not None:
                parts = losses(model(batch), batch) | parts
            add(sums, to_host([], parts)[1])
        return self.averages(sums)


def load_items(items: Items, share: Share) -> AcousticBatch:
    """The batch of a share of some items."""
    batch = collate([items[index] for index in share.indices])
    batch.filler = share.filler
    return batch
