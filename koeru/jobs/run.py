"""How a job ran: when, where, how long, and by which commit of koeru."""

from __future__ import annotations

import contextlib
import resource
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from koeru.jobs.slurm import own_job


@contextlib.contextmanager
def timed(run: dict[str, Any]) -> Iterator[None]:
    """Record in `run` when, where and how long the block ran, child processes' processor time included."""
    run |= {"started": time.strftime("%Y-%m-%dT%H:%M:%S%z"), "host": socket.gethostname()}
    if job := own_job():
        run["job"] = job
    before, cpu = time.monotonic(), processor_seconds()
    yield
    run["seconds"] = round(time.monotonic() - before, 3)
    run["cpu_seconds"] = round(processor_seconds() - cpu, 3)


def processor_seconds() -> float:
    """Processor time of this process and of its children that have ended, in seconds."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def source_commit() -> str:
    """The commit of koeru's own checkout, with `-dirty` when it was changed; `unknown` outside a checkout."""
    command = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty", "--abbrev=12"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=20).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return "unknown"
