"""A chunk of a training as a job makes it: where it begins, and what is told of the epoch that it ends with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import Any

from koeru.config.training import Optimisation
from koeru.graph.store import file_digest, write_json
from koeru.jobs.interruption import Heard, listening
from koeru.jobs.lease import own_gpus
from koeru.jobs.lock import run_lock
from koeru.jobs.run import source_commit
from koeru.jobs.stage import Work
from koeru.training.checkpoint import TrainState, load
from koeru.training.devices import accelerator
from koeru.training.parallel import is_first


@contextmanager
def running(work: Work, settings: Optimisation) -> Iterator[Heard | None]:
    """The lock of a run: one process at a time, and the ranks that it starts; and the GPUs that it has for itself.

    What comes is that which ends it early: see `koeru.jobs.interruption.listening`. The other ranks hear nothing.
    """
    if not is_first():
        yield None
        return
    on_gpus = accelerator(settings.device) == "cuda"
    with (
        run_lock(work.folder / "lock", f"training {work.place.key}"),
        own_gpus(settings.devices) if on_gpus else nullcontext(),
        listening() as heard,
    ):
        yield heard


def latest_state(work: Work, start: int, epoch: int, first: TrainState | None) -> tuple[TrainState | None, str]:
    """The latest state on the way to `epoch`: the rolling checkpoint, a saved epoch, the first; and which it is.

    A run without a parent has no first state: it begins with the random weights of its model.
    """
    rolling = work.folder / "rolling.pt"
    if rolling.exists():
        state = load(rolling)
        if start <= state.position.epoch and (state.position.epoch, state.position.batch) <= (epoch, 0):
            return state, f"rolling checkpoint at epoch {state.position.epoch}, batch {state.position.batch}"
    if start:
        return load(work.store.epoch_state_path(work.place, start)), f"epoch {start}"
    return first, "random weights" if first is None else "pretrained weights"


def position_in(state: TrainState | None) -> tuple[int, int]:
    """How many epochs, and batches of the next, are behind a state; None is the beginning."""
    return (0, 0) if state is None else (state.position.epoch, state.position.batch)


def write_epoch(work: Work, epoch: int, state: TrainState, told: Mapping[str, Any], run: Mapping[str, Any]) -> None:
    """Write the manifest of a saved epoch, whose state is there: what it is, what its family has `told`, how it ran."""
    path = work.store.epoch_state_path(work.place, epoch)
    content = {
        "stage": work.place.stage,
        "version": work.version,
        "key": work.place.key,
        "params": dict(work.params),
        "parents": {role: {"stage": p.stage, "key": p.key, "epoch": p.epoch} for role, p in work.parents.items()},
        "epoch": epoch,
        "step": state.position.step,
        **told,
        "machine": vars(state.machine),
        "last": state.position.log[-1],
        "log": state.position.log,
        "at_start": state.position.at_start,
        "payload": {"file": path.name, "bytes": path.stat().st_size, "sha256": file_digest(path)},
        "commit": source_commit(),
        "run": dict(run),
    }
    write_json(work.store.epoch_path(work.place, epoch), content)
