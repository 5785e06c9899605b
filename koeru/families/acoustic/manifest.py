"""What the manifest of an epoch tells of the training of an acoustic model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from koeru.data.vocabulary import Vocabulary
from koeru.training.manifest import EpochManifest


@dataclass(frozen=True, kw_only=True)
class AcousticManifest(EpochManifest):
    """`utterances` by split; `excluded` are too long to be trained on, each with id, frames, seconds and reason."""

    utterances: Mapping[str, int]
    excluded: Sequence[Mapping[str, Any]]
    excluded_seconds: float
    parameters: int
    frozen: int  # of the parameters

    @property
    def vocabulary(self) -> Vocabulary:
        """What the model knows by an id."""
        return Vocabulary.of(self.more)
