"""GPUs that several trainings share: each has its own, and more trainings than GPUs wait. No GPU is needed for that."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from koeru.jobs import lease
from koeru.jobs.lease import VISIBLE, gpus, own_gpus

HOLD = """
import os, sys
from pathlib import Path
from koeru.jobs import lease
lease.LOOK_AGAIN_S = 0.05
with lease.own_gpus(int(sys.argv[2]), folder=Path(sys.argv[1])):
    print(os.environ["CUDA_VISIBLE_DEVICES"], flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def three_gpus(monkeypatch):
    """As far as the environment says."""
    monkeypatch.setenv(VISIBLE, "0,1,GPU-5a/0")
    monkeypatch.delenv("SLURM_JOB_ID", raising=False)
    monkeypatch.setattr(lease, "LOOK_AGAIN_S", 0.05)


@pytest.fixture
def training(tmp_path):
    """Starts another process that wants some GPUs."""
    started = []

    def start(count):
        environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
        command = [sys.executable, "-c", HOLD, str(tmp_path), str(count)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        started.append(subprocess.Popen(command, text=True, env=environment, **pipes))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_each_training_has_gpus_of_its_own(training, tmp_path):
    assert training(1).stdout.readline() == "0\n"
    assert training(1).stdout.readline() == "1\n"
    with own_gpus(1, folder=tmp_path):
        assert gpus() == ["GPU-5a/0"]
    assert gpus() == ["0", "1", "GPU-5a/0"]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM], ids=lambda how: how.name)
def test_more_trainings_than_gpus_wait_and_say_so(training, how):
    first = training(2)
    assert first.stdout.readline() == "0,1\n"
    second = training(2)
    assert "1 of the 3 GPUs free, 2 wanted" in second.stderr.readline()
    time.sleep(0.3)
    assert second.poll() is None
    first.send_signal(how)
    assert second.stdout.readline() == "0,1\n"


def test_who_waits_holds_none(training, tmp_path):
    assert training(2).stdout.readline() == "0,1\n"
    waiting = training(2)
    assert "waiting" in waiting.stderr.readline()
    with own_gpus(1, folder=tmp_path):
        assert gpus() == ["GPU-5a/0"]


def test_more_than_there_are_is_refused(tmp_path):
    with (
        pytest.raises(ValueError, match=r"train\.devices: 4 GPUs are wanted, there are 3"),
        own_gpus(4, folder=tmp_path),
    ):
        pytest.fail("entered")


def test_a_job_of_slurm_has_what_slurm_gave_it(monkeypatch, training, tmp_path):
    assert training(3).stdout.readline()
    monkeypatch.setenv("SLURM_JOB_ID", "1")
    with own_gpus(3, folder=tmp_path):
        assert gpus() == ["0", "1", "GPU-5a/0"]


def test_the_environment_is_left_as_it_was(monkeypatch, tmp_path):
    monkeypatch.delenv(VISIBLE)
    monkeypatch.setattr(lease, "gpus", lambda: ["0"])
    with own_gpus(1, folder=tmp_path):
        assert os.environ[VISIBLE] == "0"
    assert VISIBLE not in os.environ
