"""How a trained voice answers in natural units (log-mel, log F0, frames), whatever library computes its model."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from koeru.audio.mel import MelSpec
from koeru.data.contour import NOTHING, Answer, Contour, Told, moved
from koeru.data.phone_average import phone_average
from koeru.data.records import Spoken
from koeru.data.statistics import Stats
from koeru.data.vocabulary import Vocabulary
from koeru.families.acoustic.item import Item, text_item
from koeru.languages import Language, language

if TYPE_CHECKING:
    from koeru.families.acoustic.entry import Level

FEATURES = {"pitch": "log_f0", "energy": "log_energy"}  # of the model -> in natural units


@dataclass(frozen=True)
class Said:
    """What a model says of one item of P phones and T frames, in the units of items."""

    log_durations: np.ndarray  # (P,), log(frames + 1)
    durations: np.ndarray  # (P,) int64, frames; those of the item where it has them
    pitch: np.ndarray  # predicted: (P,), or (T,) at frame level
    energy: np.ndarray  # predicted: (P,), or (T,) at frame level
    mel: np.ndarray | None  # (T, M); None where it was not asked for


class Speaking(ABC):
    """A voice: its model's vocabulary, the statistics and the mel of its dataset, and how the texts of that were read.

    `levels` are those of "pitch" and "energy". Prosody, where it is modelled, is drawn from a seed and the id of what
    is asked.
    """

    vocabulary: Vocabulary
    stats: Stats
    mel_spec: MelSpec
    reading: Mapping[str, Any] | None
    levels: Mapping[str, Level]

    @abstractmethod
    def said(self, items: Sequence[Item], temperature: float, seeds: Sequence[int], decode: bool) -> list[Said]:
        """What the model says of texts, of which all have durations, pitch and energy, or none has: the rest is its
        own. Without `decode` there is no mel."""

    @property
    def language(self) -> Language:
        """What it speaks, and who reads texts to it."""
        return language(self.vocabulary.language)

    def speak(self, record: Spoken, told: Told = NOTHING, *, temperature: float = 1.0, seed: int = 0) -> Answer:
        """Speak the text of a record as its speaker in its emotion: what is not told is the model's own.

        Errors: ValueError naming the utterance where it is told of other phones than it has.
        """
        item = self._decided(record, told, temperature, seed)
        said = self.said([item], temperature, [seed], decode=True)[0]
        mel = self.stats.denormalise("mel", said.mel, record["speaker"])
        return Answer(**vars(self._contour(said, item, record["speaker"])), mel=mel)

    def contour(self, record: Spoken, told: Told = NOTHING, *, temperature: float = 1.0, seed: int = 0) -> Contour:
        """How a text goes when `speak` is asked the same: for a person to change, and to be told as it is wanted."""
        item = self._decided(record, told, temperature, seed)
        said = self.said([item], temperature, [seed], decode=False)[0]
        return self._contour(said, item, record["speaker"])

    def samples(
        self, record: Spoken, told: Told = NOTHING, *, n: int, temperature: float = 1.0, seed: int = 0
    ) -> list[Contour]:
        """How a text goes if it is spoken n times, from `seed` on; of what is told, durations alone are kept."""
        item = self._item(record, told)
        said = self.said([item] * n, temperature, range(seed, seed + n), decode=False)
        return [self._contour(one, item, record["speaker"]) for one in said]

    def contours(self, records: Sequence[Spoken], *, temperature: float = 1.0, seed: int = 0) -> list[Contour]:
        """How several texts go with own durations, all at once."""
        items = [self._item(record) for record in records]
        said = self.said(items, temperature, [seed] * len(records), decode=False)
        return [
            self._contour(one, item, record["speaker"]) for one, item, record in zip(said, items, records, strict=True)
        ]

    def _item(self, record: Spoken, told: Told = NOTHING) -> Item:
        """A text, with durations where they are told."""
        item = text_item(record, self.vocabulary)
        for name in ("durations", "log_f0", "log_energy"):
            if (values := getattr(told, name)) is not None and len(values) != len(item.phones):
                raise ValueError(
                    f"{record['id']}: {name} of {len(values)} phones are told, and it has {len(item.phones)}"
                )
        return item if told.durations is None else replace(item, durations=np.array(told.durations, dtype=np.int64))

    def _decided(self, record: Spoken, told: Told, temperature: float, seed: int) -> Item:
        """A text with all that is told; what a value hangs on in the model is decided before it."""
        item = self._item(record, told)
        for name, feature in self._in_order():
            wanted = getattr(told, feature)
            if wanted is None or np.isnan(wanted).all():
                continue
            said = self.said([item], temperature, [seed], decode=False)[0]
            contour = self._contour(said, item, record["speaker"])
            frames = getattr(said, name) if self.levels[name] == "frame" else None
            own, target = (
                self.stats.normalise(feature, values, record["speaker"])
                for values in (getattr(contour, feature), wanted)
            )
            values = moved(own, frames, target, contour.durations).astype(np.float32)
            item = replace(item, durations=contour.durations, **{field(name, self.levels[name]): values})
        return item

    def _in_order(self) -> list[tuple[str, str]]:
        """Pitch and energy, with their features: what is predicted first, first."""
        return sorted(FEATURES.items(), key=lambda feature: self.levels[feature[0]] == "frame")

    def _contour(self, said: Said, item: Item, speaker: str) -> Contour:
        found: dict[str, np.ndarray] = {}
        for name, feature in FEATURES.items():
            by_frame = self.levels[name] == "frame"
            values = getattr(item, field(name, self.levels[name]))
            natural = self.stats.denormalise(feature, getattr(said, name) if values is None else values, speaker)
            found[feature] = phone_average(natural, said.durations) if by_frame else natural
            found[f"frame_{feature}"] = natural if by_frame else np.repeat(natural, said.durations)
        return Contour(
            log_f0=found["log_f0"],
            frame_log_f0=found["frame_log_f0"],
            log_energy=found["log_energy"],
            durations=said.durations,
            own_durations=np.maximum(np.expm1(said.log_durations), 0.0),
        )


def field(name: str, level: Level) -> str:
    """The field of an item, and of a batch, that holds pitch or energy at a level."""
    return name if level == "phone" else f"frame_{name}"
