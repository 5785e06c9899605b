"""Items: one utterance as arrays. Without torch: what speaks without it has them too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

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
