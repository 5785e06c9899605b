"""Run locks: a run says that it is running (host, process or job, heartbeat); a second one ends with these words."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

HEARTBEAT_S = 10.0
EXPIRY_S = 120.0


class LockHeldError(RuntimeError):
    """Another process is already doing this run."""


@contextlib.contextmanager
def run_lock(path: Path, what: str, *, heartbeat_s: float = HEARTBEAT_S, expiry_s: float = EXPIRY_S) -> Iterator[None]:
    """Hold the lock file `path` while the block runs; its modification time is the heartbeat.

    A lock whose process is known to be gone (same host), or whose heartbeat is older than `expiry_s`, is taken over.
    Raises LockHeldError that says who holds it, since when, and what to do.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    owner = _acquire(path, what, expiry_s)
    stop = threading.Event()
    thread = threading.Thread(target=_beat, args=(path, owner, stop, heartbeat_s), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        if _holder(path) == owner:  # a process that slept past the expiry has lost it to another
            path.unlink(missing_ok=True)


def _acquire(path: Path, what: str, expiry_s: float) -> dict:
    owner = {
        "what": what,
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "job": os.environ.get("SLURM_JOB_ID"),
        "since": time.strftime("%Y-%m-%d %H:%M:%S"),
    }
    mine = path.with_name(f"{path.name}.{owner['host']}.{owner['pid']}")
    mine.write_text(json.dumps(owner), encoding="utf-8")
    try:
        for _ in range(2):
            try:
                os.link(mine, path)  # fails if the lock exists: on a shared file system too
                return owner
            except FileExistsError:
                holder = _holder(path)
                if holder is not None and not _expired(path, holder, expiry_s):
                    break
                _take_away(path, holder, mine)
        raise LockHeldError(_words(path, what))
    finally:
        mine.unlink(missing_ok=True)


def _holder(path: Path) -> dict | None:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return None


def _expired(path: Path, holder: dict, expiry_s: float) -> bool:
    if holder["host"] == socket.gethostname() and not _alive(int(holder["pid"])):
        return True
    try:
        return time.time() - path.stat().st_mtime > expiry_s
    except FileNotFoundError:
        return True


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _take_away(path: Path, holder: dict | None, mine: Path) -> None:
    """Remove the expired lock of `holder`; a lock that another claimant has put there meanwhile goes back."""
    grave = mine.with_name(f"{mine.name}.expired")
    with contextlib.suppress(FileNotFoundError):
        os.rename(path, grave)
        if _holder(grave) != holder:
            with contextlib.suppress(FileExistsError):
                os.link(grave, path)
        grave.unlink()


def _words(path: Path, what: str) -> str:
    holder = _holder(path) or {}
    job = f", job {holder['job']}" if holder.get("job") else ""
    return (
        f"{what} is already running: process {holder.get('pid', '?')} on {holder.get('host', '?')}{job} holds it since "
        f"{holder.get('since', '?')}. Wait for it, or end it first; if it is certainly gone, delete {path}"
    )


def _beat(path: Path, owner: dict, stop: threading.Event, heartbeat_s: float) -> None:
    while not stop.wait(heartbeat_s):
        with contextlib.suppress(FileNotFoundError):
            if _holder(path) == owner:
                os.utime(path)
