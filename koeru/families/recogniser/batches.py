"""Items (one utterance, numpy) and batches (tensors, padded)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from koeru.data.batches import Batch, padded


@dataclass(frozen=True)
class Item:
    """One utterance: what is heard, and by the name of a head the labels (L,) int64 that it is to give."""

    id: str
    mel: np.ndarray  # (T, M) float32, natural log
    labels: Mapping[str, np.ndarray] = field(default_factory=dict)


class Items(Protocol):
    """Items in memory or read when asked for; how many frames each has is known without reading it."""

    frame_lengths: Sequence[int]

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> Item: ...


@dataclass
class Labels(Batch):
    """The labels of one head, 0 where they are padded."""

    ids: Tensor  # (B, L) int64
    lengths: Tensor  # (B,) int64
    needed: Tensor  # (B,) int64, frames


@dataclass
class SpeechBatch(Batch):
    """Tensors of B utterances, zero where they are padded."""

    ids: tuple[str, ...]
    mels: Tensor  # (B, T, M) float32, natural log
    mel_lengths: Tensor  # (B,) int64, frames
    labels: dict[str, Labels] = field(default_factory=dict)
    filler: bool = False  # it counts nowhere: it keeps a device busy that has no utterance of its own


def collate(items: Sequence[Item]) -> SpeechBatch:
    """The batch of some items, which have labels of the same heads."""
    return SpeechBatch(
        ids=tuple(item.id for item in items),
        mels=padded([item.mel for item in items]),
        mel_lengths=torch.tensor([len(item.mel) for item in items]),
        labels={head: _labels([item.labels[head] for item in items]) for head in items[0].labels},
    )


def _labels(labels: Sequence[np.ndarray]) -> Labels:
    lengths, needed = ([measure(own) for own in labels] for measure in (len, frames_needed))
    return Labels(padded(labels), torch.tensor(lengths), torch.tensor(needed))


def frames_needed(labels: np.ndarray) -> int:
    """How many frames labels (L,) need to be said in CTC's way: one each, and a blank between two that are alike."""
    return len(labels) + int(np.count_nonzero(labels[1:] == labels[:-1]))
