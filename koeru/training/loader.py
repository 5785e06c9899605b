"""The stream of batches of a training: one device's share of each batch of the epochs that remain, in order.

It is the same for any number of workers. A batch is a pure function of its share, so where an item is given randomness
(the clips of vocoders are), that comes from (seed, epoch, id) alone: not from a generator that a worker carries from
item to item. Nor is any generator of the training drawn from: DataLoader has its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, Self

import torch
from torch.utils.data import DataLoader, Dataset

from koeru.jobs.interruption import deaf


@dataclass(frozen=True)
class Share:
    """The utterances that one of several devices has of a batch; as a filler, one that another device has."""

    indices: tuple[int, ...]
    epoch: int  # from 0
    filler: bool = False


class Batch(Protocol):
    """Tensors of some utterances."""

    ids: tuple[str, ...]
    filler: bool  # it counts nowhere: it keeps a device busy that has no utterance of its own

    def to(self, device: torch.device | str) -> Self: ...

    def pin_memory(self) -> Self: ...


Load = Callable[[Share], Batch]
Batches = Callable[[int], Sequence[Sequence[int]]]  # an epoch, from 0 -> the utterances of each of its batches


def share_of(batch: Sequence[int], epoch: int, rank: int, world: int) -> Share:
    """Every `world`th utterance: of an ascending batch, all devices have short ones and long ones."""
    own = tuple(batch[rank::world])
    return Share(own, epoch) if own else Share((batch[0],), epoch, filler=True)


def remaining_shares(
    batches: Batches, epoch: int, batch: int, stop_epoch: int, rank: int = 0, world: int = 1
) -> Iterator[Share]:
    """A device's share of each batch from batch `batch` of epoch `epoch` to the end of the last before `stop_epoch`."""
    for number in range(epoch, stop_epoch):
        for indices in batches(number)[batch if number == epoch else 0 :]:
            yield share_of(indices, number, rank, world)


class Shares(Dataset[Batch]):
    """The batches of shares."""

    def __init__(self, load: Load) -> None:
        self.load = load

    def __getitem__(self, share: Share) -> Batch:
        return self.load(share)


def stream(load: Load, shares: Iterator[Share], workers: int, device: torch.device) -> Iterator[Batch]:
    """The batches of shares, on the CPU, loaded ahead by `workers` processes, or by this one if there are none.

    Workers end with the stream, and within seconds of this process, however it ends: they hear no signals, as those
    that tell a training to stop come to all processes of a job.
    """
    batches = iter(
        DataLoader(
            Shares(load),
            batch_size=None,
            sampler=shares,
            num_workers=workers,
            pin_memory=device.type == "cuda",
            generator=torch.Generator(),
            worker_init_fn=deaf,
        )
    )
    try:
        yield from batches
    finally:
        if workers:  # else they would live as long as the traceback of an error does, and an exit waits for them
            batches._shutdown_workers()
