"""The training loop: epochs of batches, one update a batch, exact resume. What is special to a model is its task."""

import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import torch
from lightning_fabric import Fabric

from koeru.jobs.interruption import Heard, StoppedError
from koeru.training.checkpoint import Position, TrainState, save
from koeru.training.loader import remaining_shares, stream
from koeru.training.log import Log
from koeru.training.machine import Machine
from koeru.training.parallel import launch, on_first
from koeru.training.state import copy_of, restore, snapshot
from koeru.training.sums import add
from koeru.training.taking import best_row
from koeru.training.task import Task


def train(
    task: Task,
    *,
    start_state: TrainState | None = None,
    stop_epoch: int,
    rolling_path: Path | None = None,
    log_dir: Path | None = None,
    progress: Callable[[int, str], None] | None = None,
    told_to_stop: Heard | None = None,
) -> TrainState:
    """Train the model of a task in place until `stop_epoch` epochs are done; return the full state.

    Continues exactly from `start_state` (the end of an earlier chunk, or a rolling checkpoint); without one
    the model starts with the weights it has and fresh optimisers. `rolling_path` gets a checkpoint every
    rolling_seconds, at the end of a step; `log_dir` the log (see `koeru.training.log`); `progress` is called
    with 1 and a note per step. `told_to_stop` is asked after every step and every epoch: where it has an answer before
    the end, the run is saved at once, and StoppedError says so.

    With several devices, other processes run the same command line to this call, and return from it too; all but the
    first (`koeru.training.parallel.is_first`) should then end. Only the first may be told to stop: they end with it.

    Errors: NonFiniteLossError; StoppedError; ValueError where there is nothing to train on or `start_state` is beyond
    `stop_epoch`.
    """
    settings, model = task.settings, task.model
    if not task.batches(0):
        raise ValueError("the training split is empty")
    fabric = launch(settings)
    machine = Machine.of(fabric.device, threads=settings.threads, devices=settings.devices, compiled=settings.compile)
    optimisers = task.set_up(fabric)
    torch.manual_seed(settings.seed)
    position, best = Position(), {}
    if start_state is not None:
        position, best = restore(start_state, model, optimisers, fabric.device, machine), start_state.best
    if (position.epoch, position.batch) > (stop_epoch, 0):
        raise ValueError(
            f"the start state is {position.epoch} epochs and {position.batch} batches on, beyond {stop_epoch}"
        )
    if not fabric.is_global_zero:
        rolling_path = log_dir = progress = None

    def state() -> TrainState:
        return snapshot(model, optimisers, fabric.device, machine, position, best)

    saved = time.monotonic()

    def checkpoint() -> None:
        nonlocal saved
        told = told_to_stop() if told_to_stop is not None and position.epoch < stop_epoch else None
        if rolling_path is not None and (told or time.monotonic() - saved > settings.checkpoint_every):
            log.flush()  # first: a resumed run does not log the steps of its checkpoint again
            save(state(), rolling_path)
            saved = time.monotonic()
        if told:
            raise StoppedError(
                f"told to stop by {told}, at epoch {position.epoch}, batch {position.batch}; the same command goes on "
                + ("from there" if rolling_path is not None else "from the last state that was saved")
            )

    rank = (fabric.global_rank, fabric.world_size)
    shares = remaining_shares(task.batches, position.epoch, position.batch, stop_epoch, *rank)
    with (
        closing(Log(log_dir, position)) as log,
        closing(stream(task.load, shares, settings.workers, fabric.device)) as batches,
    ):
        if task.kept and (position.epoch, position.batch) == (0, 0) and not position.at_start:
            position.at_start = on_first(fabric, evaluate, fabric, task)
        while position.epoch < stop_epoch:
            n_batches = len(task.batches(position.epoch))
            model.train()
            while position.batch < n_batches:
                start = time.monotonic()
                batch = next(batches).to(fabric.device)
                position.data_seconds += time.monotonic() - start
                scalars, sums = task.step(batch, position)
                add(position.sums, sums)
                position.step, position.batch = position.step + 1, position.batch + 1
                position.seconds += time.monotonic() - start
                log.scalars("step", scalars, position.step)
                if progress is not None:
                    progress(1, f"loss {scalars['loss']:.3f}")
                checkpoint()
            finish_epoch(task, position, on_first(fabric, evaluate, fabric, task))
            if task.kept and best_row(position.log, task.kept.value) is position.log[-1]:
                best = copy_of(model.get_submodule(task.kept.part))
            log.epoch(position)
            checkpoint()
    return state()


def evaluate(fabric: Fabric, task: Task) -> dict[str, float]:
    """How good the model is on the dev split.

    Leaves the generators of randomness as they were; inside, they start from the seed every time.
    """
    task.model.eval()
    with (
        torch.no_grad(),
        torch.random.fork_rng([fabric.device] if fabric.device.type == "cuda" else []),
        torch.compiler.set_stance("force_eager"),  # a loop over phones would be compiled anew for each length
    ):
        torch.manual_seed(task.settings.seed)
        return task.evaluate()


def finish_epoch(task: Task, position: Position, dev: dict[str, float]) -> None:
    """Append the record of the epoch to the log and move `position` to the start of the next."""
    position.log.append(
        {
            "epoch": position.epoch + 1,
            "step": position.step,
            "train": task.averages(position.sums),
            "dev": dev,
            **task.extent(position.epoch),
            "seconds": position.seconds,
            "data_seconds": position.data_seconds,
        }
    )
    position.epoch += 1
    position.batch, position.sums, position.seconds, position.data_seconds = 0, {}, 0.0, 0.0
