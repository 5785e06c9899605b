"""Entries of experiments: acoustic models, their training, synthesis and evaluation."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from koeru.config.base import Even, NotNegative, Odd, Positive, Section, Share, at_epoch
from koeru.config.training import GRIFFIN_LIM, Optimisation, Training

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


class Train(Optimisation):
    """Optimisation; the schedule is a function of the step alone, so that it does not change with `epochs`.

    A batch has `batch_size` utterances, or, where `batch_frames` is set, as many as fill that many frames, padding
    included. An utterance of more than `max_frames` frames is not trained on, and counted. `beta` and `g_beta` are the
    weights of the likelihoods of local and global prosody. `freeze` names parts of the model, such as
    `prosody.extractor`, that keep the weights they begin with. `threads` are those of torch, `workers` processes that
    load batches, `devices` how many GPUs (or, on the CPU, processes) share a batch; `checkpoint_every` is in seconds.
    """

    batch_size: Positive = 16
    group_size: Positive = 16
    batch_frames: Positive | None = None
    max_frames: Positive | None = None
    beta: NotNegative = 0.02
    g_beta: NotNegative = 0.02
    freeze: tuple[str, ...] = ()
    base_lr: Annotated[float, Field(gt=0)] = 0.0625
    warmup_steps: Positive = 2000
    max_lr_scale: Annotated[float, Field(gt=0)] = 0.016
    anneal_steps: tuple[Positive, ...] = (150_000, 200_000, 250_000)
    anneal_rate: Annotated[float, Field(gt=0, le=1)] = 0.3
    max_grad_norm: Annotated[float, Field(gt=0)] = 1.0

    @property
    def weights(self) -> dict[str, float]:
        """Of the parts of the loss; of those that are not named it is 1."""
        return {"local_prosody": self.beta, "global_prosody": self.g_beta}


class Synthesis(Section):
    """Held-out utterances as audio; `temperature` scales how far sampled prosody strays (0: not at all).

    `griffin_lim_iterations` are those of an experiment without a trained vocoder.
    """

    samples: Positive = 8
    temperature: NotNegative = 1.0
    griffin_lim_iterations: Positive = 60


class Evaluation(Section):
    """Objective metrics; `bootstrap` is the number of resamples behind each confidence interval.

    Where prosody is sampled, `prosody_samples` of each utterance tell how much they differ.
    """

    bootstrap: Positive = 1000
    prosody_samples: Annotated[int, Field(ge=2)] = 8


class Exp(Training):
    """An experiment: a model on a dataset, perhaps pretrained from another experiment at an epoch.

    With `optimizer: keep` the step, the warm-up and the moments of the parent continue, with `reset` they start anew.
    `partial` names the parts of the model, such as `prosody.predictor.local`, whose weights the parent may lack, or
    have in another shape, or have too many of. `vocoder` is an entry of that table, or griffin-lim, which needs no
    training and sounds like it.
    """

    model: Model = Model()
    train: Train = Train()
    pretrain: str | None = None
    optimizer: Literal["reset", "keep"] = "reset"
    partial: tuple[str, ...] = ()
    epochs: Positive = 500
    vocoder: str = GRIFFIN_LIM
    synthesis: Synthesis = Synthesis()
    evaluation: Evaluation = Evaluation()

    def pretrained_from(self) -> tuple[str, int] | None:
        """The parent experiment and its epoch, or None."""
        return at_epoch(self.pretrain)
