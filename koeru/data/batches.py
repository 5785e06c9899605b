"""Items (one utterance, numpy) and batches (tensors, padded), and which items make a batch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Protocol, Self

import numpy as np
import torch
from torch import Tensor

from koeru.data.names import Names
from koeru.data.statistics import Stats
from koeru.text.phones import ACCENT_IDS, PHONE_IDS


@dataclass(frozen=True)
class Item:
    """One utterance. Pitch, energy and mel are normalised; an item of text alone has none."""

    id: str
    phones: np.ndarray  # (P,) int64
    accents: np.ndarray  # (P,) int64
    devoiced: np.ndarray  # (P,) int64, 0 or 1
    speaker: int
    emotion: int
    durations: np.ndarray | None = None  # (P,) int64, frames
    pitch: np.ndarray | None = None  # (P,) float32, normalised log F0
    energy: np.ndarray | None = None  # (P,) float32, normalised log energy
    mel: np.ndarray | None = None  # (T, M) float32, normalised log mel


class Items(Protocol):
    """Items in memory or read when asked for; their lengths are known without reading them."""

    frame_lengths: Sequence[int]

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> Item: ...


class ItemList(list[Item]):
    """Items in memory."""

    @property
    def frame_lengths(self) -> list[int]:
        return [int(item.durations.sum()) for item in self]


def text_item(record: Mapping[str, Any], names: Names) -> Item:
    """The text of a labels record as an item without features, for the model that knows `names`.

    Errors: ValueError naming the utterance and the phone, mark, speaker or emotion that has no id.
    """

    def ids(what: str, wanted: Sequence[str], known: Mapping[str, int]) -> np.ndarray:
        unknown = sorted({name for name in wanted if name not in known})
        if unknown:
            raise ValueError(f"{record['id']}: unknown {what} {', '.join(unknown)}; known are {', '.join(known)}")
        return np.array([known[name] for name in wanted], dtype=np.int64)

    return Item(
        id=record["id"],
        phones=ids("phone", record["phones"], PHONE_IDS),
        accents=ids("accent mark", record["accents"], ACCENT_IDS),
        devoiced=np.array(record["devoiced"], dtype=np.int64),
        speaker=int(ids("speaker", [record["speaker"]], names.ids["speakers"])[0]),
        emotion=int(ids("emotion", [record["emotion"]], names.ids["emotions"])[0]),
    )


def make_item(
    record: Mapping[str, Any],
    log_f0: np.ndarray,
    voiced: np.ndarray,
    log_energy: np.ndarray,
    mel: np.ndarray,
    stats: Stats,
    names: Names,
) -> Item:
    """The item of a labels record and its features log_f0, voiced, log_energy (T,) and mel (T, M).

    Features are normalised by `stats` of the dataset (of the speaker by name, or of all); pitch is averaged over the
    voiced frames of a phone, energy over all of its frames. Ids are those of the model's `names`, which are others
    than those of the dataset where the model is pretrained.

    Errors: ValueError naming the utterance where lengths disagree, where no frame is voiced, or where a name
    is unknown.
    """
    name, speaker = record["id"], record["speaker"]
    durations = np.array(record["durations"], dtype=np.int64)
    lengths = {
        "durations": int(durations.sum()),
        "log_f0": len(log_f0),
        "voiced": len(voiced),
        "log_energy": len(log_energy),
        "mel": len(mel),
    }
    if len(set(lengths.values())) > 1:
        raise ValueError(f"{name}: frame counts disagree, {lengths}: features and labels are of different segments")
    if not np.any(voiced):
        raise ValueError(f"{name}: no frame is voiced, so it has no pitch: exclude the utterance with that reason")
    text = text_item(record, names)
    return replace(
        text,
        durations=durations,
        pitch=phone_average(stats.normalise("log_f0", log_f0, speaker), durations, voiced),
        energy=phone_average(stats.normalise("log_energy", log_energy, speaker), durations),
        mel=stats.normalise("mel", mel, speaker),
    )


def phone_average(values: np.ndarray, durations: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Weighted means (P,), float32, of frame values (T,) over phones of `durations` (P,) frames.

    A phone of no weight (zero frames, or no voiced one) takes its value from the line between the nearest
    phones that have one, before and after it, at the phones' centres in time; before the first and after the
    last such phone, from that phone. Errors: ValueError where no phone has any weight.
    """
    durations = np.asarray(durations)
    n_phones = len(durations)
    phone_of_frame = np.repeat(np.arange(n_phones), durations)  # (T,)
    weights = np.ones(len(values)) if weights is None else np.asarray(weights, dtype=np.float64)
    if len(phone_of_frame) != len(values) or len(weights) != len(values):
        raise ValueError(f"durations sum to {len(phone_of_frame)}, values {len(values)}, weights {len(weights)}")
    sums = np.bincount(phone_of_frame, weights=weights * values, minlength=n_phones)  # (P,)
    totals = np.bincount(phone_of_frame, weights=weights, minlength=n_phones)  # (P,)
    known = totals > 0
    if not known.any():
        raise ValueError("no phone has a frame of positive weight")
    centres = np.cumsum(durations) - durations / 2  # (P,)
    means = np.interp(centres, centres[known], sums[known] / totals[known])
    return means.astype(np.float32)


