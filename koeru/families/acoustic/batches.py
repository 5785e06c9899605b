"""Items (one utterance, numpy) and batches (tensors, padded)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from koeru.data.batches import Batch, padded
from koeru.data.packing import Packing, UnitPacking, pack_units, pack_utterances
from koeru.data.phone_average import phone_average
from koeru.data.records import Labelled, Spoken
from koeru.data.statistics import Stats
from koeru.data.vocabulary import Vocabulary


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


def text_item(record: Spoken, vocabulary: Vocabulary) -> Item:
    """The text of a labels record as an item without features, for the model that has this vocabulary.

    Marks that are younger than the model are those that it learned in their place (`Vocabulary.marked`).

    Errors: ValueError naming the utterance and the phone, mark, speaker or emotion that has no id.
    """

    def ids(kind: str, what: str, wanted: Sequence[str]) -> np.ndarray:
        known = vocabulary.ids[kind]
        unknown = sorted({name for name in wanted if name not in known})
        if unknown:
            raise ValueError(
                f"{record['id']}: unknown {what} {', '.join(unknown)}; known are {', '.join(filter(None, known))}"
            )
        return np.array([known[name] for name in wanted], dtype=np.int64)

    return Item(
        id=record["id"],
        phones=ids("symbols", "phone", record["phones"]),
        accents=ids("marks", "accent mark", vocabulary.marked(record["phones"], record["accents"])),
        devoiced=np.array(record["devoiced"], dtype=np.int64),
        speaker=int(ids("speakers", "speaker", [record["speaker"]])[0]),
        emotion=int(ids("emotions", "emotion", [record["emotion"]])[0]),
        before_emotion=int(ids("before_emotions", "emotion before", [record["before_emotion"]])[0]),
    )


def make_item(
    record: Labelled,
    log_f0: np.ndarray,
    voiced: np.ndarray,
    log_energy: np.ndarray,
    mel: np.ndarray,
    stats: Stats,
    vocabulary: Vocabulary,
) -> Item:
    """The item of a labels record and its features log_f0, voiced, log_energy (T,) and mel (T, M).

    Features are normalised by `stats` of the dataset (of the speaker by name, or of all); pitch is averaged over the
    voiced frames of a phone, energy over all of its frames. Ids are those of the model's vocabulary, which are
    others than those of the dataset where the model is pretrained.

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
    text = text_item(record, vocabulary)
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
    phone_lengths = torch.tensor([len(item.phones) for item in items])
    batch = AcousticBatch(
        ids=tuple(item.id for item in items),
        phones=padded([item.phones for item in items]),
        accents=padded([item.accents for item in items]),
        devoiced=padded([item.devoiced for item in items]),
        phone_lengths=phone_lengths,
        speakers=torch.tensor([item.speaker for item in items]),
        emotions=torch.tensor([item.emotion for item in items]),
        before_emotions=torch.tensor([item.before_emotion for item in items]),
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
