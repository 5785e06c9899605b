"""What a conversion model makes of two held-out pairs whenever an epoch is saved: freely, as for the report."""

from __future__ import annotations

import numpy as np
import torch

from koeru.config.base import over
from koeru.data.vocabulary import Vocabulary
from koeru.families.experiments.heard import SENTENCES, Sentence, speak
from koeru.families.vc.build import build_model
from koeru.families.vc.converter import Converter, voices
from koeru.families.vc.entry import VcExp
from koeru.families.vc.items import PairItems
from koeru.families.vc.pairs import Pair, Pairs
from koeru.families.vc.synthesis import to_listen
from koeru.jobs.stage import Work
from koeru.training.checkpoint import TrainState
from koeru.training.run import Spoken


def spoken(work: Work, pairs: Pairs, vocabulary: Vocabulary, held_out: PairItems, state: TrainState) -> Spoken:
    """Let the model of a state be heard, with pairs that it was not trained on: of dev, else of eval.

    Errors: ValueError where none is held out, or where nothing can be made of what it says.
    """
    listened = to_listen(held_out.places or list(pairs.of_split("eval")), SENTENCES)
    exp = over(VcExp, work)
    with torch.random.fork_rng(devices=[]):  # the weights that it begins with are drawn
        model = build_model(exp.model, vocabulary, pairs.features.stats, aligned=exp.durations == "dtw")
    model.load_state_dict(state.model)
    converter = Converter(model, vocabulary, pairs.features.stats)
    sentences = [sentence(work, pairs, converter, pair) for pair in listened]
    return speak(work, pairs.features.mel_spec, state.position.epoch, sentences)


def sentence(work: Work, pairs: Pairs, converter: Converter, pair: Pair) -> Sentence:
    """The sentence of a pair, to be converted."""

    def say() -> np.ndarray:
        source, degree = pairs.arrays(pair.source), work["synthesis.temperature"]
        return converter.convert(pair.id, source, *voices(pair), pair.source.cuts, temperature=degree).mel

    who = f"{pair.source.speaker} → {pair.target.speaker}"
    return Sentence(pair.id, pair.target.text, who, pair.target.emotion, pairs.arrays(pair.target)["mel"], say)
