"""Steps of a training, the very ones of `koeru.training.loop`, and what they cost: time, operations, kernels."""

import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field

import torch
from torch import nn
from torch.autograd import DeviceType
from torch.profiler import ProfilerActivity, profile
from torch.utils.flop_counter import FlopCounterMode

from koeru.data.batches import Batch, Items
from koeru.models.losses import losses, total_loss
from koeru.training.checkpoint import Place
from koeru.training.loader import remaining_shares, stream
from koeru.training.loop import update
from koeru.training.parallel import launch
from koeru.training.settings import TrainSettings

FOR_EVER = 1_000_000  # epochs
SAMPLE = 4  # batches


class Trainee:
    """A model that makes steps of training."""

    def __init__(self, model: nn.Module, settings: TrainSettings) -> None:
        self.settings, self.place = settings, Place()
        self.fabric = launch(settings)
        optimiser = torch.optim.Adam(model.parameters(), betas=settings.betas, eps=settings.eps, fused=True)
        if settings.compile:
            model.compile(dynamic=True)
        self.model, self.optimiser = self.fabric.setup(model, optimiser)
        self.model.train()

    def batches(self, items: Items) -> Iterator[Batch]:
        """The batches of endless epochs, on the CPU."""
        shares = remaining_shares(items.frame_lengths, self.settings, 0, 0, FOR_EVER)
        return stream(items, shares, self.settings.workers, self.fabric.device)

    def step(self, batch: Batch) -> None:
        """One update, after which the device may still be at work on the weights."""
        update(self.fabric, self.model, self.optimiser, batch, self.settings, self.place)

    def wait(self) -> None:
        """Until the device is idle."""
        if self.fabric.device.type == "cuda":
            torch.cuda.synchronize()


@dataclass
class Run:
    """What some steps one after the other took, and what they were made with."""

    seconds: float = 0.0
    waiting: float = 0.0  # seconds of these in which the host waited for a batch, or sent it to the device
    steps: int = 0
    utterances: int = 0
    frames: int = 0  # real ones
    padded_frames: int = 0
    sample: list[Batch] = field(default_factory=list)  # the first batches; if all were kept, pinned memory ran short

    def count(self, batch: Batch) -> None:
        """One more step."""
        self.steps += 1
        self.utterances += len(batch.ids)
        self.frames += int(batch.durations.sum())
        self.padded_frames += len(batch.ids) * batch.n_frames
        if len(self.sample) < SAMPLE:
            self.sample.append(batch)

    @property
    def padding(self) -> float:
        """The share of the frames that is padding."""
        return 1 - self.frames / self.padded_frames

    def operations(self, model: nn.Module) -> float:
        """Floating-point operations of all steps, from those of the sample: see the function below."""
        padded = sum(len(batch.ids) * batch.n_frames for batch in self.sample)
        return sum(operations(model, batch) for batch in self.sample) / padded * self.padded_frames


def timed(trainee: Trainee, items: Items, seconds: float, least: int, warm_up: int) -> Run:
    """Steps for `seconds`, and at least `least`, after `warm_up` others."""
    run = Run()
    device = trainee.fabric.device
    with closing(trainee.batches(items)) as batches:
        for _ in range(warm_up):
            trainee.step(next(batches).to(device))
        trainee.wait()
        start = time.monotonic()
        while run.seconds < seconds or run.steps < least:
            asked = time.monotonic()
            batch = next(batches)
            on_device = batch.to(device)
            run.waiting += time.monotonic() - asked
            trainee.step(on_device)
            run.count(batch)
            run.seconds = time.monotonic() - start
        trainee.wait()
        run.seconds = time.monotonic() - start
    return run


def host_waits(trainee: Trainee, batch: Batch) -> int:
    """How often the host waits for the GPU in a step: once, for the loss, if all is well."""
    on_device = batch.to(trainee.fabric.device)
    trainee.wait()
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        torch.cuda.set_sync_debug_mode("warn")
        trainee.step(on_device)
        torch.cuda.set_sync_debug_mode("default")
    return sum("synchronizing CUDA operation" in str(warning.message) for warning in warned)


def operations(model: nn.Module, batch: Batch) -> int:
    """Floating-point operations of the matrix products, convolutions, attention and recurrent layers of a step.

    Forward and backward, padding included; nothing else (normalisations, activations, losses, the update). `model` is
    on the device `meta`, where tensors have no contents, and attention and recurrent layers are made of matrix
    products: the counter knows neither the fused attention of the CPU nor the recurrent layers of cuDNN.
    """
    empty = batch.to("meta")
    with FlopCounterMode(display=False) as counter:
        total_loss(losses(model(empty), empty), {}).backward()
    return counter.get_total_flops()


@dataclass(frozen=True)
class Kernel:
    """What ran on the device (on the CPU: an operator), and for how long itself."""

    name: str
    calls: float  # a step
    milliseconds: float  # a step
    share: float  # of all kernels' time


def costliest(trainee: Trainee, batches: Sequence[Batch], most: int = 10) -> list[Kernel]:
    """The kernels that steps with these batches spend most time in."""
    on_gpu = trainee.fabric.device.type == "cuda"
    with profile(activities=[ProfilerActivity.CPU, *([ProfilerActivity.CUDA] if on_gpu else [])]) as profiler:
        for batch in batches:
            trainee.step(batch.to(trainee.fabric.device))
        trainee.wait()
    here = DeviceType.CUDA if on_gpu else DeviceType.CPU
    events = [e for e in profiler.key_averages() if e.device_type == here and not e.is_user_annotation]
    spent = [e.self_device_time_total if on_gpu else e.self_cpu_time_total for e in events]  # microseconds
    ranked = sorted(zip(spent, events, strict=True), key=lambda pair: -pair[0])[:most]
    return [
        Kernel(e.key, e.count / len(batches), micros / 1000 / len(batches), micros / sum(spent)) for micros, e in ranked
    ]
