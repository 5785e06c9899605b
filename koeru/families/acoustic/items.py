"""The utterances of a split as training items, read from the store when they are asked for."""

from __future__ import annotations

from typing import Any

from koeru.data.reading import Features
from koeru.data.records import Labelled
from koeru.data.vocabulary import Vocabulary
from koeru.families.acoustic.item import Item, make_item


class FeatureItems:
    """Items of a split in a fixed order (see `batches.Items`), for the model that has this vocabulary.

    An utterance of more than `max_frames` frames is none of them, but listed in `excluded`.
    """

    def __init__(self, features: Features, split: str, vocabulary: Vocabulary, max_frames: int | None = None) -> None:
        self.features, self.vocabulary = features, vocabulary
        self.places: list[tuple[int, Labelled]] = []
        self.excluded: list[dict[str, Any]] = []  # id, frames, seconds, reason
        for shard, record in features.records(split):
            if max_frames is not None and record["n_frames"] > max_frames:
                self.excluded.append(
                    {
                        "id": record["id"],
                        "frames": record["n_frames"],
                        "seconds": record["seconds"],
                        "reason": f"more than train.max_frames ({max_frames})",
                    }
                )
            else:
                self.places.append((shard, record))
        self.frame_lengths = [record["n_frames"] for _, record in self.places]

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, index: int) -> Item:
        shard, record = self.places[index]
        arrays = self.features.of_utterance(shard, record["id"])
        return make_item(record, **arrays, stats=self.features.stats, vocabulary=self.vocabulary)
