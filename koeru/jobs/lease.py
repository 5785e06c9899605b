"""Which GPUs a training has, on a machine where several run: each holds its own, and those without one wait.

Under Slurm a job sees its own GPUs only, so nothing is held.
"""

from __future__ import annotations

import fcntl
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import torch

from koeru.jobs.slurm import own_job

VISIBLE = "CUDA_VISIBLE_DEVICES"
LOOK_AGAIN_S = 5.0


@contextmanager
def own_gpus(count: int, *, folder: Path | None = None) -> Iterator[None]:
    """Hold `count` of the GPUs that this process sees, and let CUDA see no other, while the block runs.

    Must be entered before CUDA is used. Waits until so many are free. The locks go with the process, however it ends.
    Errors: ValueError where there are fewer than `count`.
    """
    if own_job() is not None:
        yield
        return
    before, all_gpus = os.environ.get(VISIBLE), gpus()
    if count > len(all_gpus):
        raise ValueError(f"train.devices: {count} GPUs are wanted, there are {len(all_gpus)}")
    with ExitStack() as held:
        os.environ[VISIBLE] = ",".join(_held(held, count, all_gpus, folder or _folder()))
        try:
            yield
        finally:
            os.environ.pop(VISIBLE) if before is None else os.environ.update({VISIBLE: before})


def gpus() -> list[str]:
    """The names of the GPUs that this process sees, as CUDA_VISIBLE_DEVICES has them. CUDA is not begun by it."""
    if (visible := os.environ.get(VISIBLE)) is not None:
        return [name for name in visible.split(",") if name]
    return [str(number) for number in range(torch.cuda.device_count())]


def _folder() -> Path:
    folder = Path(tempfile.gettempdir(), f"koeru-gpus-{os.getuid()}")
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _held(held: ExitStack, count: int, names: Sequence[str], folder: Path) -> list[str]:
    """The names of GPUs whose locks are now held: all that are wanted or, until they are free at once, none."""
    told = False
    while True:
        with ExitStack() as trial:
            found: list[str] = []
            for name in names:
                if len(found) < count and _lock(trial, folder / f"{name.replace('/', '_')}.lock"):
                    found.append(name)
            if len(found) == count:
                held.push(trial.pop_all())
                return found
        if not told:
            free = f"{len(found)} of the {len(names)} GPUs free, {count} wanted"
            print(f"waiting for other trainings on this machine to end: {free}", file=sys.stderr, flush=True)
            told = True
        time.sleep(LOOK_AGAIN_S)


def _lock(stack: ExitStack, path: Path) -> bool:
    """Lock a file until the stack is closed; whether that could be done at once."""
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    stack.callback(os.close, file)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
