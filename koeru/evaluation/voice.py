"""A trained acoustic model that answers in natural units: log-mel, log F0, frames."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from koeru.data.batches import Batch, Item, collate
from koeru.data.statistics import Stats
from koeru.models.build import build_model
from koeru.models.fastspeech2 import FastSpeech2
from koeru.store import Place, Store, read_json
from koeru.training.checkpoint import load, load_pretrained


@dataclass(frozen=True)
class Answer:
    """What the model says of one utterance."""

    mel: np.ndarray  # (T, M) float32, natural log
    log_f0: np.ndarray  # (P,) float32, natural log of Hz, one value a phone
    durations: np.ndarray  # (P,) int64, the frames that the mel was made with
    own_durations: np.ndarray  # (P,) float32, frames as predicted, not rounded


class Voice:
    """The model of a training at an epoch, with its statistics."""

    def __init__(self, model: FastSpeech2, stats: Stats) -> None:
        self.model, self.stats = model.eval(), stats

    @classmethod
    def load(cls, store: Store, training: Place, stats: Stats) -> Voice:
        """The voice of a training at `training.epoch`."""
        told = read_json(store.epoch_path(training, training.epoch))
        model = build_model(told["params"], stats)
        load_pretrained(model, load(store.epoch_state_path(training, training.epoch)))
        return cls(model, stats)

    @torch.inference_mode()
    def speak(self, item: Item, *, true_durations: bool = False) -> Answer:
        """Speak an item with own pitch and energy, and with own durations unless those of the item are wanted."""
        batch: Batch = collate([item])
        out = self.model(batch, true_durations=true_durations, true_pitch=False, true_energy=False)
        speaker = self.stats.speakers[item.speaker]
        return Answer(
            mel=self.stats.denormalise("mel", out.final_mel[0].numpy(), speaker),
            log_f0=self.stats.denormalise("log_f0", out.pitch[0].numpy(), speaker),
            durations=out.durations[0].numpy(),
            own_durations=np.maximum(np.expm1(out.log_durations[0].numpy()), 0.0),
        )
