"""One process at a time does a run; the second is told who does."""

import json
import os
import socket
import subprocess
import sys
import time
from contextlib import nullcontext
from pathlib import Path

import pytest

from koeru.jobs import lock
from koeru.jobs.lock import LockHeldError, run_lock

HOLD = """
import sys
from pathlib import Path
from koeru.jobs.lock import run_lock
with run_lock(Path(sys.argv[1]), "training abc"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run" / "lock"


@pytest.fixture
def holder(path):
    """Another process that holds the lock."""
    command = [sys.executable, "-c", HOLD, str(path)]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment) as child:
        assert child.stdout.readline() == "held\n"
        yield child
        child.kill()


def written(path, seconds_ago=0.0, **owner):
    """A lock file as another process would have left it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    told = {"what": "training abc", "host": "elsewhere", "pid": 1, "job": None, "since": "2020-02-02 02:02:02"}
    path.write_text(json.dumps(told | owner))
    os.utime(path, (time.time() - seconds_ago,) * 2)


def test_a_lock_is_gone_afterwards(path):
    with run_lock(path, "training abc"):
        assert path.exists()
    assert list(path.parent.iterdir()) == []


def test_a_lock_is_gone_after_an_error(path):
    with pytest.raises(RuntimeError, match="crash"), run_lock(path, "training abc"):
        raise RuntimeError("crash")
    assert list(path.parent.iterdir()) == []


def test_a_second_process_is_told_who_holds_it(path, holder):
    with pytest.raises(LockHeldError) as caught, run_lock(path, "training abc"):
        pytest.fail("two at once")
    since = json.loads(path.read_text())["since"]
    for words in ("training abc", f"process {holder.pid} on {socket.gethostname()}", f"since {since}", str(path)):
        assert words in str(caught.value)
    assert [p.name for p in path.parent.iterdir()] == ["lock"]


def test_a_lock_whose_process_has_ended_well_is_free(path, holder):
    holder.communicate("")
    assert holder.returncode == 0
    with run_lock(path, "training abc"):
        pass


def test_a_lock_whose_process_was_killed_is_taken_over(path, holder):
    holder.kill()
    holder.wait()
    assert path.exists()
    with run_lock(path, "training abc"):
        assert json.loads(path.read_text())["pid"] == os.getpid()
    assert list(path.parent.iterdir()) == []


def test_the_same_process_cannot_hold_it_twice(path):
    with run_lock(path, "training abc"):
        with pytest.raises(LockHeldError), run_lock(path, "training abc"):
            pytest.fail("two at once")
        assert path.exists()


def test_a_job_of_another_host_is_named(path):
    written(path, job="4711")
    told = "process 1 on elsewhere, job 4711 holds it since 2020-02-02 02:02:02"
    with pytest.raises(LockHeldError, match=told), run_lock(path, "training abc"):
        pytest.fail("two at once")


@pytest.mark.parametrize(("ended", "free"), [(True, True), (False, False), (None, False)])
def test_a_lock_of_another_host_ends_with_its_job(path, monkeypatch, ended, free):
    asked = []
    monkeypatch.setattr(lock, "has_ended", lambda job: asked.append(job) or ended)
    written(path, job="4711")
    with nullcontext() if free else pytest.raises(LockHeldError), run_lock(path, "training abc"):
        assert free
    assert asked == ["4711"]


def test_a_job_that_was_requeued_takes_its_own_lock_over(path, monkeypatch):
    monkeypatch.setattr(lock, "has_ended", lambda job: False)
    monkeypatch.setenv("SLURM_JOB_ID", "4711")
    written(path, job="4711")
    with run_lock(path, "training abc"):
        assert json.loads(path.read_text())["host"] == socket.gethostname()


def test_on_the_same_host_the_process_counts_and_not_the_job(path, holder, monkeypatch):
    monkeypatch.setattr(lock, "has_ended", lambda job: pytest.fail("asked"))
    path.write_text(json.dumps(json.loads(path.read_text()) | {"job": "4711"}))
    with pytest.raises(LockHeldError, match="4711"), run_lock(path, "training abc"):
        pytest.fail("two at once")


def test_a_heartbeat_that_stopped_frees_the_lock(path):
    written(path, seconds_ago=100)
    with pytest.raises(LockHeldError), run_lock(path, "training abc", expiry_s=120):
        pytest.fail("too early")
    with run_lock(path, "training abc", expiry_s=90):
        assert json.loads(path.read_text())["host"] == socket.gethostname()


def test_a_lock_that_is_held_beats(path):
    with run_lock(path, "training abc", heartbeat_s=0.01):
        os.utime(path, (0, 0))
        end = time.monotonic() + 5
        while path.stat().st_mtime == 0 and time.monotonic() < end:
            time.sleep(0.01)
        assert time.time() - path.stat().st_mtime < 60


def test_whoever_lost_the_lock_leaves_the_new_holders_alone(path):
    """A process that was suspended for longer than the expiry must not free the lock of its successor."""
    with run_lock(path, "training abc", heartbeat_s=0.01):
        path.unlink()
        written(path, seconds_ago=50)
        before = path.stat().st_mtime
        time.sleep(0.1)
        assert path.stat().st_mtime == before
    assert json.loads(path.read_text())["host"] == "elsewhere"


def test_of_two_claimants_of_an_expired_lock_one_gets_it(path, monkeypatch):
    """The other may have seen the old lock, too, and must not take the new one away."""
    written(path, seconds_ago=1000)
    expired = lock._expired

    def overtaken(path, holder, oldest):
        answer = expired(path, holder, oldest)
        if holder["since"].startswith("2020"):
            path.unlink()
            written(path, since="2021-01-01 01:01:01")
        return answer

    monkeypatch.setattr(lock, "_expired", overtaken)
    with pytest.raises(LockHeldError, match="since 2021"), run_lock(path, "training abc"):
        pytest.fail("two at once")
    assert [p.name for p in path.parent.iterdir()] == ["lock"]


@pytest.mark.parametrize("code", [1, 95])  # EPERM, EOPNOTSUPP
def test_a_file_system_without_hard_links_has_locks_as_well(path, monkeypatch, code):
    def refused(*_):
        raise OSError(code, "no hard links here")

    monkeypatch.setattr(os, "link", refused)
    with run_lock(path, "training abc"):
        assert json.loads(path.read_text("utf-8"))["pid"] == os.getpid()
        with pytest.raises(LockHeldError, match=f"process {os.getpid()} "), run_lock(path, "training abc"):
            pass
    assert list(path.parent.iterdir()) == []


def test_a_lock_that_is_not_whole_yet_is_held(path, monkeypatch):
    """Where there are no hard links, another process may see it before its owner has written into it."""
    path.parent.mkdir()
    path.touch()
    monkeypatch.setattr(lock.time, "sleep", lambda seconds: written(path))
    with pytest.raises(LockHeldError, match="on elsewhere"), run_lock(path, "training abc"):
        pass
