"""What the entries of every kind of training have in common."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from koeru.config.base import Inert, NotNegative, Positive, Section, Seed

GRIFFIN_LIM = "griffin-lim"  # in place of an entry of `vocoder`: the vocoder that needs no training


class Optimisation(Section):
    """The part of a section `train` that the training loop reads.

    `threads` are those of torch, `workers` are processes that load batches, both for each device; `devices` how many
    GPUs (or, on the CPU, processes) share each batch; `checkpoint_every` is in seconds.
    """

    seed: Seed = 773
    precision: Literal["fp32", "bf16"] = "fp32"
    threads: Inert[Positive] = 2
    device: Inert[Literal["auto", "cpu", "cuda"]] = "auto"
    devices: Inert[Positive] = 1
    workers: Inert[Annotated[int, Field(ge=0)]] = 0
    compile: Inert[bool] = False
    checkpoint_every: Inert[Annotated[float, Field(gt=0)]] = 300.0


class Training(Section):
    """A training on a dataset: `epochs` are how far it is to go, and every `chunk` of them its state is kept."""

    note: str = ""
    spk: str
    train: Optimisation = Optimisation()
    epochs: Annotated[int, Field(ge=0)] = 500
    chunk: Positive = 50

    def saved_epochs(self) -> list[int]:
        """The grid of epochs that become files: every `chunk` epochs, and the last; [] where nothing is trained."""
        return [*range(self.chunk, self.epochs, self.chunk), self.epochs] if self.epochs else []


class Scheduled(Optimisation):
    """Optimisation by Adam on whole utterances, with a schedule that is a function of the step alone.

    A batch has `batch_size` utterances, or, where `batch_frames` is set, as many as fill that many frames, padding
    included. An utterance of more than `max_frames` frames is not trained on, and counted. `freeze` names parts of the
    model that keep the weights they begin with. With `decay: none` the rate rises for `warmup_steps` to `max_lr_scale`
    times `base_lr`, and is held there but for what `anneal_steps` do. `threads` are those of torch, `workers` processes
    that load batches, `devices` how many GPUs (or, on the CPU, processes) share a batch; `checkpoint_every` is in
    seconds.
    """

    batch_size: Positive = 16
    group_size: Positive = 16
    batch_frames: Positive | None = None
    max_frames: Positive | None = None
    freeze: tuple[str, ...] = ()
    base_lr: Annotated[float, Field(gt=0)] = 0.0625
    warmup_steps: Positive = 2000
    max_lr_scale: Annotated[float, Field(gt=0)] = 0.016
    decay: Literal["inverse_sqrt", "none"] = "inverse_sqrt"
    anneal_steps: tuple[Positive, ...] = (150_000, 200_000, 250_000)
    anneal_rate: Annotated[float, Field(gt=0, le=1)] = 0.3
    max_grad_norm: Annotated[float, Field(gt=0)] = 1.0

    @property
    def weights(self) -> dict[str, float]:
        """Of the parts of the loss; of those that are not named it is 1."""
        return {}


class Supervised(Scheduled):
    """Optimisation by Adam on whole utterances, with a schedule that is a function of the step alone.

    A batch has `batch_size` utterances, or, where `batch_frames` is set, as many as fill that many frames, padding
    included. An utterance of more than `max_frames` frames is not trained on, and counted. `beta` and `g_beta` are the
    weights of the likelihoods of local and global prosody. `freeze` names parts of the model, such as
    `prosody.extractor`, that keep the weights they begin with. `decay` is as for all. `threads` are those of torch,
    `workers` processes that load batches, `devices` how many GPUs (or, on the CPU, processes) share a batch;
    `checkpoint_every` is in seconds.
    """

    beta: NotNegative = 0.02
    g_beta: NotNegative = 0.02

    @property
    def weights(self) -> dict[str, float]:
        """Of the parts of the loss; of those that are not named it is 1."""
        return {"local_prosody": self.beta, "global_prosody": self.g_beta}
