"""Running the workflow, and telling what was measured."""

import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
SNAKEMAKE = Path(sys.executable).with_name("snakemake")
sys.path.append(str(ROOT / "tests" / "support"))  # configurations and corpora of the tests


@dataclass(frozen=True)
class Cost:
    """What a command took: wall and processor seconds (children's included), and its largest process in MiB."""

    wall: float
    cpu: float
    peak_mib: float


def cost_of(command: list[str]) -> Cost:
    """Run a command to its end; raises CalledProcessError with its output if it fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    pid = os.posix_spawn(command[0], command, os.environ, file_actions=_quiet())
    _, status, usage = os.wait4(pid, 0)
    wall = time.monotonic() - start
    if status:
        told = subprocess.run(command, capture_output=True, text=True)
        raise subprocess.CalledProcessError(status, command, told.stdout, told.stderr)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(wall, cpu, usage.ru_maxrss / 1024)


def snakemake(folder: Path, *arguments: str) -> list[str]:
    """The command line of the workflow in a folder that holds its overlay `small.yaml`."""
    base = [SNAKEMAKE, "--snakefile", ROOT / "Snakefile", "--directory", folder]
    return [str(a) for a in [*base, *arguments]]


def overlay(folder: Path, content: dict) -> Path:
    """Write an overlay of the configuration."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "small.yaml"
    path.write_text(yaml.safe_dump(content), "utf-8")
    return path


def told(what: str, value: float, limit: float, unit: str) -> bool:
    """Print a figure beside its limit; whether it keeps it."""
    verdict = "ok" if value <= limit else "ABOVE THE LIMIT"
    print(f"  {what}: {value:.2f}{unit} (at most {limit:g}{unit}) {verdict}", flush=True)
    return value <= limit


def reached(what: str, value: float, least: float, unit: str) -> bool:
    """Print a figure beside what it must reach; whether it does."""
    verdict = "ok" if value >= least else "BELOW THE LIMIT"
    print(f"  {what}: {value:.2f}{unit} (at least {least:g}{unit}) {verdict}", flush=True)
    return value >= least


def _quiet() -> list[tuple]:
    return [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0), (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0)]
