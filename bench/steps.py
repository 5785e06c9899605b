"""Steps of training as `koeru.training.loop` makes them, and what they cost: operations, kernels, time."""

from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

import torch
from torch import nn
from torch.autograd import DeviceType
from torch.profiler import ProfilerActivity, profile
from torch.utils.flop_counter import FlopCounterMode

from koeru.data.batches import Batch
from koeru.models.losses import losses, total_loss

BETAS, EPS, RATE, CLIP_NORM = (0.9, 0.98), 1e-9, 1e-4, 1.0
WEIGHTS = {"local_prosody": 0.02, "global_prosody": 0.02}


def autocast(device: torch.device, precision: str) -> AbstractContextManager:
    """The arithmetic of the parameter `precision`: fp32, or bf16 mixed."""
    return torch.autocast(device.type, torch.bfloat16, enabled=precision == "bf16")


@dataclass
class Trainee:
    """A model on a device that makes steps of training."""

    model: nn.Module
    device: torch.device
    precision: str = "fp32"

    def __post_init__(self) -> None:
        self.model.to(self.device).train()
        self.optimiser = torch.optim.Adam(self.model.parameters(), lr=RATE, betas=BETAS, eps=EPS, fused=True)

    def step(self, batch: Batch) -> float:
        """One update; the loss, for which the host waits once, before the weights change, as the loop does."""
        self.optimiser.zero_grad()
        with autocast(self.device, self.precision):
            output = self.model(batch)
        total = total_loss(losses(output, batch), WEIGHTS)
        total.backward()
        norm = nn.utils.clip_grad_norm_(self.model.parameters(), CLIP_NORM, foreach=True)
        loss, norm = torch.stack([total.detach(), norm]).tolist()
        if not (torch.isfinite(torch.tensor([loss, norm])).all()):
            raise FloatingPointError(f"loss {loss}, gradient norm {norm}")
        self.optimiser.step()
        return loss


def operations(model: nn.Module, batch: Batch) -> int:
    """Floating-point operations of the matrix products, convolutions, attention and recurrent layers of a step.

    Forward and backward, padding included, nothing else (no normalisation, activation, loss or update). Counted on
    tensors without contents, where attention and recurrent layers are made of matrix products: the counter knows
    neither the CPU's fused attention nor cuDNN's recurrent layers. `model` is on the device `meta`.
    """
    with FlopCounterMode(display=False) as counter:
        losses_of = losses(model(batch := batch.to("meta")), batch)
        total_loss(losses_of, WEIGHTS).backward()
    return counter.get_total_flops()


@dataclass(frozen=True)
class Kernel:
    """What ran on the device, or an operator on the CPU: its name, and its calls and milliseconds a step."""

    name: str
    calls: float
    milliseconds: float
    share: float  # of all milliseconds


def costliest(trainee: Trainee, batches: list[Batch], most: int = 10) -> list[Kernel]:
    """The kernels (on the CPU: operators) that steps with these batches spend most of their time in, themselves."""
    on_gpu = trainee.device.type == "cuda"
    activities = [ProfilerActivity.CPU, *([ProfilerActivity.CUDA] if on_gpu else [])]
    with profile(activities=activities) as profiler:
        for batch in batches:
            trainee.step(batch)
    events = [e for e in profiler.key_averages() if (e.device_type == DeviceType.CUDA) == on_gpu]
    spent = {e: e.self_device_time_total if on_gpu else e.self_cpu_time_total for e in events}  # microseconds
    total = sum(spent.values())
    return [
        Kernel(e.key, e.count / len(batches), spent[e] / 1000 / len(batches), spent[e] / total)
        for e in sorted(spent, key=spent.get, reverse=True)[:most]
    ]
