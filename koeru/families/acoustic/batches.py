"""Batches of items: tensors, padded."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from torch import Tensor, tensor

from koeru.data.batches import Batch, padded
from koeru.data.packing import Packing, UnitPacking, pack_units, pack_utterances
from koeru.families.acoustic.item import Item


class Items(Protocol):
    """Items in memory or read when asked for; their lengths are known without reading them."""

    frame_lengths: Sequence[int]

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> Item: ...


FEATURES = {name: name for name in ("durations", "pitch", "energy", "frame_pitch", "frame_energy")} | {"mels": "mel"}


@dataclass
class AcousticBatch(Batch):
    """Tensors of B utterances, zero where they are padded. What the items lack is None."""

    ids: tuple[str, ...]
    phones: Tensor  # (B, P) int64
    accents: Tensor  # (B, P) int64
    devoiced: Tensor  # (B, P) int64
    phone_lengths: Tensor  # (B,) int64
    speakers: Tensor  # (B,) int64
    emotions: Tensor  # (B,) int64
    before_emotions: Tensor  # (B,) int64
    utterances: Packing  # of the B utterances as sequences of the B * P phones
    n_frames: int | None = None  # T, known to the host, so that no step waits for the device to tell it
    durations: Tensor | None = None  # (B, P) int64, frames
    pitch: Tensor | None = None  # (B, P) float32
    energy: Tensor | None = None  # (B, P) float32
    mels: Tensor | None = None  # (B, T, M) float32
    frame_pitch: Tensor | None = None  # (B, T) float32
    frame_energy: Tensor | None = None  # (B, T) float32
    packing: UnitPacking | None = None
    filler: bool = False  # it counts nowhere: it keeps a device busy that has no utterance of its own


def collate(items: Sequence[Item]) -> AcousticBatch:
    """The batch of some items; a feature is in it if all of them have it."""
    phone_lengths = tensor([len(item.phones) for item in items])
    batch = AcousticBatch(
        ids=tuple(item.id for item in items),
        phones=padded([item.phones for item in items]),
        accents=padded([item.accents for item in items]),
        devoiced=padded([item.devoiced for item in items]),
        phone_lengths=phone_lengths,
        speakers=tensor([item.speaker for item in items]),
        emotions=tensor([item.emotion for item in items]),
        before_emotions=tensor([item.before_emotion for item in items]),
        utterances=pack_utterances(phone_lengths, int(phone_lengths.max())),
    )
    for name, wanted in FEATURES.items():
        arrays = [getattr(item, wanted) for item in items]
        if all(array is not None for array in arrays):
            setattr(batch, name, padded(arrays))
    if batch.durations is not None:
        batch.n_frames = max(int(item.durations.sum()) for item in items)
        batch.packing = pack_units(batch.durations, batch.n_frames)
    return batch
