"""Run a script in this process and print, as its last line, the seconds it took and the memory of the process.

The peak that the system tells of a child (`ru_maxrss`) begins with what its parent held when it started it; a process
that looks at itself has its own. That peak counts pages of mapped files too, which the system takes back when it needs
them; the peak of what is the process's own is sampled.
"""

import json
import runpy
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import NamedTuple


class OwnCost(NamedTuple):
    """Wall seconds, without the start of Python, and peak memory in MiB: all of it, and without mapped files."""

    seconds: float
    mib: float
    unmapped_mib: float


def own_cost_of(script: Path, *arguments: object, folder: Path | None = None) -> OwnCost:
    """Run a script in a folder, in a process of its own. Raises CalledProcessError with its output if it fails."""
    command = [sys.executable, __file__, str(script), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder)
    if done.returncode:
        raise subprocess.CalledProcessError(done.returncode, command, done.stdout, done.stderr)
    return OwnCost(**json.loads(done.stdout.splitlines()[-1]))


def memory_mib(line: str) -> float:
    """A line of what the system tells of this process, such as VmHWM."""
    (told,) = [told for told in Path("/proc/self/status").read_text().splitlines() if told.startswith(line)]
    return int(told.split()[1]) / 1024


def sampled(line: str, values: list[float], every_s: float = 0.02) -> None:
    """Sample a line for ever."""
    while True:
        values.append(memory_mib(line))
        time.sleep(every_s)


if __name__ == "__main__":
    del sys.argv[0]
    unmapped: list[float] = []
    threading.Thread(target=sampled, args=("RssAnon", unmapped), daemon=True).start()
    start = time.monotonic()
    runpy.run_path(sys.argv[0], run_name="__main__")
    cost = OwnCost(time.monotonic() - start, memory_mib("VmHWM"), max(unmapped))
    print(json.dumps(cost._asdict()))
