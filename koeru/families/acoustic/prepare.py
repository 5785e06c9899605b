"""An acoustic model before it is trained: its data, its vocabulary, the weights it begins with, what is foretold."""

from functools import partial
from typing import Any

import torch

from koeru.config.base import over
from koeru.data.reading import Features
from koeru.families.acoustic.build import NAMED_ROWS, build_model
from koeru.families.acoustic.entry import Exp
from koeru.families.acoustic.heard import spoken
from koeru.families.acoustic.items import FeatureItems
from koeru.families.acoustic.task import AcousticTask
from koeru.jobs.stage import Work
from koeru.report.foretelling import foretell
from koeru.training.beginning import known, pretrained, require_some, told_of
from koeru.training.checkpoint import TrainState
from koeru.training.pretraining import freeze
from koeru.training.run import Prepared


def prepare(work: Work, start: int) -> Prepared:
    """The training of a node from its saved epoch `start` (0: from its beginning)."""
    exp = over(Exp, work)
    features = Features.of(work)
    vocabulary = known(work, start, features.vocabulary)
    items = FeatureItems(features, "train", vocabulary, exp.train.max_frames)
    require_some(items, exp.train.max_frames)
    held_out = FeatureItems(features, "dev", vocabulary)
    torch.manual_seed(exp.train.seed)
    model = build_model(exp.model, vocabulary, features.stats)
    freeze(model, exp.train.freeze)
    first, loaded = pretrained(work, start, model, features.vocabulary, NAMED_ROWS)
    foretell(work, Exp, items.frame_lengths, loaded)

    def told(state: TrainState) -> dict[str, Any]:
        return told_of(items, held_out, vocabulary, model)

    speak = partial(spoken, work, features, vocabulary, held_out)
    return Prepared(AcousticTask(model, exp.train, items, held_out), first, loaded, told, speak)
