"""The training of an acoustic model (see `koeru.training.task`): teacher-forced, by Adam, on whole utterances."""

from koeru.config.training import Supervised
from koeru.families.acoustic.batches import Items, collate
from koeru.families.acoustic.losses import losses
from koeru.families.acoustic.model import FastSpeech2
from koeru.training.supervised import SupervisedTask


class AcousticTask(SupervisedTask):
    """FastSpeech2, plain or with prosody."""

    def __init__(self, model: FastSpeech2, settings: Supervised, train_items: Items, dev_items: Items) -> None:
        super().__init__(model, settings, train_items, dev_items, collate, losses)
