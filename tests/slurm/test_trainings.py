"""The demo's experiment at its smallest on a real Slurm, and trainings that it ends: by scancel, by a time limit."""

import json
import re
import shutil
import subprocess
import time

import pytest
from slurm.on_slurm import OnSlurm, queue
from small_project import Project

STAGES = {"rule_utterances", "rule_splits", "rule_stats", "rule_dataset", "rule_train", "rule_synthesis", "rule_exp"}
SECONDS = 45.0  # that a training takes which a limit of a minute ends
LONG = {"base": "LINE_14", "chunk": 1000, "train": {"seed": 3, "checkpoint_every": 1000}}


@pytest.fixture(scope="module")
def built(project: OnSlurm) -> OnSlurm:
    """The project with exp/LINE_15, made by Slurm."""
    project.run("exp/LINE_15")
    return project


def told(project: Project, key: str) -> dict:
    """What is recorded of the last saved epoch of a training."""
    return json.loads(sorted((project.folder / "store" / "train" / key).glob("epoch_*.json"))[-1].read_text())


def weights(project: Project, name: str) -> bytes:
    return (project.folder / "exp" / name / "model.safetensors").read_bytes()


def trainings(project: Project) -> set[str]:
    """The keys of the trainings that are there."""
    return {path.name for path in (project.folder / "store" / "train").iterdir()}


def uninterrupted(project: OnSlurm, name: str, epochs: int, seed: int) -> tuple[str, bytes]:
    """Another long training: its key, and the weights that it has where nothing ends it (here, without Slurm)."""
    project.set(f"exp.{name}", LONG | {"epochs": epochs, "train": LONG["train"] | {"seed": seed}})
    alone = Project(project.folder.with_name(f"{name}_alone"))
    shutil.copytree(project.folder, alone.folder, symlinks=True)
    alone.run(f"exp/{name}")
    (key,) = trainings(alone) - trainings(project)
    return key, weights(alone, name)


def jobs_of(key: str) -> list[tuple[str, str]]:
    """(job, state) of every job of a training."""
    return [(job, state) for job, state, what in queue() if what.startswith("rule_train_") and key in what]


def print_account(name: str, key: str, origin: str) -> None:
    jobs = jobs_of(key)
    states = ", ".join(f"{job} {state}" for job, state in jobs)
    print(f"\n{name}: {len(jobs)} jobs submitted ({states}), {len(jobs) - 1} resubmitted; the last began with the")
    print(f"{origin}; its weights are those of an uninterrupted run, bit for bit")


def test_the_experiment_is_made_by_jobs_of_slurm(built):
    jobs = queue()
    print(f"\nexp/LINE_15: {len(jobs)} jobs submitted: {', '.join(what.split('_wildcards')[0] for _, _, what in jobs)}")
    assert (built.folder / "exp" / "LINE_15" / "report.html").exists()
    assert {state for _, state, _ in jobs} == {"COMPLETED"}
    assert {what.split("_wildcards")[0] for _, _, what in jobs} >= STAGES


def test_the_shards_are_one_entry_of_the_queue(built):
    """Two shards through seven stages: one job, which takes up to sixteen."""
    assert len([what for _, _, what in queue() if what.startswith("rule_shards")]) == 1


def test_every_node_knows_its_jobs(built):
    ids = {job for job, _, _ in queue()}
    nodes = [json.loads(path.read_text()) for path in built.folder.glob("store/*/*/node.json")]
    nodes += [json.loads(path.read_text()) for path in built.folder.glob("store/train/*/epoch_*.json")]
    assert len(nodes) > 10
    for node in nodes:
        own = set(node["run"].get("jobs", [node["run"].get("job")]))
        assert own and own <= ids, node["stage"]


def test_trainings_asked_for_a_gpu(built):
    (job, *_) = [job for job, _, what in queue() if what.startswith("rule_train_")]
    shown = subprocess.run(["scontrol", "show", "job", job], capture_output=True, text=True, check=True).stdout
    assert "Partition=gpu" in shown and re.search(r"TresPerJob=gres:gpu:1\b", shown)


def test_a_second_call_submits_nothing(built):
    before = queue()
    assert "Nothing to be done" in built.run("exp/LINE_15")
    assert queue() == before


def test_after_scancel_it_is_resubmitted_and_ends_with_the_same_bits(built, wait_for, reaper):
    key, expected = uninterrupted(built, "LINE_16", epochs=40, seed=3)
    process = built.start("exp/LINE_16")
    reaper.append(process)
    log = built.folder / "store" / "train" / key / "log"
    wait_for(lambda: log.exists() and any(log.iterdir()), "the first steps of the training")
    time.sleep(1)
    ((job, state),) = jobs_of(key)
    assert state == "RUNNING"
    subprocess.run(["scancel", job], check=True)
    output, _ = process.communicate(timeout=600)
    assert process.returncode == 0, output
    assert [state for _, state in jobs_of(key)] == ["CANCELLED", "COMPLETED"]
    assert told(built, key)["origin"].startswith("rolling checkpoint at epoch"), output
    assert weights(built, "LINE_16") == expected
    print_account("scancel", key, told(built, key)["origin"])


def test_out_of_time_it_is_resubmitted_and_ends_with_the_same_bits(built):
    """A limit of a minute, for a training of more: Slurm says so up to a minute before, and means the whole job."""
    paces = [told(built, key)["run"]["seconds"] / told(built, key)["epoch"] for key in trainings(built)]
    key, expected = uninterrupted(built, "LINE_17", epochs=int(SECONDS / min(paces)), seed=4)
    built.settle(runtime=1, slurm_extra="'--signal=TERM@20'")
    output = built.run("exp/LINE_17", options=("--retries", "20"))
    states = [state for _, state in jobs_of(key)]
    assert len(states) > 1 and states[-1] == "COMPLETED" and set(states[:-1]) <= {"FAILED", "TIMEOUT"}, output
    assert told(built, key)["origin"].startswith("rolling checkpoint at epoch"), output
    assert weights(built, "LINE_17") == expected
    print_account("time limit", key, told(built, key)["origin"])
