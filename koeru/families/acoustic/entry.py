"""Entries of experiments: acoustic models, their training, synthesis and evaluation."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from koeru.config.base import Even, Odd, Positive, Section, Share
from koeru.families.acoustic.shapes import WEIGHTS
from koeru.families.experiments.entry import Experiment
from koeru.families.experiments.weights import Weights

Level = Literal["phone", "frame"]


class Model(Section):
    """FastSpeech2: widths in channels, kernel sizes in phones or frames.

    Pitch and energy are one value a phone or one a frame, and embedded by a convolution, or by `n_bins` bins whose
    edges come from the dataset's statistics. `emotion` tells the model the emotion of an utterance, `before_emotion`
    that of the turn before it in its dialogue.

    With `local_prosody` (a vector of `prosody_emb_dim` numbers a phone) or `global_prosody` (one an utterance) this is
    the model that the memo calls wGMM: an extractor hears prosody in the mel, and a predictor gives it as a mixture of
    `num_gaussians` (of the global vector: `global_num_gaussians`). With `prosody_speaker_independence` the predictor
    is not told the speaker.
    """

    type: Literal["fastspeech2"] = "fastspeech2"
    hidden: Positive = 256
    encoder_layers: Positive = 4
    decoder_layers: Positive = 6
    heads: Positive = 2
    filter_size: Positive = 1024
    kernel_sizes: tuple[Odd, Odd] = (9, 1)
    dropout: Share = 0.2
    variance_filter_size: Positive = 256
    variance_kernel_size: Odd = 3
    variance_dropout: Share = 0.5
    postnet_layers: Annotated[int, Field(ge=0)] = 5
    accent: bool = True
    speaker: bool = True
    emotion: bool = True
    before_emotion: bool = False
    pitch_level: Level = "phone"
    energy_level: Level = "phone"
    variance_embedding: Literal["conv", "bins"] = "conv"
    n_bins: Annotated[int, Field(ge=2)] = 256
    local_prosody: bool = False
    global_prosody: bool = False
    num_gaussians: Positive = 10
    global_num_gaussians: Positive = 10
    prosody_emb_dim: Even = 64
    prosody_filter_size: Positive = 256
    prosody_gru_size: Even = 512
    prosody_dropout: Share = 0.2
    prosody_gru_dropout: Share = 0.1
    prosody_speaker_independence: bool = True

    @property
    def prosody(self) -> bool:
        """Whether prosody is modelled, of phones or of utterances."""
        return self.local_prosody or self.global_prosody


class Evaluation(Section):
    """Objective metrics; `bootstrap` is the number of resamples behind each confidence interval.

    Where prosody is sampled, `prosody_samples` of each utterance tell how much they differ.
    """

    bootstrap: Positive = 1000
    prosody_samples: Annotated[int, Field(ge=2)] = 8


class Exp(Experiment):
    """An experiment: a model on a dataset, perhaps pretrained from another experiment at an epoch.

    With `optimizer: keep` the step, the warm-up and the moments of the parent continue, with `reset` they start anew.
    `partial` names the parts of the model, such as `prosody.predictor.local`, whose weights the parent may lack, or
    have in another shape, or have too many of. `vocoder` is an entry of that table, or griffin-lim, which needs no
    training and sounds like it. It speaks, and teaches vocoders, with the weights of the last epoch, or of the one with
    the lowest loss on the dev split (`take: best`).
    """

    WEIGHTS: ClassVar[Weights] = WEIGHTS

    model: Model = Model()
    epochs: Positive = 500
    evaluation: Evaluation = Evaluation()
