"""What the profile of a cluster must have of the default one, which it replaces, and what it calls the rules."""

import ast
import re
from pathlib import Path

import yaml
from configured import STAGES

ROOT = Path(__file__).resolve().parents[1]


def profile(name: str) -> dict:
    return yaml.safe_load((ROOT / "profiles" / name / "config.yaml").read_text("utf-8"))


def test_what_holds_everywhere_holds_on_a_cluster():
    default, slurm = profile("default"), profile("slurm")
    assert {name: slurm[name] for name in default if name != "cores"} == {
        name: value for name, value in default.items() if name != "cores"
    }


def test_it_names_kinds_of_jobs_and_no_rule():
    """So that a stage that is added is submitted as others of its kind are."""
    slurm, rules = profile("slurm"), (ROOT / "rules" / "common.smk").read_text("utf-8")
    kinds = ast.literal_eval(re.search(r"^KINDS = (\(.*?\))", rules, re.MULTILINE)[1])
    assert set(slurm["set-resources"]) == set(kinds) and not set(kinds) & STAGES.keys()
    assert "groups" not in slurm and set(slurm["group-components"]) == {"shards"}


def test_what_bounds_a_group_bounds_each_job_by_itself():
    slurm = profile("slurm")
    (name,) = slurm["resources"]
    assert slurm["set-resource-scopes"] == {name: "local"} and slurm["default-resources"][name] == 1


def test_trainings_are_told_before_their_limit_and_tried_again():
    slurm = profile("slurm")
    assert slurm["set-resources"]["trainings"]["slurm_extra"].startswith("'--signal=TERM@")
    assert slurm["retries"] >= 1 and slurm["slurm-requeue"]
