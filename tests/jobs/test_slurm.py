"""What a program that answers as squeue does is understood to say. The real one: tests/slurm."""

import os

import pytest

from koeru.jobs.slurm import has_ended, own_job

GONE = "slurm_load_jobs error: Invalid job id specified"
AWAY = "slurm_load_jobs error: Unable to contact slurm controller (connect failure)"


@pytest.fixture
def squeue(tmp_path, monkeypatch):
    """Puts a program `squeue` on the path that prints, complains and exits as it is told."""

    def put(out="", complaint="", status=0):
        path = tmp_path / "squeue"
        path.write_text(
            f"#!/bin/sh\necho \"$@\" >>{tmp_path}/asked\nprintf '{out}'\necho '{complaint}' >&2\nexit {status}\n"
        )
        path.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
        return tmp_path / "asked"

    return put


@pytest.mark.parametrize("state", ["PENDING", "RUNNING", "COMPLETING"])
def test_what_is_listed_has_not_ended(squeue, state):
    asked = squeue(f"{state}\\n")
    assert has_ended("4711") is False
    assert "--jobs=4711" in asked.read_text()


def test_what_is_not_listed_or_forgotten_has_ended(squeue):
    squeue()
    assert has_ended("4711") is True
    squeue(complaint=GONE, status=1)
    assert has_ended("4711") is True


def test_without_an_answer_nothing_is_known(squeue, monkeypatch, tmp_path):
    squeue(complaint=AWAY, status=1)
    assert has_ended("4711") is None
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))
    assert has_ended("4711") is None


def test_the_own_job_is_that_of_the_environment(monkeypatch):
    monkeypatch.delenv("SLURM_JOB_ID", raising=False)
    assert own_job() is None
    monkeypatch.setenv("SLURM_JOB_ID", "12")
    assert own_job() == "12"
