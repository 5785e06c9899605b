"""A training of a conversion that takes a second: its pairs, its models."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from conversion_batches import conversion, make_pair

from koeru.config.training import Supervised
from koeru.families.vc.batches import Item
from koeru.families.vc.model import ConformerVc

FACTOR = 3
MEAN = 4.0  # of the targets' mels
KINDS = {  # the arguments of a model; one learns its alignment
    "conversion": {"kind": "pitch_ar", "aligned": True},
    "conversion_wgmm": {"kind": "wgmm", "pitch_ar": True, "aligned": False},  # every part that there is
}


class PairList(list[Item]):
    """Pairs in memory."""

    @property
    def frame_lengths(self) -> Sequence[int]:
        return [max(len(item.source.mel), len(item.target.mel)) for item in self]


def make_pairs(kind: str, count: int, seed: int) -> PairList:
    """Pairs of 10 to 18 frames, of one to three sentences; targets are noise around a mean that can be learned."""
    rng = np.random.default_rng(seed)
    aligned = KINDS[kind]["aligned"]

    def pair(number: int) -> Item:
        made = make_pair(*rng.integers(10, 19, 2), FACTOR, (0, 4, 11), seed=100 * seed + number, aligned=aligned)
        return replace(made, target=replace(made.target, mel=made.target.mel + MEAN))

    return PairList(map(pair, range(count)))


def with_a_bad_one(kind: str) -> PairList:
    items = make_pairs(kind, 13, 0)
    items[5] = replace(items[5], target=replace(items[5].target, pitch=np.full_like(items[5].target.pitch, np.nan)))
    return items


def make_model(kind: str, **changes) -> ConformerVc:
    return conversion(**KINDS[kind], **changes)


def arguments_of_task(kind: str, settings: Supervised, dev: int = 4) -> dict:
    """A task's own arguments, unless a test has others."""
    items = {"train_items": make_pairs(kind, 13, 0), "dev_items": make_pairs(kind, dev, 1)}
    return {"model": make_model(kind), "settings": settings, **items}
