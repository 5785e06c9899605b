"""The training loop: epochs of batches, one update a batch, exact resume."""

import math
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from lightning_fabric import Fabric
from torch import nn

from koeru.data.batches import Batch, Items, collate, epoch_batches
from koeru.models.losses import Mean, losses
from koeru.training.checkpoint import Place, TrainState, save
from koeru.training.log import Log
from koeru.training.schedule import Schedule, learning_rate
from koeru.training.state import restore, snapshot

PRECISIONS = {"fp32": "32-true", "bf16": "bf16-mixed"}


@dataclass(frozen=True)
class TrainSettings:
    """Settings of the loop. `threads` of torch are among them, as another number of them rounds otherwise."""

    seed: int = 773
    batch_size: int = 16  # utterances
    group_size: int = 16  # batches that are sorted by length together
    schedule: Schedule = field(default_factory=Schedule)
    betas: tuple[float, float] = (0.9, 0.98)
    eps: float = 1e-9
    clip_norm: float = 1.0
    precision: str = "fp32"  # or bf16
    accelerator: str = "cpu"  # or cuda
    threads: int = 1
    rolling_seconds: float = 300.0  # between rolling checkpoints


class NonFiniteLossError(RuntimeError):
    """A loss or a gradient is not finite. The message names the step, the parts and the utterances."""


def train(
    model: nn.Module,
    settings: TrainSettings,
    train_items: Items,
    dev_items: Items,
    *,
    start_state: TrainState | None = None,
    stop_epoch: int,
    rolling_path: Path | None = None,
    log_dir: Path | None = None,
    progress: Callable[[int, str], None] | None = None,
) -> TrainState:
    """Train `model` in place until `stop_epoch` epochs are done; return the full state.

    Continues exactly from `start_state` (the end of an earlier chunk, or a rolling checkpoint); without one
    the model starts with the weights it has and a fresh optimiser. `rolling_path` gets a checkpoint every
    rolling_seconds, at the end of a step; `log_dir` the log (see `koeru.training.log`); `progress` is called
    with 1 and a note per step.

    Errors: NonFiniteLossError; ValueError where there is nothing to train on or `start_state` is beyond
    `stop_epoch`.
    """
    if not len(train_items):
        raise ValueError("the training split is empty")
    torch.set_num_threads(settings.threads)
    fabric = Fabric(accelerator=settings.accelerator, devices=1, precision=PRECISIONS[settings.precision])
    optimiser = torch.optim.Adam(model.parameters(), betas=settings.betas, eps=settings.eps, fused=True)
    wrapped_model, wrapped_optimiser = fabric.setup(model, optimiser)
    torch.manual_seed(settings.seed)
    place = Place()
    if start_state is not None:
        place = restore(start_state, model, optimiser, fabric.device, settings.threads)
    if (place.epoch, place.batch) > (stop_epoch, 0):
        raise ValueError(f"the start state is {place.epoch} epochs and {place.batch} batches on, beyond {stop_epoch}")

    saved = time.monotonic()

    def checkpoint() -> None:
        nonlocal saved
        if rolling_path is not None and time.monotonic() - saved > settings.rolling_seconds:
            log.flush()  # first: a resumed run does not log the steps of its checkpoint again
            save(snapshot(model, optimiser, fabric.device, settings.threads, place), rolling_path)
            saved = time.monotonic()

    with closing(Log(log_dir, place)) as log:
        while place.epoch < stop_epoch:
            lengths = train_items.frame_lengths
            batches = epoch_batches(lengths, settings.batch_size, settings.group_size, settings.seed, place.epoch)
            wrapped_model.train()
            for indices in batches[place.batch :]:
                start = time.monotonic()
                batch = collate([train_items[index] for index in indices]).to(fabric.device)
                place.data_seconds += time.monotonic() - start
                scalars = update(fabric, wrapped_model, wrapped_optimiser, batch, settings, place)
                place.seconds += time.monotonic() - start
                log.scalars("step", scalars, place.step)
                if progress is not None:
                    progress(1, f"loss {scalars['loss']:.3f}")
                if place.batch < len(batches):
                    checkpoint()
            finish_epoch(place, evaluate(fabric, wrapped_model, dev_items, settings))
            log.epoch(place)
            checkpoint()
    return snapshot(model, optimiser, fabric.device, settings.threads, place)


