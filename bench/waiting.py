"""What a training step takes when other processes want the same cores: torch's threads wait by spinning, or do not.

Each setting in turn trains four Transformer layers in a process of its own, alone, beside two busy processes and beside
six. Spinning beside six, a step can take seconds: a process makes steps for a bounded time.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from common import told

from koeru.jobs.environment import ENVIRONMENT

OWN, OURS = "as torch waits", "as koeru's jobs do"
SPIN = "GOMP_SPINCOUNT"
SETTINGS = {OWN: {}, OURS: {SPIN: ENVIRONMENT[SPIN]}}
# Processes beside the training: of the time of a step. A tenth was the aim beside six, but two of eight threads on two
# cores get a quarter of them: a step that never waits would take a sixth or a seventh.
LIMITS = {0: 1.05, 2: 1 / 1.5, 6: 1 / 3}
ROUNDS, SECONDS, LEAST = 2, 4.0, 2  # of each setting; time of a process's steps, and how many they are at least
THREADS, LAYERS, CHANNELS, BATCH_SIZE, LENGTH = 2, 4, 128, 8, 200


def measure(folder: Path) -> list[bool]:
    """Print the median step of each setting, the ratios, and whether they are as they should be."""
    size = f"{LAYERS} layers of {CHANNELS} channels, batch {BATCH_SIZE}, {THREADS} threads"
    print(f"waiting: {size}, {os.cpu_count()} cores", flush=True)
    within = []
    for count, limit in LIMITS.items():
        spent = _steps(count)
        waited = ", ".join(f"{name} {seconds:.3f} s a step" for name, seconds in spent.items())
        print(f"  beside {count} busy processes: {waited}", flush=True)
        within.append(
            told(f"koeru's setting beside {count}, against torch's own", spent[OURS] / spent[OWN], limit, " ×")
        )
    return within


def _steps(count: int) -> dict[str, float]:
    """The median seconds of a step of each setting beside `count` busy processes, the settings by turns."""
    spent: dict[str, list[float]] = {name: [] for name in SETTINGS}
    with busy(count):
        for _ in range(ROUNDS):
            for name, variables in SETTINGS.items():
                spent[name] += trained(variables, SECONDS, LEAST)
    return {name: statistics.median(seconds) for name, seconds in spent.items()}


@contextmanager
def busy(count: int) -> Iterator[list[subprocess.Popen]]:
    """Processes that do nothing but use a core each."""
    processes = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.wait()


def trained(variables: dict[str, str], seconds: float, least: int) -> list[float]:
    """The seconds of each step of a process with these variables of the environment."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("OMP_", "GOMP_"))}
    command = [sys.executable, __file__, "--seconds", str(seconds), "--least", str(least)]
    done = subprocess.run(command, env=plain | variables, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def main() -> None:
    """Train for some time, and print the seconds of each step."""
    import torch
    from torch import nn

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--least", type=int, required=True)
    arguments = parser.parse_args()
    torch.set_num_threads(THREADS)
    torch.manual_seed(0)
    layer = nn.TransformerEncoderLayer(CHANNELS, 2, 4 * CHANNELS, batch_first=True)
    model = nn.TransformerEncoder(layer, LAYERS, enable_nested_tensor=False)
    optimiser = torch.optim.Adam(model.parameters())
    x, spent = torch.randn(BATCH_SIZE, LENGTH, CHANNELS), []
    while sum(spent) < arguments.seconds or len(spent) <= arguments.least:
        start = time.monotonic()
        model(x).square().mean().backward()
        optimiser.step()
        optimiser.zero_grad()
        spent.append(time.monotonic() - start)
    print(json.dumps(spent[1:]))  # the first one starts the threads


if __name__ == "__main__":
    main()
