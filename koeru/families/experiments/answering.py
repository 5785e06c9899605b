"""Trained models that answer in memory, whatever device they lie on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from koeru.data.batches import Batch, each_tensor
from koeru.data.statistics import Stats
from koeru.data.vocabulary import Vocabulary


class Answering:
    """A trained model with its own vocabulary, and the statistics of its dataset.

    Prosody, where it is modelled, is drawn from a seed and the id of what is asked: the same question gives the same
    answer, whatever is asked beside it and wherever the model lies, and torch's generators are left as they were.
    """

    def __init__(self, model: nn.Module, vocabulary: Vocabulary, stats: Stats) -> None:
        self.model, self.vocabulary, self.stats = model.eval(), vocabulary, stats

    @property
    def device(self) -> torch.device:
        """Where the model lies."""
        return next(self.model.parameters()).device

    @property
    def speakers(self) -> list[str]:
        """Whom it knows and has statistics of."""
        return self.stats.known(self.vocabulary.speakers)

    @property
    def draws_prosody(self) -> bool:
        """Whether another seed gives another answer."""
        return self.model.prosody is not None

    @property
    def controls(self) -> list[str]:
        """What the model is told apart from what is said: "speaker", "emotion"."""
        return [kind for kind in ("speaker", "emotion") if getattr(self.model, f"{kind}s") is not None]

    @torch.inference_mode()
    def answer(self, batch: Batch, *, seeds: Sequence[int] | None = None, **told: Any) -> Any:
        """What the model says of a batch, drawn from a seed an utterance, told what else it wants: in memory."""
        sources = [f"{seed} {name}" for seed, name in zip(seeds or [0] * len(batch.ids), batch.ids, strict=True)]
        return each_tensor(self.model(batch.to(self.device), sources=sources, **told), Tensor.cpu)
