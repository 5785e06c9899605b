"""Runs that are killed, and runs that meet: nothing is lost, nothing is done twice, and the words say who is where."""

import json
import os
import re
import shutil
import signal
from pathlib import Path

import pytest
import torch

from koeru.training.checkpoint import load

EPOCHS = 50  # which take some seconds
LONG = {"base": "LINE_14", "train": {"seed": 3, "checkpoint_every": 0.3}, "epochs": EPOCHS, "chunk": EPOCHS}


def trainings(project) -> list[int]:
    """Process ids of the training script of this project's long run."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words, at = (folder / "cmdline").read_bytes().split(b"\0"), (folder / "cwd").readlink()
        except OSError:  # it has just ended
            continue
        python = at == project.folder and words[0].endswith((b"python", b"python3"))
        if python and f"train/{project.long_key}".encode() in words and words[1].endswith(b"training.py"):
            found.append(int(folder.name))
    return found


def children(pid: int) -> list[int]:
    """Process ids of the children of a process."""
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.fixture
def long(project):
    """The finished project with one more experiment, whose training takes some seconds."""
    project.set("exp.LINE_16", LONG)
    dry = project.run("exp/LINE_16", options=("-n", "--quiet", "host"))
    project.long_key = dry.split("store/train/")[1].split("/")[0]
    project.target = f"store/train/{project.long_key}/epoch_{EPOCHS:04d}.json"
    return project


def rolling(project) -> bool:
    return (project.folder / "store" / "train" / project.long_key / "rolling.pt").exists()


def origin(project) -> str:
    """What the training began with, in its last run."""
    return json.loads((project.folder / project.target).read_text())["origin"]


def test_a_killed_training_ends_as_if_it_had_not_been(long, tmp_path, wait_for, reaper):
    shutil.copytree(long.folder, tmp_path / "uninterrupted")
    uninterrupted = type(long)(tmp_path / "uninterrupted")
    uninterrupted.run(long.target)
    expected = load((uninterrupted.folder / long.target).with_suffix(".pt")).model

    process = long.start(long.target)
    reaper.append(process)
    wait_for(lambda: rolling(long), "a rolling checkpoint")
    for pid in trainings(long):
        os.kill(pid, signal.SIGKILL)
    output, _ = process.communicate(timeout=long.patience_s)
    assert process.returncode != 0
    assert not list((long.folder / "store" / "train" / long.long_key).glob("epoch_*.json"))
    assert "rolling checkpoint" not in output

    long.run(long.target)
    assert origin(long).startswith("rolling checkpoint at epoch")
    found = load((long.folder / long.target).with_suffix(".pt")).model
    assert found.keys() == expected.keys() and all(torch.equal(found[name], expected[name]) for name in found)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGUSR1], ids=lambda number: number.name)
def test_a_training_that_is_told_to_stop_loses_no_step(long, wait_for, reaper, number):
    """As near a time limit: the signal comes to every process of the job."""
    long.set("exp.LINE_16.train.checkpoint_every", 1000)
    process = long.start(long.target)
    reaper.append(process)
    log = long.folder / "store" / "train" / long.long_key / "log"
    wait_for(lambda: log.exists() and any(log.iterdir()), "the first steps")
    (pid,) = trainings(long)
    for told in [*children(pid), pid]:
        os.kill(told, number)
    output, _ = process.communicate(timeout=long.patience_s)
    assert process.returncode != 0
    (where,) = re.findall(f"told to stop by {number.name}, at (epoch .*); the same command goes on from there", output)
    assert where in (next(long.folder.glob(f"logs/train/{long.long_key}.*.log"))).read_text()

    long.run(long.target)
    assert origin(long) == f"rolling checkpoint at {where}"


def test_after_kill_9_of_snakemake_the_orphan_is_found_and_nothing_is_lost(long, wait_for, reaper):
    process = long.start(long.target)
    reaper.append(process)
    wait_for(lambda: rolling(long), "a rolling checkpoint")
    (orphan,) = trainings(long)
    os.kill(orphan, signal.SIGSTOP)  # alive, as on another host, for as long as the test needs
    os.kill(process.pid, signal.SIGKILL)
    process.wait()

    assert "--unlock" in long.run(long.target, fails=True)
    long.run(options=("--unlock",))
    refused = long.run(long.target, fails=True)
    assert f"is already running: process {orphan}" in refused

    os.kill(orphan, signal.SIGCONT)
    wait_for(lambda: not trainings(long), "the orphan's end")
    output = long.run(long.target)
    assert "train to epoch" not in output
    assert (long.folder / long.target).exists()


def test_a_second_run_says_who_holds_the_first(long, wait_for, reaper):
    process = long.start(long.target)
    reaper.append(process)
    wait_for(lambda: rolling(long), "a rolling checkpoint")
    (holder,) = trainings(long)
    os.kill(holder, signal.SIGSTOP)  # so that the first is certainly not done before the second has started
    second = long.run(long.target, options=("--nolock",), fails=True)
    os.kill(holder, signal.SIGCONT)
    assert f"is already running: process {holder}" in second
    process.communicate(timeout=long.patience_s)
    assert process.returncode == 0


def test_a_job_that_fails_takes_no_finished_work_with_it(project):
    project.set("spk.LINE_3.pitch.f0_floor", 60)
    spoiled = sorted(project.folder.glob("store/wav/*/001/*.wav"))[0]
    sound = spoiled.read_bytes()
    spoiled.write_bytes(b"")
    output = project.run("data/LINE_3", options=("--keep-going",), fails=True)
    assert f"failed at utterance {spoiled.stem}" in output

    finished = [p for p in project.folder.glob("store/pitch/*/000.json") if _newest(p)]
    assert len(finished) == 1
    before = finished[0].stat().st_mtime_ns
    spoiled.write_bytes(sound)
    assert project.plan("data/LINE_3")["pitch"] == 1
    project.run("data/LINE_3")
    assert finished[0].stat().st_mtime_ns == before


def _newest(path) -> bool:
    """Whether a shard belongs to the node that is not sealed yet."""
    return not (path.parent / "node.json").exists()
