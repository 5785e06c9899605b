"""A trained acoustic model that answers in natural units: log-mel, log F0, frames."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from koeru.data.batches import collate, make_item, text_item
from koeru.data.names import Names
from koeru.data.statistics import Stats
from koeru.models.build import build_model
from koeru.models.fastspeech2 import FastSpeech2
from koeru.stage import Arrays
from koeru.store import Place, Record, Store, read_json
from koeru.training.checkpoint import load, load_pretrained


@dataclass(frozen=True)
class Answer:
    """What the model says of one utterance."""

    mel: np.ndarray  # (T, M) float32, natural log
    log_f0: np.ndarray  # (P,) float32, natural log of Hz, one value a phone
    durations: np.ndarray  # (P,) int64, the frames that the mel was made with
    own_durations: np.ndarray  # (P,) float32, frames as predicted, not rounded


class Voice:
    """The model of a training at an epoch: it knows its names by itself, and the statistics are its dataset's."""

    def __init__(self, model: FastSpeech2, names: Names, stats: Stats) -> None:
        self.model, self.names, self.stats = model.eval(), names, stats

    @classmethod
    def load(cls, store: Store, training: Place, stats: Stats) -> Voice:
        """The voice of a training at `training.epoch`."""
        told = read_json(store.epoch_path(training, training.epoch))
        names = Names.of(told)
        model = build_model(told["params"], names, stats)
        load_pretrained(model, load(store.epoch_state_path(training, training.epoch)))
        return cls(model, names, stats)

    @torch.inference_mode()
    def speak(self, record: Record, natural: Arrays | None = None) -> Answer:
        """Speak the text of a labels record as its speaker in its emotion, with own pitch and energy.

        Durations are its own, or with `natural`, the features of the recording, those of the record.
        """
        if natural is None:
            item = text_item(record, self.names)
        else:
            item = make_item(record, **natural, stats=self.stats, names=self.names)
        out = self.model(collate([item]), true_durations=natural is not None, true_pitch=False, true_energy=False)
        speaker = record["speaker"]
        return Answer(
            mel=self.stats.denormalise("mel", out.final_mel[0].numpy(), speaker),
            log_f0=self.stats.denormalise("log_f0", out.pitch[0].numpy(), speaker),
            durations=out.durations[0].numpy(),
            own_durations=np.maximum(np.expm1(out.log_durations[0].numpy()), 0.0),
        )
