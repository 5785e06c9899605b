"""The part of an experiment's entry that does not depend on its model."""

from __future__ import annotations

from typing import ClassVar, Literal

from koeru.config.base import NotNegative, Positive, Section, at_epoch
from koeru.config.training import GRIFFIN_LIM, Scheduled, Supervised, Training
from koeru.families.experiments.weights import Weights


class Synthesis(Section):
    """Held-out utterances as audio; `temperature` scales how far sampled prosody strays (0: not at all).

    `griffin_lim_iterations` are those of an experiment without a trained vocoder.
    """

    samples: Positive = 8
    temperature: NotNegative = 1.0
    griffin_lim_iterations: Positive = 60


class Pretrainable(Training):
    """A training that may begin with the weights of another experiment, at an epoch.

    With `optimizer: keep` the step, the warm-up and the moments of the parent continue, with `reset` they start anew.
    `partial` names the parts of the model, such as `prosody.predictor.local`, whose weights the parent may lack, or
    have in another shape, or have too many of. What it has learned is used with the weights of the last epoch, or of
    the one with the lowest loss on the dev split (`take: best`).
    """

    WEIGHTS: ClassVar[Weights]  # of the models of the type that a subclass trains

    train: Scheduled = Scheduled()
    pretrain: str | None = None
    optimizer: Literal["reset", "keep"] = "reset"
    partial: tuple[str, ...] = ()
    take: Literal["last", "best"] = "last"

    def pretrained_from(self) -> tuple[str, int] | None:
        """The parent experiment and its epoch, or None."""
        return at_epoch(self.pretrain)


class Experiment(Pretrainable):
    """The same whose model makes mels. `vocoder` is an entry of that table, or griffin-lim, which needs no training and
    sounds like it.
    """

    train: Supervised = Supervised()
    vocoder: str = GRIFFIN_LIM
    synthesis: Synthesis = Synthesis()
