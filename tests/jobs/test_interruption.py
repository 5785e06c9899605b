"""Signals that tell a process to stop: which it hears, and what they leave behind."""

import os
import signal
import subprocess
import sys
import time

import pytest

from koeru.jobs.interruption import EXIT_STATUS, SIGNALS, StoppedError, listening

DEAF = """
import sys, time
from koeru.jobs.interruption import deaf
deaf()
print("ready", flush=True)
time.sleep(0.5)
"""


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
def test_a_signal_is_heard_and_ends_nothing(number):
    before = signal.getsignal(number)
    with listening() as heard:
        assert heard() is None
        os.kill(os.getpid(), number)
        assert heard() == number.name
    assert signal.getsignal(number) == before


def test_the_first_of_several_is_told():
    with listening() as heard:
        os.kill(os.getpid(), signal.SIGUSR1)
        os.kill(os.getpid(), signal.SIGTERM)
        assert heard() == "SIGUSR1"


def test_a_second_ctrl_c_ends_it():
    with pytest.raises(KeyboardInterrupt), listening() as heard:
        os.kill(os.getpid(), signal.SIGINT)
        assert heard() == "SIGINT"
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(1)


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
def test_who_serves_another_hears_none(number):
    process = subprocess.Popen([sys.executable, "-c", DEAF], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    process.send_signal(number)
    assert process.wait(timeout=60) == 0


def test_the_exit_status_is_no_success_and_no_error_of_another_kind():
    assert EXIT_STATUS not in (0, 1, 2) and not issubclass(StoppedError, (ValueError, RuntimeError, OSError))