@dataclass
class Batch:
    """Tensors of B utterances, zero where they are padded. What the items lack is None.

    Not frozen: Fabric copies its fields when it converts the inputs of a model.
    """

    ids: tuple[str, ...]
    phones: Tensor  # (B, P) int64
    accents: Tensor  # (B, P) int64
    devoiced: Tensor  # (B, P) int64
    phone_lengths: Tensor  # (B,) int64
    speakers: Tensor  # (B,) int64
    emotions: Tensor  # (B,) int64
    n_frames: int | None = None  # T, known to the host, so that no step waits for the device to tell it
    durations: Tensor | None = None  # (B, P) int64, frames
    pitch: Tensor | None = None  # (B, P) float32
    energy: Tensor | None = None  # (B, P) float32
    mels: Tensor | None = None  # (B, T, M) float32

    def to(self, device: torch.device | str) -> Self:
        """The batch on a device."""
        moved = {
            field.name: value.to(device, non_blocking=True)
            for field in fields(self)
            if isinstance(value := getattr(self, field.name), Tensor)
        }
        return replace(self, **moved)


def collate(items: Sequence[Item]) -> Batch:
    """The batch of some items; a feature is in it if all of them have it."""
    batch = Batch(
        ids=tuple(item.id for item in items),
        phones=_padded([item.phones for item in items]),
        accents=_padded([item.accents for item in items]),
        devoiced=_padded([item.devoiced for item in items]),
        phone_lengths=torch.tensor([len(item.phones) for item in items]),
        speakers=torch.tensor([item.speaker for item in items]),
        emotions=torch.tensor([item.emotion for item in items]),
    )
    batch.durations, batch.pitch, batch.energy, batch.mels = (
        _padded(arrays) if all(array is not None for array in arrays) else None
        for arrays in zip(*[(item.durations, item.pitch, item.energy, item.mel) for item in items], strict=True)
    )
    if batch.durations is not None:
        batch.n_frames = max(int(item.durations.sum()) for item in items)
    return batch


def _padded(arrays: Sequence[np.ndarray]) -> Tensor:
    """Arrays (L_b, ...) as one tensor (B, max L, ...), zero behind each."""
    length = max(len(array) for array in arrays)
    padded = np.zeros((len(arrays), length, *arrays[0].shape[1:]), dtype=arrays[0].dtype)
    for row, array in zip(padded, arrays, strict=True):
        row[: len(array)] = array
    return torch.from_numpy(padded)


def epoch_batches(
    frame_lengths: Sequence[int], batch_size: int, group_size: int, seed: int, epoch: int
) -> list[list[int]]:
    """The batches of an epoch as item indices: every item once, in ceil(n / batch_size) batches.

    Items are shuffled, taken in groups of batch_size * group_size, sorted by length inside a group (so that a
    batch has little padding), cut into batches, and the batches shuffled. A pure function of its arguments.
    """
    rng = np.random.default_rng([seed, epoch])
    lengths = np.asarray(frame_lengths)
    order = rng.permutation(len(lengths))
    size = batch_size * group_size
    groups = [order[start : start + size] for start in range(0, len(order), size)]
    batches = [
        group[start : start + batch_size].tolist()
        for group in (group[np.argsort(lengths[group], kind="stable")] for group in groups)
        for start in range(0, len(group), batch_size)
    ]
    return [batches[index] for index in rng.permutation(len(batches))]
