"""The toy's task, and what a chunk of its training begins with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import torch
from koeru.families.loudness.entry import Loudness, Train
from lightning_fabric import Fabric
from torch import Tensor, nn

from koeru.config.base import over
from koeru.data.reading import Features
from koeru.jobs.stage import Work
from koeru.nn.losses import Mean
from koeru.training.checkpoint import Position
from koeru.training.loader import Share
from koeru.training.run import Prepared
from koeru.training.sums import Sums, add, averages, to_host
from koeru.training.task import Step


@dataclass
class Frames:
    """The frames of one utterance."""

    ids: tuple[str, ...]
    mel: Tensor  # (T, M)
    log_energy: Tensor  # (T,)
    filler: bool = False

    def to(self, device: torch.device | str) -> Self:
        return replace(self, mel=self.mel.to(device), log_energy=self.log_energy.to(device))

    def pin_memory(self) -> Self:
        return self


class LoudnessTask:
    """See `koeru.training.task.Task`."""

    kept = None

    def __init__(self, settings: Train, bias: bool, train: list[Frames], dev: list[Frames]) -> None:
        self.settings, self.train, self.dev = settings, train, dev
        self.model = nn.Linear(train[0].mel.shape[1], 1, bias=bias)

    def load(self, share: Share) -> Frames:
        return replace(self.train[share.indices[0]], filler=share.filler)

    def batches(self, epoch: int) -> list[list[int]]:
        return [[index] for index in range(len(self.train))]

    def extent(self, epoch: int) -> dict[str, float]:
        return {"frames": sum(len(frames.mel) for frames in self.train), "padding": 0.0}

    def set_up(self, fabric: Fabric) -> list[torch.optim.Optimizer]:
        self.fabric = fabric
        self.wrapped, self.optimiser = fabric.setup(
            self.model, torch.optim.SGD(self.model.parameters(), self.settings.learning_rate)
        )
        return [self.optimiser]

    def error(self, frames: Frames) -> Mean:
        distances = (self.wrapped(frames.mel)[:, 0] - frames.log_energy).abs()
        return Mean(distances.sum(), torch.tensor(len(distances)))

    def step(self, batch: Frames, position: Position) -> Step:
        self.optimiser.zero_grad()
        error = self.error(batch)
        self.fabric.backward(error.value)
        self.optimiser.step()
        (loss,), sums = to_host([error.value], {"energy": error})
        return Step({"loss": loss}, sums)

    def averages(self, sums: Sums) -> dict[str, float]:
        return averages(sums, {})

    def evaluate(self) -> dict[str, float]:
        sums: Sums = {}
        for frames in self.dev:
            add(sums, to_host([], {"energy": self.error(frames)})[1])
        return averages(sums, {})


def frames_of(features: Features, split: str) -> list[Frames]:
    """The utterances of a split."""
    found = []
    for shard, record in features.records(split):
        arrays = features.of_utterance(shard, record["id"])
        mel, energy = (torch.from_numpy(arrays[name]) for name in ("mel", "log_energy"))
        found.append(Frames((record["id"],), mel, energy))
    return found


def prepare(work: Work, start: int) -> Prepared:
    """See `koeru.training.run`; it begins with random weights, so there is nothing to load."""
    entry = over(Loudness, work)
    features = Features.of(work, ("energy", "mel"))
    torch.manual_seed(entry.train.seed)
    train, dev = (frames_of(features, split) for split in ("train", "dev"))
    task = LoudnessTask(entry.train, entry.model.bias, train, dev)
    return Prepared(task, None, None, lambda state: {"utterances": {"train": len(train), "dev": len(dev)}})
