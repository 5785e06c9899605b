"""Trained models that answer in memory, whatever device they lie on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from koeru.data.batches import Batch, each_tensor
from koeru.data.statistics import Stats
from koeru.data.vocabulary import Vocabulary


class Answering:
    """A trained model with its own vocabulary, and the statistics of its dataset.

    Prosody, where it is modelled, is drawn anew from the seed and the ids of what is asked together: the same question
    gives the same answer, and torch's generator is left as it was. The model computes where it lies.
    """

    def __init__(self, model: nn.Module, vocabulary: Vocabulary, stats: Stats) -> None:
        self.model, self.vocabulary, self.stats = model.eval(), vocabulary, stats

    @property
    def device(self) -> torch.device:
        """Where the model lies."""
        return next(self.model.parameters()).device

    @property
    def draws_prosody(self) -> bool:
        """Whether another seed gives another answer."""
        return self.model.prosody is not None

    @property
    def controls(self) -> list[str]:
        """What the model is told apart from what is said: "speaker", "emotion"."""
        return [kind for kind in ("speaker", "emotion") if getattr(self.model, f"{kind}s") is not None]

    @torch.inference_mode()
    def answer(self, batch: Batch, *, seed: int = 0, **told: Any) -> Any:
        """What the model says of a batch, told what else it wants: its output, in memory."""
        with _drawing(" ".join([str(seed), *batch.ids]), self.device):
            return each_tensor(self.model(batch.to(self.device), **told), Tensor.cpu)


@contextmanager
def _drawing(source: str, device: torch.device) -> Iterator[None]:
    """Draw from a text alone, on the CPU and on a device."""
    seed = int.from_bytes(hashlib.sha256(source.encode()).digest()[:8])
    devices = [device] if device.type == "cuda" else []
    with torch.random.fork_rng(devices=devices):
        torch.default_generator.manual_seed(seed)
        for own in devices:
            torch.cuda.default_generators[own.index].manual_seed(seed)
        yield
