"""Items (one utterance, numpy) and batches (tensors, padded), and which items make a batch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Protocol, Self

import numpy as np
import torch
from torch import Tensor

from koeru.data.names import Names
from koeru.data.phone_average import phone_average
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
    before_emotion: int = 0  # of the turn before; 0 (NO_TURN): there is none
    durations: np.ndarray | None = None  # (P,) int64, frames
    pitch: np.ndarray | None = None  # (P,) float32, normalised log F0
    energy: np.ndarray | None = None  # (P,) float32, normalised log energy
    mel: np.ndarray | None = None  # (T, M) float32, normalised log mel
    frame_pitch: np.ndarray | None = None  # (T,) float32, normalised log F0, interpolated where unvoiced
    frame_energy: np.ndarray | None = None  # (T,) float32, normalised log energy


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
            raise ValueError(
                f"{record['id']}: unknown {what} {', '.join(unknown)}; known are {', '.join(filter(None, known))}"
            )
        return np.array([known[name] for name in wanted], dtype=np.int64)

    return Item(
        id=record["id"],
        phones=ids("phone", record["phones"], PHONE_IDS),
        accents=ids("accent mark", record["accents"], ACCENT_IDS),
        devoiced=np.array(record["devoiced"], dtype=np.int64),
        speaker=int(ids("speaker", [record["speaker"]], names.ids["speakers"])[0]),
        emotion=int(ids("emotion", [record["emotion"]], names.ids["emotions"])[0]),
        before_emotion=int(ids("emotion before", [record["before_emotion"]], names.ids["before_emotions"])[0]),
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
    pitch, energy = stats.normalise("log_f0", log_f0, speaker), stats.normalise("log_energy", log_energy, speaker)
    return replace(
        text,
        durations=durations,
        pitch=phone_average(pitch, durations, voiced),
        energy=phone_average(energy, durations),
        mel=stats.normalise("mel", mel, speaker),
        frame_pitch=pitch,
        frame_energy=energy,
    )


FEATURES = {name: name for name in ("durations", "pitch", "energy", "frame_pitch", "frame_energy")} | {"mels": "mel"}


@dataclass(frozen=True)
class Packing:
    """Sequences of unlike lengths as recurrent layers want them (`torch.nn.utils.rnn.PackedSequence`), no padding.

    N sequences with at least one position, F positions in all.
    """

    order: Tensor  # (F,) int64, indices of positions: the first of every sequence, longest first, then the second, ...
    batch_sizes: Tensor  # (longest,) int64, always on the CPU: how many sequences have a first position, a second, ...
    rows: Tensor  # (N,) int64, which sequence each is

    def to(self, device: torch.device | str) -> Self:
        """The packing on a device, but for `batch_sizes`, which the host reads."""
        return replace(self, **{name: _moved(getattr(self, name), device) for name in ("order", "rows")})


def pack(starts: np.ndarray, lengths: np.ndarray) -> Packing:
    """The packing of sequences that begin at the indices `starts` (S,) and have `lengths` (S,) positions each."""
    rows = np.argsort(-lengths, kind="stable")[: np.count_nonzero(lengths)]
    sizes = len(rows) - np.searchsorted(np.sort(lengths[rows]), np.arange(lengths.max(initial=0)), side="right")
    step = np.repeat(np.arange(len(sizes)), sizes)  # (F,)
    sequence = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)  # (F,)
    return Packing(*map(torch.from_numpy, (starts[rows][sequence] + step, sizes, rows)))


@dataclass(frozen=True)
class PhonePacking:
    """The real frames of a batch, and its phones as sequences of them, so that no recurrent layer sees padding."""

    frames: Tensor  # (F,) int64, indices into the B * T frames, in order of time
    begins: Tensor  # (F,) bool, whether a frame is the first of its phone
    packing: Packing  # of the B * P phones as sequences of the F frames

    def to(self, device: torch.device | str) -> Self:
        """The packing on a device."""
        moved = (_moved(self.frames, device), _moved(self.begins, device), self.packing.to(device))
        return type(self)(*moved)


def pack_phones(durations: Tensor, n_frames: int) -> PhonePacking:
    """The packing of phones of `durations` (B, P), on the CPU, in utterances padded to `n_frames` frames."""
    lengths = durations.numpy()
    totals = lengths.sum(1)  # (B,)
    frames = np.flatnonzero(np.arange(n_frames) < totals[:, None])  # (F,)
    lengths = lengths.reshape(-1)
    starts = np.cumsum(lengths) - lengths
    begins = np.zeros(len(frames), dtype=bool)
    begins[starts[lengths > 0]] = True
    return PhonePacking(torch.from_numpy(frames), torch.from_numpy(begins), pack(starts, lengths))


def pack_utterances(phone_lengths: Tensor, n_phones: int) -> Packing:
    """The packing of utterances as sequences of phones, `phone_lengths` (B,) of them, in a batch padded to (B, P)."""
    return pack(np.arange(len(phone_lengths)) * n_phones, phone_lengths.numpy())


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
    before_emotions: Tensor  # (B,) int64
    utterances: Packing  # of the B utterances as sequences of the B * P phones
    n_frames: int | None = None  # T, known to the host, so that no step waits for the device to tell it
    durations: Tensor | None = None  # (B, P) int64, frames
    pitch: Tensor | None = None  # (B, P) float32
    energy: Tensor | None = None  # (B, P) float32
    mels: Tensor | None = None  # (B, T, M) float32
    frame_pitch: Tensor | None = None  # (B, T) float32
    frame_energy: Tensor | None = None  # (B, T) float32
    packing: PhonePacking | None = None
    filler: bool = False  # it counts nowhere: it keeps a device busy that has no utterance of its own

    def to(self, device: torch.device | str) -> Self:
        """The batch on a device."""
        return replace(self, **{field.name: _moved(getattr(self, field.name), device) for field in fields(self)})


def _moved(value: Any, device: torch.device | str) -> Any:
    if isinstance(value, Tensor):
        return value.to(device, non_blocking=True)
    return value.to(device) if isinstance(value, Packing | PhonePacking) else value


def collate(items: Sequence[Item]) -> Batch:
    """The batch of some items; a feature is in it if all of them have it."""
    phone_lengths = torch.tensor([len(item.phones) for item in items])
    batch = Batch(
        ids=tuple(item.id for item in items),
        phones=_padded([item.phones for item in items]),
        accents=_padded([item.accents for item in items]),
        devoiced=_padded([item.devoiced for item in items]),
        phone_lengths=phone_lengths,
        speakers=torch.tensor([item.speaker for item in items]),
        emotions=torch.tensor([item.emotion for item in items]),
        before_emotions=torch.tensor([item.before_emotion for item in items]),
        utterances=pack_utterances(phone_lengths, int(phone_lengths.max())),
    )
    for name, wanted in FEATURES.items():
        arrays = [getattr(item, wanted) for item in items]
        if all(array is not None for array in arrays):
            setattr(batch, name, _padded(arrays))
    if batch.durations is not None:
        batch.n_frames = max(int(item.durations.sum()) for item in items)
        batch.packing = pack_phones(batch.durations, batch.n_frames)
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