def update(
    fabric: Fabric,
    model: nn.Module,
    optimiser: torch.optim.Optimizer,
    batch: Batch,
    settings: TrainSettings,
    place: Place,
) -> dict[str, float]:
    """One step; moves `place` on. Errors: NonFiniteLossError, before the weights change."""
    rate = learning_rate(place.step + 1, settings.schedule)
    for group in optimiser.param_groups:
        group["lr"] = rate
    optimiser.zero_grad()
    total, parts = losses(model(batch), batch)
    fabric.backward(total)
    norm = fabric.clip_gradients(model, optimiser, max_norm=settings.clip_norm, error_if_nonfinite=False)
    (loss, gradient_norm), sums = to_host([total, norm], parts)  # the only wait for the device in a step
    if not (math.isfinite(loss) and math.isfinite(gradient_norm)):
        values = ", ".join(f"{name} {value:.4g}" for name, value in averages(sums).items())
        raise NonFiniteLossError(
            f"step {place.step + 1} (batch {place.batch + 1} of epoch {place.epoch + 1}) is not finite: "
            f"{values}, gradient norm {gradient_norm:.4g}; utterances {', '.join(batch.ids)}. "
            "Check their features, or lower the learning rate"
        )
    optimiser.step()
    add(place.sums, sums)
    place.step += 1
    place.batch += 1
    return {"loss": loss, "gradient_norm": gradient_norm, "learning_rate": rate}


def evaluate(fabric: Fabric, model: nn.Module, items: Items, settings: TrainSettings) -> dict[str, float]:
    """Losses of the development items as inference sees them: own pitch and energy, given durations.

    Leaves the generators of randomness as they were; inside, they start from the seed every time.
    """
    order = np.argsort(items.frame_lengths, kind="stable").tolist()
    sums: dict[str, list[float]] = {}
    model.eval()
    with torch.no_grad(), torch.random.fork_rng([fabric.device] if fabric.device.type == "cuda" else []):
        torch.manual_seed(settings.seed)
        for start in range(0, len(order), settings.batch_size):
            batch = collate([items[index] for index in order[start : start + settings.batch_size]]).to(fabric.device)
            _, parts = losses(model(batch, true_pitch=False, true_energy=False), batch)
            add(sums, to_host([], parts)[1])
    return averages(sums)


def finish_epoch(place: Place, dev: dict[str, float]) -> None:
    """Append the record of the epoch to the log and move `place` to the start of the next."""
    place.epoch += 1
    record = {
        "epoch": place.epoch,
        "step": place.step,
        "train": averages(place.sums),
        "dev": dev,
        "seconds": place.seconds,
        "data_seconds": place.data_seconds,
    }
    place.log.append(record)
    place.batch, place.sums, place.seconds, place.data_seconds = 0, {}, 0.0, 0.0


def to_host(scalars: list[torch.Tensor], parts: Mapping[str, Mean]) -> tuple[list[float], dict[str, list[float]]]:
    """Scalars, and the [sum, count] of each part, in one transfer from the device."""
    tensors = [*scalars, *(part.sum for part in parts.values()), *(part.count for part in parts.values())]
    numbers = torch.stack([tensor.detach().double() for tensor in tensors]).tolist()
    values, numbers = numbers[: len(scalars)], numbers[len(scalars) :]
    return values, {name: [numbers[i], numbers[i + len(parts)]] for i, name in enumerate(parts)}


def add(sums: dict[str, list[float]], more: Mapping[str, list[float]]) -> None:
    """Add [sum, count] of every part to `sums`."""
    for name, (total, count) in more.items():
        old_total, old_count = sums.get(name, (0.0, 0.0))
        sums[name] = [old_total + total, old_count + count]


def averages(sums: Mapping[str, list[float]]) -> dict[str, float]:
    """Every part's mean over its positions, and "total", the sum of the means; {} of {}."""
    means = {name: total / count for name, (total, count) in sums.items()}
    return {**means, "total": sum(means.values())} if means else {}
