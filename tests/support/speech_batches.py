"""Batches of random speech, and small recognisers, for tests of the family of recognisers."""

import numpy as np
import torch

from koeru.families.recogniser.batches import Item, SpeechBatch, collate
from koeru.families.recogniser.entry import Model
from koeru.families.recogniser.quartznet import QuartzNet

N_MELS, HEADS = 6, {"phones": 9, "letters": 7}
TINY = Model(
    stem_channels=8,
    stem_kernel_size=5,
    channels=(8, 12),
    kernel_sizes=(3, 7),
    repeats=2,
    tail_channels=8,
    tail_kernel_size=5,
    top_channels=10,
    dropout=0.0,
)


def items(lengths, seed=0, heads=HEADS, labels_per_frame=0.2):
    """Items of so many frames each, with labels of each head, that are neither blank nor separator."""
    rng = np.random.default_rng(seed)
    return [
        Item(
            f"u{number}",
            rng.normal(-4, 2, (length, N_MELS)).astype(np.float32),
            {head: rng.integers(2, size, max(1, int(labels_per_frame * length))) for head, size in heads.items()},
        )
        for number, length in enumerate(lengths)
    ]


def batch(lengths, **more) -> SpeechBatch:
    """Their batch."""
    return collate(items(lengths, **more))


def network(model: Model = TINY, heads=HEADS) -> QuartzNet:
    """A recogniser with random weights."""
    torch.manual_seed(1)
    return QuartzNet(model, N_MELS, heads)
