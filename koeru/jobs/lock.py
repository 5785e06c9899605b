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

from koeru.graph.store import linked_or_copied
from koeru.jobs.slurm import has_ended, own_job

HEARTBEAT_S = 10.0
EXPIRY_S = 120.0
SETTLES_S = 0.2


class LockHeldError(RuntimeError):
    """Another process is already doing this run."""


@contextlib.contextmanager
def run_lock(path: Path, what: str, *, heartbeat_s: float = HEARTBEAT_S, expiry_s: float = EXPIRY_S) -> Iterator[None]:
    """Hold the lock file `path` while the block runs; its modification time is the heartbeat.

    A lock is taken over whose process is known to be gone (same host), whose Slurm job has ended, or whose heartbeat is
    older than `expiry_s`. Its age is by the clock of the file system, as hosts may differ.
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
        "job": own_job(),
        "since": time.strftime("%Y-%m-%d %H:%M:%S"),
    }
    mine = path.with_name(f"{path.name}.{owner['host']}.{owner['pid']}")
    mine.write_text(json.dumps(owner), encoding="utf-8")
    try:
        for _ in range(2):
            try:
                linked_or_copied(mine, path)  # fails if the lock exists: on a shared file system too
                return owner
            except FileExistsError:
                holder = _holder(path) or _settled(path)
                os.utime(mine)
                if holder is not None and not _expired(path, holder, mine.stat().st_mtime - expiry_s):
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


def _settled(path: Path) -> dict | None:
    """The holder of a lock that cannot be read yet: where there are no hard links, it is there before it is whole."""
    time.sleep(SETTLES_S)
    return _holder(path)


def _expired(path: Path, holder: dict, oldest: float) -> bool:
    """Whether a holder is gone; `oldest` is when the last heartbeat of one that may live was at the earliest."""
    if holder["host"] == socket.gethostname():
        if not _alive(int(holder["pid"])):
            return True
    elif holder["job"] and (holder["job"] == own_job() or has_ended(holder["job"])):
        return True  # or it is this very job, which was requeued and now runs on another host
    try:
        return path.stat().st_mtime < oldest
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
                linked_or_copied(grave, path)
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
