"""What the profile of a cluster must have of the default one, which it replaces, and what it calls the rules."""

from pathlib import Path

import yaml

from koeru.graph.stages import STAGES

PROFILES = Path(__file__).resolve().parents[1] / "profiles"
BY_ITS_OWN = {"gta"}  # sharded, and made by one job, which has a model to load


def profile(name: str) -> dict:
    return yaml.safe_load((PROFILES / name / "config.yaml").read_text("utf-8"))


def test_what_holds_everywhere_holds_on_a_cluster():
    default, slurm = profile("default"), profile("slurm")
    assert {name: slurm[name] for name in default if name != "cores"} == {
        name: value for name, value in default.items() if name != "cores"
    }


def test_the_shards_of_every_stage_are_in_the_group():
    grouped = profile("slurm")["groups"]
    assert set(grouped) == {name for name, stage in STAGES.items() if stage.sharded} - BY_ITS_OWN
    assert set(grouped.values()) == set(profile("slurm")["group-components"])


def test_what_bounds_a_group_bounds_each_job_by_itself():
    slurm = profile("slurm")
    (name,) = slurm["resources"]
    assert slurm["set-resource-scopes"] == {name: "local"} and slurm["default-resources"][name] == 1


def test_resources_are_set_of_rules_that_there_are():
    assert set(profile("slurm")["set-resources"]) <= set(STAGES)


def test_trainings_are_told_before_their_limit_and_tried_again():
    slurm = profile("slurm")
    for rule in ("train", "vocoder"):
        assert slurm["set-resources"][rule]["slurm_extra"].startswith("'--signal=TERM@")
    assert slurm["retries"] >= 1 and slurm["slurm-requeue"]
