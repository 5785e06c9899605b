"""Several devices (GPUs, or processes on the CPU) train one model: all that knows of ranks is here.

A device has a share of each batch (`koeru.training.loader`), and a copy of the model that stays equal to the others:
the gradients are those of the whole batch, as every mean has the count over all devices as its denominator. Rank 0
alone evaluates, speaks and writes, and it alone has its randomness from the generators that checkpoints keep; the
others draw theirs from (seed, step, rank). So a run continues exactly on as many devices, and by rounding alike on
another number.
"""

import logging
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
import torch
from lightning_fabric import Fabric
from lightning_fabric.plugins import MixedPrecision, Precision
from lightning_fabric.plugins.environments import LightningEnvironment
from lightning_fabric.strategies import DDPStrategy
from torch import distributed

from koeru.config.training import Optimisation
from koeru.jobs.interruption import deaf
from koeru.nn.losses import Mean
from koeru.training.devices import accelerator

LAUNCHER = "KOERU_LAUNCHER"  # the process that started this rank
T = TypeVar("T")


class Bf16(MixedPrecision):
    """bfloat16 where autocast deems it safe. Inputs keep their precision: in bfloat16, pitch would miss most bins."""

    def __init__(self, device: str) -> None:
        super().__init__("bf16-mixed", device)

    def convert_input(self, data: T) -> T:
        return data


def is_first() -> bool:
    """Whether this process is rank 0, known before any other rank is started."""
    return os.environ.get("LOCAL_RANK", "0") == "0"


def launch(settings: Optimisation) -> Fabric:
    """The Fabric of this device; rank 0 starts the other ranks, which run the same command line to here."""
    kind = accelerator(settings.device)
    if kind == "cuda" and settings.devices > torch.cuda.device_count():
        raise ValueError(f"train.devices: {settings.devices} GPUs are wanted, there are {torch.cuda.device_count()}")
    fabric = Fabric(
        accelerator=kind,
        devices=settings.devices,
        # The buffers are equal on all devices as they are made of sums over all; there is nothing to send around.
        strategy=DDPStrategy(forward_sync_buffers=False) if settings.devices > 1 else "auto",
        plugins=[
            LightningEnvironment(),  # also under Slurm, where a job has one task: it starts its ranks itself
            Bf16(kind) if settings.precision == "bf16" else Precision(),
        ],
    )
    if not is_first():
        deaf()
        logging.getLogger("koeru").setLevel(logging.ERROR)
        threading.Thread(target=_end_with, args=(int(os.environ[LAUNCHER]),), daemon=True).start()
    elif settings.devices > 1:
        os.environ[LAUNCHER] = str(os.getpid())
    fabric.launch()
    torch.set_num_threads(settings.threads)
    return fabric


def seed_step(fabric: Fabric, seed: int, step: int) -> None:
    """Give every rank but 0 its own randomness of a step."""
    if fabric.global_rank:
        torch.manual_seed(int(np.random.SeedSequence([seed, step, fabric.global_rank]).generate_state(1)[0]))


def over_devices(fabric: Fabric, parts: Mapping[str, Mean], filler: bool) -> tuple[dict[str, Mean], dict[str, Mean]]:
    """Parts of the loss on this device -> (the same to differentiate, those of the whole batch to report).

    The gradients that DDP averages over the devices of the first are the gradients of the second. A filler counts
    nowhere, but its device takes part.
    """
    if fabric.world_size == 1:
        return dict(parts), dict(parts)
    sums = torch.stack([torch.stack([part.sum.detach().double(), part.count.double()]) for part in parts.values()])
    sums = sums * (not filler)  # (parts, 2)
    distributed.all_reduce(sums)
    scale = fabric.world_size * (not filler)
    whole = {name: Mean(row[0].to(parts[name].sum.dtype), row[1].long()) for name, row in zip(parts, sums, strict=True)}
    return {name: Mean(part.sum * scale, whole[name].count) for name, part in parts.items()}, whole


def on_first(fabric: Fabric, function: Callable[..., T], *arguments: Any) -> T:
    """What a function returns on rank 0, on every rank; the others wait for it."""
    return fabric.broadcast(function(*arguments) if fabric.is_global_zero else None)


def blamed(fabric: Fabric, ids: Sequence[str], finite: bool) -> list[str]:
    """Utterances of the devices whose own loss is not `finite`; of all devices where each is."""
    everyone: list[Any] = [(list(ids), finite)]
    if fabric.world_size > 1:
        everyone = [None] * fabric.world_size
        distributed.all_gather_object(everyone, (list(ids), finite))
    guilty = [own for own, fine in everyone if not fine] or [own for own, _ in everyone]
    return list(dict.fromkeys(name for own in guilty for name in own))


def _end_with(launcher: int) -> None:
    """End this process when the one that started it is gone: killed, it cannot say so."""
    while os.getppid() == launcher:
        time.sleep(1)
    os._exit(1)
