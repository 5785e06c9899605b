"""The training of a conversion model (see `koeru.training.task`): teacher-forced, by Adam, on whole pairs."""

from functools import partial

from koeru.config.training import Supervised
from koeru.families.vc.batches import Items, collate
from koeru.families.vc.losses import losses
from koeru.families.vc.model import ConformerVc
from koeru.training.supervised import SupervisedTask


class ConversionTask(SupervisedTask):
    """A model that converts, plain or with prosody, its alignment given or learned."""

    def __init__(self, model: ConformerVc, settings: Supervised, train_items: Items, dev_items: Items) -> None:
        super().__init__(model, settings, train_items, dev_items, partial(collate, factor=model.factor), losses)
