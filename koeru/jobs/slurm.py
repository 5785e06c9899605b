"""What Slurm knows of jobs: the one that this process is in, and whether another one has ended."""

from __future__ import annotations

import os
import subprocess

TIMEOUT_S = 30.0


def own_job() -> str | None:
    """The id of the job that this process is in; None outside Slurm."""
    return os.environ.get("SLURM_JOB_ID")


def has_ended(job: str) -> bool | None:
    """Whether a job has ended; None where Slurm cannot be asked."""
    command = ["squeue", "--noheader", f"--jobs={job}", "--format=%T"]
    try:
        told = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    if told.returncode == 0:
        return not told.stdout.strip()  # it lists what waits, runs or is being ended
    return True if "Invalid job id" in told.stderr else None  # one that it has forgotten
