"""What an acoustic model says of two held-out sentences whenever an epoch is saved: freely, as synthesis does."""

from __future__ import annotations

import numpy as np
import torch

from koeru.config.base import over
from koeru.data.reading import Features
from koeru.data.records import Labelled
from koeru.data.vocabulary import Vocabulary
from koeru.families.acoustic.build import build_model
from koeru.families.acoustic.entry import Model
from koeru.families.acoustic.items import FeatureItems
from koeru.families.acoustic.voice import Voice
from koeru.families.experiments.heard import SENTENCES, Sentence, speak
from koeru.jobs.stage import Work
from koeru.report.listening import chosen
from koeru.training.checkpoint import TrainState
from koeru.training.run import Spoken


def spoken(work: Work, features: Features, vocabulary: Vocabulary, held_out: FeatureItems, state: TrainState) -> Spoken:
    """Let the model of a state be heard, with sentences that it was not trained on: of dev, else of eval.

    Errors: ValueError where none is held out, or where nothing can be made of what it says.
    """
    records = chosen(held_out.places or features.some_records("eval"), SENTENCES)
    with torch.random.fork_rng(devices=[]):  # the weights that it begins with are drawn
        model = build_model(over(Model, work, "model."), vocabulary, features.stats)
    model.load_state_dict(state.model)
    voice = Voice(model, vocabulary, features.stats, features.mel_spec)
    sentences = [sentence(work, features, voice, *one) for one in records]
    return speak(work, features.mel_spec, state.position.epoch, sentences)


def sentence(work: Work, features: Features, voice: Voice, shard: int, record: Labelled) -> Sentence:
    """A sentence of a record, to be said by a voice."""

    def say() -> np.ndarray:
        return voice.speak(record, temperature=work["synthesis.temperature"]).mel

    said = (record[name] for name in ("id", "text", "speaker", "emotion"))
    return Sentence(*said, features.array("mel", shard, f"{record['id']}/mel"), say)
