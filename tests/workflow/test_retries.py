"""`retries` of a profile are for what a machine may have done: what is told of data or configuration is told once."""

import pytest
from small_project import SMALL

TRIES = ("--retries", "3", "--until", "utterances")


@pytest.fixture
def fresh(project_in, tmp_path):
    """A project of which nothing is built."""
    project = project_in(tmp_path)
    project.configure(SMALL)
    return project


def tries(output: str) -> int:
    return 1 + output.count("Trying to restart job")


def test_what_is_told_of_data_is_not_tried_again(fresh):
    fresh.set("spk.LINE.speakers", ["Teacher"])
    output = fresh.run("data/LINE_3", options=TRIES, fails=True)
    words = "speakers: the dataset has FStudent, MStudent, which the list in the configuration lacks"
    assert tries(output) == 1 and words in output, output
    (refusal,) = fresh.folder.glob("store/utterances/*/node.json.refused")
    assert words in refusal.read_text("utf-8")


def test_what_a_machine_did_is_tried_again(fresh):
    dry = fresh.run("data/LINE_3", options=("-n", "--quiet", "host"))
    key = dry.split("store/utterances/")[1].split("/")[0]
    in_the_way = fresh.folder / "store" / "utterances" / key / "listing"  # where a folder is to be
    in_the_way.parent.mkdir(parents=True)
    in_the_way.touch()
    output = fresh.run("data/LINE_3", options=TRIES, fails=True)
    assert tries(output) == 4 and "File exists" in output, output
    assert not list(in_the_way.parent.glob("*.refused"))
    in_the_way.unlink()
    assert tries(fresh.run("data/LINE_3", options=TRIES)) == 1


def test_a_gate_is_judged_once_and_the_rest_of_the_run_goes_on(project):
    project.set("spk.LINE_3.gates.min_voiced_share", 0.99)
    output = project.run("data/LINE_3", options=("--retries", "3"), fails=True)
    assert tries(output) == 1 and "does not pass its gates" in output, output
    project.set("spk.LINE_3.gates.min_voiced_share", 0.01)
    project.run("data/LINE_3")
