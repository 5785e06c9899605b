"""The pairs of a split as training items, read from the store when they are asked for."""

from __future__ import annotations

from typing import Any

import numpy as np

from koeru.data.statistics import Stats
from koeru.data.vocabulary import Vocabulary
from koeru.families.vc.batches import Item, Sound
from koeru.families.vc.pairs import Pair, Pairs
from koeru.jobs.stage import Arrays


class PairItems:
    """Items of a split in a fixed order (see `batches.Items`), for the model that has this vocabulary.

    A pair of more than `max_frames` frames is none of them, but listed in `excluded`.
    """

    def __init__(self, pairs: Pairs, split: str, vocabulary: Vocabulary, max_frames: int | None = None) -> None:
        self.pairs, self.vocabulary = pairs, vocabulary
        self.places: list[Pair] = []
        self.excluded: list[dict[str, Any]] = []  # id, frames, seconds, reason
        for pair in pairs.of_split(split):
            if max_frames is not None and pair.n_frames > max_frames:
                told = {"id": pair.id, "frames": pair.n_frames, "seconds": pair.seconds}
                self.excluded.append(told | {"reason": f"more than train.max_frames ({max_frames})"})
            else:
                self.places.append(pair)
        self.frame_lengths = [pair.n_frames for pair in self.places]

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, index: int) -> Item:
        return pair_item(self.pairs, self.places[index], self.vocabulary)


def pair_item(pairs: Pairs, pair: Pair, vocabulary: Vocabulary) -> Item:
    """The item of a pair, with its target. Errors: ValueError naming the pair and a name that is unknown."""
    stats = pairs.features.stats
    source, target = (sound(pairs.arrays(side), stats, side.speaker) for side in (pair.source, pair.target))
    told = who(pair, vocabulary)
    return Item(pair.id, source, **told, cuts=pair.target.cuts, target=target, durations=pairs.durations(pair))


def source_item(pairs: Pairs, pair: Pair, vocabulary: Vocabulary) -> Item:
    """The item of a pair of which only the source is known. Errors: as above."""
    source = sound(pairs.arrays(pair.source), pairs.features.stats, pair.source.speaker)
    return Item(pair.id, source, **who(pair, vocabulary), cuts=pair.source.cuts)


def sound(arrays: Arrays, stats: Stats, speaker: str) -> Sound:
    """What is heard of an utterance with features log_f0, voiced, log_energy (T,) and mel (T, M)."""
    return Sound(
        mel=stats.normalise("mel", arrays["mel"], speaker),
        pitch=stats.normalise("log_f0", arrays["log_f0"], speaker),
        energy=stats.normalise("log_energy", arrays["log_energy"], speaker),
        voiced=np.asarray(arrays["voiced"], dtype=bool),
    )


def who(pair: Pair, vocabulary: Vocabulary) -> dict[str, int]:
    """The ids of who speaks, and how, on both sides of a pair."""
    found = {}
    for kind in ("speaker", "emotion"):
        known = vocabulary.ids[f"{kind}s"]
        for side in ("source", "target"):
            name = getattr(getattr(pair, side), kind)
            if name not in known:
                raise ValueError(f"{pair.id}: unknown {kind} {name}; known are {', '.join(known)}")
            found[f"{side}_{kind}"] = known[name]
    return found
