"""What the entries of every kind of training have in common."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from koeru.config.base import Inert, Positive, Section, Seed

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
