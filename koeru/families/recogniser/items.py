"""The utterances of a split as training items, read from the store when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koeru.audio.frames import n_frames
from koeru.data.reading import Features
from koeru.data.records import Spoken
from koeru.data.splits import nothing_left
from koeru.families.recogniser.batches import Item, frames_needed
from koeru.families.recogniser.heads import Teacher
from koeru.families.recogniser.quartznet import reduced
from koeru.jobs.stage import Work

ARRAYS = ("mel",)
LONGER, SILENT, TOO_LONG = "the text is longer than its frames", "nothing is said", "more than train.max_frames ({})"


def speech(work: Work) -> Features:
    """What a node's parents hold: readings without times, and mels."""
    return Features.of(work, ARRAYS, "tokens")


class SpeechItems:
    """Items of a split in a fixed order (see `batches.Items`), with what a teacher wants to hear of each.

    `stride` frames are one of the model's own, and `spare` of these stay free of labels. What cannot be taught is none
    of the items, but listed in `excluded`: a text that is longer than its frames, one of silence alone, and an
    utterance of more than `max_frames` frames.
    """

    def __init__(
        self,
        features: Features,
        split: str,
        teacher: Teacher,
        stride: int,
        *,
        spare: int = 0,
        max_frames: int | None = None,
    ) -> None:
        self.features, self.teacher = features, teacher
        self.places: list[tuple[int, Spoken]] = []
        self.frame_lengths: list[int] = []
        self.excluded: list[dict[str, Any]] = []  # id, frames, seconds, reason
        for shard, record in features.records(split):
            frames = self.frames_of(record)
            if reason := self._reason(record, reduced(frames, stride) - spare, frames, max_frames):
                told = {"id": record["id"], "frames": frames, "seconds": record["seconds"]}
                self.excluded.append(told | {"reason": reason})
            else:
                self.places.append((shard, record))
                self.frame_lengths.append(frames)

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, index: int) -> Item:
        shard, record = self.places[index]
        return Item(record["id"], self.features.array("mel", shard, f"{record['id']}/mel"), self.teacher.labels(record))

    def __iter__(self) -> Iterator[tuple[Spoken, Item]]:
        """Every record with its item."""
        return ((record, self[index]) for index, (_, record) in enumerate(self.places))

    def require_some(self) -> None:
        """Raise ValueError where nothing is left to train on, with what was left out and why."""
        if self.places:
            return
        if not self.excluded:
            raise ValueError(nothing_left("train"))
        first = self.excluded[0]
        raise ValueError(f"nothing is left to train on: {first['id']}: {first['reason']}; {len(self.excluded)} in all")

    def frames_of(self, record: Spoken) -> int:
        """The frames of an utterance, without reading its mel."""
        spec = self.features.mel_spec
        return n_frames(round(record["seconds"] * spec.sample_rate), spec.hop_length)

    def _reason(self, record: Spoken, own_frames: int, frames: int, max_frames: int | None) -> str:
        """Why an utterance cannot be taught; "" where it can."""
        labels = self.teacher.labels(record)
        if not any(map(len, labels.values())):
            return SILENT
        needed = max(map(frames_needed, labels.values()))
        if needed > own_frames:
            return f"{LONGER}: its labels need {needed} of the model's, and there are {own_frames}"
        return TOO_LONG.format(max_frames) if max_frames is not None and frames > max_frames else ""
