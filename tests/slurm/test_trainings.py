"""Trainings that something ends in the middle: scancel, Ctrl-C, one that is more urgent, the time limit."""

import json
import shutil
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import torch
from slurm.on_slurm import OnSlurm, jobs_of, shown
from small_project import Project

from koeru.training.checkpoint import load

SECONDS = 60.0  # that the training takes which a limit of a minute ends
PROBED = 30  # epochs
LONG = {"base": "LINE_14", "chunk": 1000, "train": {"seed": 3, "checkpoint_every": 1000}}
EVERYTHING = ["--partition=urgent", "--exclusive", "--nodes=1", "--output=/dev/null"]


@dataclass(frozen=True)
class Long:
    """A training that takes a while, on the cluster, and its end where nothing ends it before (here, without Slurm)."""

    project: OnSlurm
    key: str
    epoch: int
    uninterrupted: Path

    @property
    def target(self) -> str:
        return f"store/train/{self.key}/epoch_{self.epoch:04d}.json"

    def start(self, *options: str) -> subprocess.Popen:
        return self.project.start(self.target, options=options)

    def has_begun(self) -> bool:
        log = self.project.folder / "store" / "train" / self.key / "log"
        return log.exists() and any(log.iterdir())

    def same_in_the_end(self) -> bool:
        """Whether weights, moments and random generators are those of the uninterrupted training, bit for bit."""
        own, other = (
            load(folder / self.target.replace(".json", ".pt")) for folder in (self.project.folder, self.uninterrupted)
        )
        pairs = [(own.model, other.model), (own.generators, other.generators)]
        pairs += [(own.moments[name], other.moments[name]) for name in own.moments | other.moments]
        return all(a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a) for a, b in pairs)

    def origin(self) -> str:
        """What the last job began with."""
        return json.loads((self.project.folder / self.target).read_text())["origin"]

    def account(self, how: str, before: int) -> None:
        jobs = jobs_of(self.key)[before:]
        print(
            f"\n{how}: {len(jobs)} jobs ({', '.join(f'{job} {state}' for job, state in jobs)}); the last began with the"
        )
        print(f"{self.origin()}; weights, moments and generators are those of an uninterrupted run, bit for bit")


@pytest.fixture(scope="module")
def finished_once(built: OnSlurm) -> Long:
    """The long training, made without Slurm: of so many epochs as take the time, by what some took."""
    folder = built.folder.with_name("alone")
    shutil.copytree(built.folder, folder, symlinks=True)
    alone = Project(folder)
    key = configured(alone, PROBED)
    some = Long(built, key, PROBED, alone.folder)
    alone.run(some.target)
    took = json.loads((alone.folder / some.target).read_text())["run"]["seconds"]
    shutil.rmtree(alone.folder / "store" / "train" / key)
    epoch = int(PROBED * SECONDS / took)
    long = replace(some, epoch=epoch)
    assert configured(alone, epoch) == configured(built, epoch) == key
    alone.run(long.target)
    return long


def configured(project: Project, epochs: int) -> str:
    """Write the entry of the long training; the key of that."""
    project.set("exp.LINE_16", LONG | {"epochs": epochs})
    dry = project.run("exp/LINE_16", options=("-n", "--quiet", "host"))
    return dry.split("store/train/")[1].split("/")[0]


@pytest.fixture
def long(finished_once: Long) -> Long:
    """The long training, of which nothing is done on the cluster."""
    shutil.rmtree(finished_once.project.folder / "store" / "train" / finished_once.key, ignore_errors=True)
    return finished_once


def begun(long: Long, wait_for: Callable[..., None], reaper: list[subprocess.Popen]) -> tuple[int, subprocess.Popen]:
    """How many jobs the training has had; and the command that has begun it on the cluster anew."""
    before = len(jobs_of(long.key))
    reaper.append(process := long.start())
    wait_for(long.has_begun, "the first steps of the training")
    return before, process


def ends_the_same(long: Long, how: str, before: int, output: str) -> None:
    """It went on from where it was, and its end is that of the uninterrupted training; say so."""
    assert long.origin().startswith("rolling checkpoint at epoch"), output
    assert long.same_in_the_end()
    long.account(how, before)


def ended(process: subprocess.Popen) -> str:
    output, _ = process.communicate(timeout=900)
    assert process.returncode == 0, output
    return output


def new_jobs(long: Long, before: int) -> list[tuple[str, str]]:
    return jobs_of(long.key)[before:]


def test_after_scancel_it_is_resubmitted_and_ends_with_the_same_bits(long, wait_for, reaper):
    before, process = begun(long, wait_for, reaper)
    ((job, state),) = new_jobs(long, before)
    assert state == "RUNNING"
    subprocess.run(["scancel", job], check=True)
    output = ended(process)
    assert [state for _, state in new_jobs(long, before)] == ["CANCELLED", "COMPLETED"]
    ends_the_same(long, "scancel", before, output)


def test_what_is_preempted_goes_back_into_the_queue_and_ends_with_the_same_bits(long, wait_for, reaper):
    before, process = begun(long, wait_for, reaper)
    subprocess.run(["sbatch", *EVERYTHING, "--wrap", "sleep 3"], check=True)
    output = ended(process)
    ((job, state),) = new_jobs(long, before)
    assert state == "COMPLETED" and "Restarts=1" in shown(job), output
    ends_the_same(long, "preempted, requeued once", before, output)


def test_ctrl_c_ends_the_job_and_the_same_command_goes_on(long, wait_for, reaper):
    signal.signal(signal.SIGINT, signal.default_int_handler)  # where it is ignored, what is started ignores it too
    before, process = begun(long, wait_for, reaper)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=300)
    assert process.returncode != 0
    wait_for(lambda: new_jobs(long, before)[0][1] == "CANCELLED", "the end of the job")
    output = ended(long.start())
    assert [state for _, state in new_jobs(long, before)] == ["CANCELLED", "COMPLETED"]
    ends_the_same(long, "Ctrl-C", before, output)


def test_out_of_time_it_is_resubmitted_and_ends_with_the_same_bits(long):
    """A limit of a minute, for a training of more: Slurm says so up to a minute before, and means the whole job."""
    before = len(jobs_of(long.key))
    long.project.settle(runtime=1, slurm_extra="'--signal=TERM@20'")
    try:
        output = ended(long.start("--retries", "20"))
    finally:
        long.project.settle()
    states = [state for _, state in new_jobs(long, before)]
    assert len(states) > 1 and states[-1] == "COMPLETED" and set(states[:-1]) <= {"FAILED", "TIMEOUT"}, output
    ends_the_same(long, "time limit of a minute", before, output)


def test_a_training_on_two_devices_asks_for_two_gpus(built: OnSlurm):
    """Slurm's GPUs are no real ones here: the two processes compute on processors."""
    built.set("exp.LINE_17", LONG | {"epochs": 1, "train": {"seed": 5, "devices": 2}})
    dry = built.run("exp/LINE_17", options=("-n", "--quiet", "host"))
    key = dry.split("store/train/")[1].split("/")[0]
    built.run(target := f"store/train/{key}/epoch_0001.json")
    ((job, state),) = jobs_of(key)
    assert state == "COMPLETED" and "TresPerJob=gres:gpu:2" in shown(job)
    told = json.loads((built.folder / target).read_text())
    assert told["run"]["job"] == job
