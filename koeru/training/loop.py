"""The training loop: epochs of batches, one update a batch, exact resume."""

import math
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

import numpy as np
import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from koeru.data.batches import Batch, Items, collate
from koeru.data.sampling import padding_share
from koeru.models.losses import Mean, losses, total_loss
from koeru.training.checkpoint import Place, TrainState, save
from koeru.training.loader import remaining_shares, stream
from koeru.training.log import Log
from koeru.training.machine import Machine
from koeru.training.parallel import blamed, launch, on_first, over_devices, seed_step
from koeru.training.schedule import learning_rate
from koeru.training.settings import TrainSettings
from koeru.training.state import restore, snapshot


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
    with 1 and a note per step. With several devices, other processes run the same command line to this call, and
    return from it too; all but the first (`koeru.training.parallel.is_first`) should then end.

    Errors: NonFiniteLossError; ValueError where there is nothing to train on or `start_state` is beyond
    `stop_epoch`.
    """
    if not len(train_items):
        raise ValueError("the training split is empty")
    fabric = launch(settings)
    machine = Machine.of(fabric.device, threads=settings.threads, devices=settings.devices, compiled=settings.compile)
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimiser = torch.optim.Adam(trained, betas=settings.betas, eps=settings.eps, fused=True)
    if settings.compile:
        model.compile(dynamic=True)
    wrapped_model, wrapped_optimiser = fabric.setup(model, optimiser)
    torch.manual_seed(settings.seed)
    place = Place()
    if start_state is not None:
        place = restore(start_state, model, optimiser, fabric.device, machine)
    if (place.epoch, place.batch) > (stop_epoch, 0):
        raise ValueError(f"the start state is {place.epoch} epochs and {place.batch} batches on, beyond {stop_epoch}")
    if not fabric.is_global_zero:
        rolling_path = log_dir = progress = None

    saved = time.monotonic()

    def checkpoint() -> None:
        nonlocal saved
        if rolling_path is not None and time.monotonic() - saved > settings.rolling_seconds:
            log.flush()  # first: a resumed run does not log the steps of its checkpoint again
            save(snapshot(model, optimiser, fabric.device, machine, place), rolling_path)
            saved = time.monotonic()

    lengths = train_items.frame_lengths
    rank = (fabric.global_rank, fabric.world_size)
    shares = remaining_shares(lengths, settings, place.epoch, place.batch, stop_epoch, *rank)
    with (
        closing(Log(log_dir, place)) as log,
        closing(stream(train_items, shares, settings.workers, fabric.device)) as batches,
    ):
        while place.epoch < stop_epoch:
            n_batches = settings.n_batches(lengths, place.epoch)
            wrapped_model.train()
            while place.batch < n_batches:
                start = time.monotonic()
                batch = next(batches).to(fabric.device)
                place.data_seconds += time.monotonic() - start
                scalars = update(fabric, wrapped_model, wrapped_optimiser, batch, settings, place)
                place.seconds += time.monotonic() - start
                log.scalars("step", scalars, place.step)
                if progress is not None:
                    progress(1, f"loss {scalars['loss']:.3f}")
                if place.batch < n_batches:
                    checkpoint()
            dev = on_first(fabric, evaluate, fabric, wrapped_model, dev_items, settings)
            share = padding_share(lengths, settings.batches(lengths, place.epoch))
            finish_epoch(place, settings, dev, frames=sum(lengths), padding=share)
            log.epoch(place)
            checkpoint()
    return snapshot(model, optimiser, fabric.device, machine, place)


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
    seed_step(fabric, settings.seed, place.step)
    own = losses(model(batch), batch)
    parts, whole = over_devices(fabric, own, batch.filler)
    fabric.backward(total_loss(parts, settings.weights))
    norm = fabric.clip_gradients(model, optimiser, max_norm=settings.clip_norm, error_if_nonfinite=False)
    scalars = [total_loss(whole, settings.weights), norm]
    (loss, gradient_norm), sums = to_host(scalars, whole)  # the only wait for the device in a step
    if not (math.isfinite(loss) and math.isfinite(gradient_norm)):
        finite = all(part.sum.isfinite().item() for part in own.values())
        values = ", ".join(f"{name} {value:.4g}" for name, value in averages(sums, settings.weights).items())
        raise NonFiniteLossError(
            f"step {place.step + 1} (batch {place.batch + 1} of epoch {place.epoch + 1}) is not finite: "
            f"{values}, gradient norm {gradient_norm:.4g}; utterances {', '.join(blamed(fabric, batch.ids, finite))}. "
            "Check their features, or lower the learning rate"
        )
    optimiser.step()
    add(place.sums, sums)
    place.step += 1
    place.batch += 1
    return {"loss": loss, "gradient_norm": gradient_norm, "learning_rate": rate}


def evaluate(fabric: Fabric, model: nn.Module, items: Items, settings: TrainSettings) -> dict[str, float]:
    """Losses of the development items as inference sees them: own pitch, energy and prosody, given durations.

    A second look, with the true prosody, gives its likelihood where the model has any. Leaves the generators of
    randomness as they were; inside, they start from the seed every time.
    """
    order = np.argsort(items.frame_lengths, kind="stable").tolist()
    sums: dict[str, list[float]] = {}
    model.eval()
    with (
        torch.no_grad(),
        torch.random.fork_rng([fabric.device] if fabric.device.type == "cuda" else []),
        torch.compiler.set_stance("force_eager"),  # a loop over phones would be compiled anew for each length
    ):
        torch.manual_seed(settings.seed)
        for start in range(0, len(order), settings.batch_size):
            batch = collate([items[index] for index in order[start : start + settings.batch_size]]).to(fabric.device)
            parts = losses(model(batch, true_pitch=False, true_energy=False, true_prosody=False), batch)
            if model.prosody is not None:
                parts = losses(model(batch), batch) | parts
            add(sums, to_host([], parts)[1])
    return averages(sums, settings.weights)


def finish_epoch(place: Place, settings: TrainSettings, dev: dict[str, float], *, frames: int, padding: float) -> None:
    """Append the record of the epoch to the log and move `place` to the start of the next.

    `frames` are the real ones of the epoch, `padding` is the share of padded frames that are not.
    """
    place.epoch += 1
    record = {
        "epoch": place.epoch,
        "step": place.step,
        "train": averages(place.sums, settings.weights),
        "dev": dev,
        "frames": frames,
        "padding": padding,
        "seconds": place.seconds,
        "data_seconds": place.data_seconds,
    }
    place.log.append(record)
    place.batch, place.sums, place.seconds, place.data_seconds = 0, {}, 0.0, 0.0


def to_host(scalars: list[Tensor], parts: Mapping[str, Mean]) -> tuple[list[float], dict[str, list[float]]]:
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


def averages(sums: Mapping[str, list[float]], weights: Mapping[str, float]) -> dict[str, float]:
    """Every part's mean over its positions, and "total", the sum of the means times their weights; {} of {}."""
    means = {name: total / count for name, (total, count) in sums.items()}
    return {**means, "total": sum(weights.get(name, 1.0) * mean for name, mean in means.items())} if means else {}
