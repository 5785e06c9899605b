"""The stream of batches of a training: one device's share of each batch of the epochs that remain, in order.

It is the same for any number of workers. A batch is a pure function of its utterances, so where an item is to be given
randomness (it has none now), that must come from (seed, epoch, id) alone: not from a generator that a worker carries
from item to item. Nor is any generator of the training drawn from: DataLoader has its own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch.utils.data import DataLoader, Dataset

from koeru.data.batches import Batch, Items, collate
from koeru.training.settings import TrainSettings


@dataclass(frozen=True)
class Share:
    """The utterances that one of several devices has of a batch; as a filler, one that another device has."""

    indices: tuple[int, ...]
    filler: bool = False


def share_of(batch: Sequence[int], rank: int, world: int) -> Share:
    """Every `world`th utterance: of an ascending batch, all devices have short ones and long ones."""
    own = tuple(batch[rank::world])
    return Share(own) if own else Share((batch[0],), filler=True)


def remaining_shares(
    frame_lengths: Sequence[int],
    settings: TrainSettings,
    epoch: int,
    batch: int,
    stop_epoch: int,
    rank: int = 0,
    world: int = 1,
) -> Iterator[Share]:
    """A device's share of each batch from batch `batch` of epoch `epoch` to the end of the last before `stop_epoch`."""
    for number in range(epoch, stop_epoch):
        for indices in settings.batches(frame_lengths, number)[batch if number == epoch else 0 :]:
            yield share_of(indices, rank, world)


class Shares(Dataset[Batch]):
    """The batch of a share of some items."""

    def __init__(self, items: Items) -> None:
        self.items = items

    def __getitem__(self, share: Share) -> Batch:
        batch = collate([self.items[index] for index in share.indices])
        batch.filler = share.filler
        return batch


def stream(items: Items, shares: Iterator[Share], workers: int, device: torch.device) -> Iterator[Batch]:
    """The batches of shares, on the CPU, loaded ahead by `workers` processes, or by this one if there are none.

    Workers end with the stream, and within seconds of this process, however it ends.
    """
    yield from DataLoader(
        Shares(items),
        batch_size=None,
        sampler=shares,
        num_workers=workers,
        pin_memory=device.type == "cuda",
        generator=torch.Generator(),
    )
