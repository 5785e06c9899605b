"""What a training is computed on: besides its settings, all that decides how its sums are rounded."""

from __future__ import annotations

import platform
from dataclasses import asdict, dataclass
from pathlib import Path

import torch


@dataclass(frozen=True)
class Machine:
    """On another machine a run continues, but no longer bit for bit."""

    threads: int  # of torch, on each device
    devices: int
    processor: str
    torch: str
    compiled: bool = False

    @classmethod
    def of(cls, device: torch.device, *, threads: int, devices: int = 1, compiled: bool = False) -> Machine:
        """This machine, for a training on `devices` devices such as this one."""
        name = torch.cuda.get_device_name(device) if device.type == "cuda" else cpu_name()
        return cls(threads, devices, name, str(torch.__version__), compiled)

    def changes(self, now: Machine) -> list[str]:
        """What another machine has otherwise, in words: "threads was 2, is 1"."""
        was, is_now = asdict(self), asdict(now)
        return [f"{name} was {was[name]}, is {is_now[name]}" for name in was if was[name] != is_now[name]]


def cpu_name(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """The processor's name, and which of torch's kernels it runs: "AMD EPYC 7543 (AVX2)"."""
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return f"{next(names, platform.machine())} ({torch.backends.cpu.get_cpu_capability()})"
