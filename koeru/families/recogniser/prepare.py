"""A recogniser before it is trained: its utterances, its vocabulary, the weights it begins with, what is foretold."""

from __future__ import annotations

from typing import Any

import torch

from koeru.config.base import over
from koeru.families.recogniser.build import build_model, named_rows, vocabulary_of
from koeru.families.recogniser.entry import RecogniserExp
from koeru.families.recogniser.heads import Teacher
from koeru.families.recogniser.items import SpeechItems, speech
from koeru.families.recogniser.task import RecogniserTask
from koeru.jobs.stage import Work
from koeru.report.foretelling import foretell
from koeru.training.beginning import known, pretrained, told_of
from koeru.training.checkpoint import TrainState
from koeru.training.pretraining import freeze
from koeru.training.run import Prepared


def prepare(work: Work, start: int) -> Prepared:
    """The training of a node from its saved epoch `start` (0: from its beginning)."""
    exp, features = over(RecogniserExp, work), speech(work)
    own, spec = vocabulary_of(features.language), features.mel_spec
    vocabulary = known(work, start, own)
    teacher = Teacher(features.language, vocabulary, exp.model.heads, exp.ctc)
    spare = 2 if exp.ctc.edge_blank_steps else 0
    items = SpeechItems(features, "train", teacher, exp.model.stride, spare=spare, max_frames=exp.train.max_frames)
    items.require_some()
    held_out = SpeechItems(features, "dev", teacher, exp.model.stride)
    torch.manual_seed(exp.train.seed)
    model = build_model(exp.model, vocabulary, spec.n_mels)
    freeze(model, exp.train.freeze)
    first, loaded = pretrained(work, start, model, own, named_rows(exp.model.heads))
    foretell(work, RecogniserExp, items.frame_lengths, loaded)

    def told(state: TrainState) -> dict[str, Any]:
        return told_of(items, held_out, vocabulary, model)

    task = RecogniserTask(model, exp, items, held_out, spec.hop_length / spec.sample_rate)
    return Prepared(task, first, loaded, told)
