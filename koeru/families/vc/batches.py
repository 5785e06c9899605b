"""Items (one pair, numpy) and batches (tensors, padded)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from koeru.data.batches import Batch, padded
from koeru.data.packing import Packing, UnitPacking, pack_units, pack_utterances
from koeru.families.vc.reduction import n_reduced, whole

BEYOND = 1 << 30  # a cut that no frame reaches


@dataclass(frozen=True)
class Sound:
    """What is heard of one utterance, normalised; without `voiced` where nobody asks."""

    mel: np.ndarray  # (T, M) float32, normalised log mel
    pitch: np.ndarray  # (T,) float32, normalised log F0, interpolated where unvoiced
    energy: np.ndarray  # (T,) float32, normalised log energy
    voiced: np.ndarray | None = None  # (T,) bool


@dataclass(frozen=True)
class Item:
    """One pair; without a `target`, what is to be converted.

    `cuts` are the frames at which sentences begin: of the target where there is one, else of the source.
    """

    id: str
    source: Sound
    source_speaker: int
    target_speaker: int
    source_emotion: int
    target_emotion: int
    cuts: Sequence[int] = (0,)
    target: Sound | None = None
    durations: np.ndarray | None = None  # (S,) int64, reduced frames of the target


class Items(Protocol):
    """Items in memory or read when asked for; the frames of the longer side are known without reading them."""

    frame_lengths: Sequence[int]

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> Item: ...


@dataclass
class PairBatch(Batch):
    """Tensors of B pairs, zero where they are padded. What the items lack is None.

    S reduced frames of the source hold S * r frames, U of the target U * r.
    """

    ids: tuple[str, ...]
    source_mels: Tensor  # (B, S * r, M) float32
    source_pitch: Tensor  # (B, S * r) float32
    source_energy: Tensor  # (B, S * r) float32
    source_lengths: Tensor  # (B,) int64, reduced frames
    source_speakers: Tensor  # (B,) int64
    target_speakers: Tensor  # (B,) int64
    source_emotions: Tensor  # (B,) int64
    target_emotions: Tensor  # (B,) int64
    cuts: Tensor  # (B, K) int64, the reduced frames at which sentences begin, BEYOND where there are fewer
    n_sentences: Tensor  # (B,) int64
    utterances: Packing  # of the B utterances as sequences of the B * K sentences
    durations: Tensor | None = None  # (B, S) int64, reduced frames of the target
    target_mels: Tensor | None = None  # (B, U * r, M) float32
    target_pitch: Tensor | None = None  # (B, U * r) float32
    target_energy: Tensor | None = None  # (B, U * r) float32
    target_voiced: Tensor | None = None  # (B, U * r) bool
    target_lengths: Tensor | None = None  # (B,) int64, reduced frames
    target_frames: Tensor | None = None  # (B,) int64, frames
    sentences: UnitPacking | None = None  # of the target's frames
    filler: bool = False  # it counts nowhere: it keeps a device busy that has no pair of its own


def collate(items: Sequence[Item], factor: int) -> PairBatch:
    """The batch of some items at a reduction factor; a target is in it if all of them have one."""
    cuts = [reduced_cuts(item, factor) for item in items]
    n_sentences = torch.tensor([len(own) for own in cuts])
    sources = [item.source for item in items]
    batch = PairBatch(
        ids=tuple(item.id for item in items),
        source_mels=padded([whole(sound.mel, factor) for sound in sources]),
        source_pitch=padded([whole(sound.pitch, factor) for sound in sources]),
        source_energy=padded([whole(sound.energy, factor) for sound in sources]),
        source_lengths=torch.tensor([n_reduced(len(sound.mel), factor) for sound in sources]),
        source_speakers=torch.tensor([item.source_speaker for item in items]),
        target_speakers=torch.tensor([item.target_speaker for item in items]),
        source_emotions=torch.tensor([item.source_emotion for item in items]),
        target_emotions=torch.tensor([item.target_emotion for item in items]),
        cuts=padded([np.asarray(own, dtype=np.int64) for own in cuts], BEYOND),
        n_sentences=n_sentences,
        utterances=pack_utterances(n_sentences, int(n_sentences.max())),
    )
    if all(item.durations is not None for item in items):
        batch.durations = padded([item.durations for item in items])
    targets = [item.target for item in items if item.target is not None]
    if len(targets) == len(items):
        batch.target_mels = padded([whole(sound.mel, factor) for sound in targets])
        batch.target_pitch = padded([whole(sound.pitch, factor) for sound in targets])
        batch.target_energy = padded([whole(sound.energy, factor) for sound in targets])
        batch.target_voiced = padded([whole(sound.voiced, factor) for sound in targets])
        batch.target_lengths = torch.tensor([n_reduced(len(sound.mel), factor) for sound in targets])
        batch.target_frames = torch.tensor([len(sound.mel) for sound in targets])
        lengths = [np.diff([*own, n_reduced(len(t.mel), factor)]) for own, t in zip(cuts, targets, strict=True)]
        batch.sentences = pack_units(factor * padded(lengths), batch.target_mels.shape[1])
    return batch


def reduced_cuts(item: Item, factor: int) -> list[int]:
    """The reduced frames at which the sentences of an item begin, from 0: ascending, and each of one frame at least.

    A sentence that would be shorter, or that no frame of the source would become, is part of the one before it.
    """
    sound = item.source if item.target is None else item.target
    starts = sorted({0, *(cut // factor for cut in item.cuts if cut < len(sound.mel))})
    if item.durations is None:
        return starts
    ends = np.cumsum(item.durations)
    begin = (ends - item.durations)[item.durations > 0]  # of what each frame of the source becomes
    first = np.searchsorted(begin, starts)  # the frames of the source with which the sentences begin
    after = [*first[1:], len(begin)]
    return [start for start, own, other in zip(starts, first, after, strict=True) if own < other or not start]
