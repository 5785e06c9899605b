"""Steps of a training, the very ones that the training loop makes, and what they cost: time, operations, kernels."""

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

from koeru.families.acoustic.batches import AcousticBatch
from koeru.families.acoustic.losses import losses
from koeru.families.vocoder.task import ClipBatch
from koeru.nn.losses import total_loss
from koeru.training.checkpoint import Position
from koeru.training.loader import remaining_shares, stream
from koeru.training.parallel import launch
from koeru.training.task import Task

FOR_EVER = 1_000_000  # epochs
SAMPLE = 4  # batches
AnyBatch = AcousticBatch | ClipBatch


class Trainee:
    """A task whose model makes steps of training."""

    def __init__(self, task: Task) -> None:
        self.task, self.position = task, Position()
        self.fabric = launch(task.settings)
        task.set_up(self.fabric)
        task.model.train()

    def batches(self) -> Iterator[AnyBatch]:
        """The batches of endless epochs, on the CPU."""
        shares = remaining_shares(self.task.batches, 0, 0, FOR_EVER)
        return stream(self.task.load, shares, self.task.settings.workers, self.fabric.device)

    def step(self, batch: AnyBatch) -> None:
        """One update, after which the device may still be at work on the weights."""
        self.task.step(batch, self.position)
        self.position.step += 1

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
    sample: list[AnyBatch] = field(default_factory=list)  # the first ones; if all were kept, pinned memory ran short

    def count(self, batch: AnyBatch) -> None:
        """One more step."""
        real, padded = frames_of(batch)
        self.steps += 1
        self.utterances += len(batch.ids)
        self.frames += real
        self.padded_frames += padded
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


def frames_of(batch: AnyBatch) -> tuple[int, int]:
    """The real frames of a batch, and all; those of clips count as real."""
    if isinstance(batch, ClipBatch):
        return (batch.mels.shape[0] * batch.mels.shape[2],) * 2
    return int(batch.durations.sum()), len(batch.ids) * batch.n_frames


def timed(trainee: Trainee, seconds: float, least: int, warm_up: int) -> Run:
    """Steps for `seconds`, and at least `least`, after `warm_up` others."""
    run = Run()
    device = trainee.fabric.device
    with closing(trainee.batches()) as batches:
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


def host_waits(trainee: Trainee, batch: AnyBatch) -> int:
    """How often the host waits for the GPU in a step: once, for the loss, if all is well."""
    on_device = batch.to(trainee.fabric.device)
    trainee.wait()
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        torch.cuda.set_sync_debug_mode("warn")
        trainee.step(on_device)
        torch.cuda.set_sync_debug_mode("default")
    return sum("synchronizing CUDA operation" in str(warning.message) for warning in warned)


def operations(model: nn.Module, batch: AcousticBatch) -> int:
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


def costliest(trainee: Trainee, batches: Sequence[AnyBatch], most: int = 10) -> list[Kernel]:
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
