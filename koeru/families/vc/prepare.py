"""A conversion model before it is trained: its pairs, its vocabulary, the weights it begins with, what is foretold."""

from functools import partial
from typing import Any

import torch

from koeru.config.base import over
from koeru.families.vc.build import NAMED_ROWS, build_model
from koeru.families.vc.entry import VcExp
from koeru.families.vc.heard import spoken
from koeru.families.vc.items import PairItems
from koeru.families.vc.pairs import Pairs
from koeru.families.vc.task import ConversionTask
from koeru.jobs.stage import Work
from koeru.report.foretelling import foretell
from koeru.training.beginning import known, pretrained, require_some, told_of
from koeru.training.checkpoint import TrainState
from koeru.training.pretraining import freeze
from koeru.training.run import Prepared


def prepare(work: Work, start: int) -> Prepared:
    """The training of a node from its saved epoch `start` (0: from its beginning)."""
    exp = over(VcExp, work)
    pairs = Pairs.of(work)
    own = pairs.features.vocabulary
    vocabulary = known(work, start, own)
    items = PairItems(pairs, "train", vocabulary, exp.train.max_frames)
    require_some(items, exp.train.max_frames)
    held_out = PairItems(pairs, "dev", vocabulary)
    torch.manual_seed(exp.train.seed)
    model = build_model(exp.model, vocabulary, pairs.features.stats, aligned=exp.durations == "dtw")
    freeze(model, exp.train.freeze)
    first, loaded = pretrained(work, start, model, own, NAMED_ROWS)
    foretell(work, VcExp, items.frame_lengths, loaded)

    def told(state: TrainState) -> dict[str, Any]:
        return told_of(items, held_out, vocabulary, model)

    speak = partial(spoken, work, pairs, vocabulary, held_out)
    return Prepared(ConversionTask(model, exp.train, items, held_out), first, loaded, told, speak)
