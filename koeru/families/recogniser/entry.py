"""Entries of experiments in recognition: models, what they are taught, training, evaluation."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from koeru.config.base import NotNegative, Odd, Positive, Section, Share
from koeru.config.training import Scheduled
from koeru.families.experiments.entry import Pretrainable
from koeru.families.experiments.weights import Weights
from koeru.families.recogniser.shapes import WEIGHTS

Head = Literal["phones", "letters", "marks"]


class Model(Section):
    """QuartzNet (Kriman et al. 2019, arXiv 1910.10261): convolutions that are separable into time and channels.

    `channels` and `kernel_sizes` are those of its blocks, each of `repeats` convolutions; before them the stem, which
    takes every `stride`th frame, behind them a tail, whose kernel is `tail_dilation` times as wide, and the top, which
    only mixes channels. Widths are in channels, kernel sizes in frames, behind the stem in strided ones. The published
    5x5 has 256, 256, 512, 512 and 512 channels, kernels of 33, 39, 51, 63 and 75 frames (also its stem: 33, 256
    channels), 5 repeats, a tail of 512 channels, 87 frames and dilation 2, and a top of 1024.

    `heads` are what it gives, together: the `phones` of a reading (in Mandarin, initials and finals), its `letters`, or
    its `marks` (in Mandarin, tones).
    """

    type: Literal["quartznet"] = "quartznet"
    heads: tuple[Head, ...] = ("phones",)
    stem_channels: Positive = 128
    stem_kernel_size: Odd = 11
    stride: Positive = 2
    channels: tuple[Positive, ...] = (128, 128)
    kernel_sizes: tuple[Odd, ...] = (11, 15)
    repeats: Positive = 2
    tail_channels: Positive = 128
    tail_kernel_size: Odd = 15
    tail_dilation: Positive = 1
    top_channels: Positive = 256
    dropout: Share = 0.2

    @model_validator(mode="after")
    def _can_be_built(self) -> Model:
        if len(self.channels) != len(self.kernel_sizes):
            raise ValueError(
                f"{len(self.channels)} channels and {len(self.kernel_sizes)} kernel_sizes: one each a block"
            )
        if not self.heads or len({*self.heads}) < len(self.heads):
            raise ValueError(f"heads: one or more, each once, not {list(self.heads)}")
        return self


class Ctc(Section):
    """What is taught, by connectionist temporal classification.

    `silences` of a reading are no labels (`blank`), or labels like others (`label`). `separators` stand between the
    characters of a text (in Japanese its moras), at both of its ends, or around all characters. For `edge_blank_steps`
    steps the first and the last frame are to be blank. With a `blank_weight` other than 1 the frames are taught by
    targets in which the blank counts as much (Li and Wang 2019, arXiv 1904.10619): with less, labels last longer.
    """

    silences: Literal["blank", "label"] = "blank"
    separators: Literal["none", "between", "ends", "around"] = "none"
    edge_blank_steps: Annotated[int, Field(ge=0)] = 0
    blank_weight: Annotated[float, Field(gt=0)] = 1.0


class BlankLoss(Section):
    """What keeps blanks out of speech, so that labels last as long as they are said.

    `hinge`: what the blank has of probability beyond `blank_share` of the uniform one, and the separator beyond
    `separator_share`, is lost. `spared`: the mean probability of both is lost, but of the share `spared` of the frames,
    those with the largest. It counts with `weight`, from `begin_step` on. With the gate `energy` it holds for frames
    within `range_db` of the level of the speech, and quiet of `pause_ms` milliseconds at least is to be blank.
    """

    reading: Literal["none", "hinge", "spared"] = "none"
    weight: NotNegative = 0.2
    begin_step: Annotated[int, Field(ge=0)] = 150
    blank_share: NotNegative = 0.2
    separator_share: NotNegative = 0.8
    spared: Share = 0.2
    gate: Literal["none", "energy"] = "energy"
    range_db: Annotated[float, Field(gt=0)] = 35.0
    pause_ms: NotNegative = 150.0


class Train(Scheduled):
    """Optimisation by Adam on whole utterances, with a schedule that is a function of the step alone.

    As for all experiments, but that by itself the batches are small, and the rate high and held: of few utterances,
    that leaves the plateau on which all is blank. `anneal_steps` say when it falls.
    """

    batch_size: Positive = 8
    group_size: Positive = 16
    base_lr: Annotated[float, Field(gt=0)] = 0.01
    warmup_steps: Positive = 50
    max_lr_scale: Annotated[float, Field(gt=0)] = 1.0
    decay: Literal["inverse_sqrt", "none"] = "none"
    anneal_steps: tuple[Positive, ...] = ()


class Evaluation(Section):
    """Objective metrics; `bootstrap` is the number of resamples behind each interval.

    `beam` are the prefixes that the search for labels follows; `utterances` so many of the worst are on the page.
    """

    beam: Positive = 8
    bootstrap: Positive = 1000
    utterances: Positive = 6


class RecogniserExp(Pretrainable):
    """An experiment in recognition, on the recordings of a dataset and the readings of their texts, without times.

    With `optimizer: keep` the step, the warm-up and the moments of the parent continue, with `reset` they start anew.
    `partial` names the parts of the model, such as `heads.phones`, whose weights the parent may lack, or have in
    another shape, or have too many of. It recognises with the weights of the last epoch, or of the one with the lowest
    loss on the dev split (`take: best`).
    """

    WEIGHTS: ClassVar[Weights] = WEIGHTS

    model: Model = Model()
    ctc: Ctc = Ctc()
    blank_loss: BlankLoss = BlankLoss()
    train: Train = Train()
    epochs: Positive = 40
    chunk: Positive = 10
    evaluation: Evaluation = Evaluation()
