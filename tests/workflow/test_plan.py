"""What real Snakemake plans after a change: the stages downstream of it, and nothing else."""

import os
import shutil
from pathlib import Path

import pytest

FEATURES = {"segments", "labels", "pitch", "energy", "mel"}
TAIL = {"train", "synthesis", "evaluation", "exp"}


def seals(stages: set[str]) -> set[str]:
    return stages | {f"seal_{stage}" for stage in stages}


AFTER_PITCH = seals({"pitch"}) | {"stats", "dataset"} | TAIL


def test_nothing_is_planned_when_everything_is_finished(project):
    assert project.plan("exp/LINE_15", "data/LINE_3") == {}


@pytest.mark.parametrize(
    ("leaf", "value", "planned"),
    [
        ("spk.LINE_3.pitch.f0_floor", 60, AFTER_PITCH),
        ("spk.LINE_3.segments.min_silence_len", 300, seals(FEATURES) | {"stats", "dataset", "vocoder"} | TAIL),
        ("spk.LINE_3.gates.max_excluded", 0.5, {"dataset"}),
        ("spk.LINE_3.note", "another note", set()),
        ("exp.LINE_15.train.seed", 1, TAIL),
        ("exp.LINE_15.train.threads", 2, set()),
        ("exp.LINE_15.synthesis.samples", 1, {"synthesis", "exp"}),
    ],
)
def test_a_changed_leaf_plans_what_it_may_affect(project, leaf, value, planned):
    project.set(leaf, value)
    assert set(project.plan("exp/LINE_15", "data/LINE_3")) == planned


def test_a_dry_run_and_status_name_the_parameter_from_what_to_what(project):
    project.set("spk.LINE_3.pitch.f0_floor", 60)
    dry = project.run("exp/LINE_15", options=("-n",))
    assert "pitch.f0_floor: 71.0 → 60.0" in dry
    assert dry.index("pitch.f0_floor") < dry.index("Building DAG")
    status = project.run("status")
    assert "pitch.f0_floor: 71.0 → 60.0" in status
    assert "data/LINE_3" in status


def test_status_takes_no_lock_and_starts_no_job(project):
    (project.folder / ".snakemake" / "locks").mkdir(parents=True, exist_ok=True)
    (project.folder / ".snakemake" / "locks" / "0.input.lock").write_text("exp/LINE_15\n")
    assert "exp/LINE_15" in project.run("status")


def test_keys_in_another_order_change_nothing(project):
    config = project.config
    config["exp"] = {name: dict(reversed(entry.items())) for name, entry in reversed(config["exp"].items())}
    project.configure(dict(reversed(config.items())))
    assert project.plan("exp/LINE_15", "data/LINE_3") == {}


def test_a_pruned_early_epoch_is_not_trained_again(project):
    for path in project.folder.glob("store/train/*/epoch_0001.*"):
        if len(list(path.parent.glob("epoch_*.json"))) > 1:
            path.unlink()
    assert project.plan("exp/LINE_15") == {}


def test_a_deleted_upstream_shard_is_not_made_again(project):
    for path in project.folder.glob("store/wav/*/000*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert project.plan("exp/LINE_15", "data/LINE_3") == {}


def test_a_deleted_shard_is_made_again_where_it_is_needed(project):
    for path in project.folder.glob("store/mel/*/000.*"):
        path.unlink()
    project.set("exp.LINE_15.train.seed", 1)
    assert project.plan("exp/LINE_15") == {"mel": 1, "train": 1, "synthesis": 1, "evaluation": 1, "exp": 1}


def test_touched_files_of_the_corpus_and_touched_scripts_change_nothing(project, request):
    for path in project.folder.glob("store/stand_in/*/corpus/**/*.wav"):
        path.touch()
    script = Path(__file__).resolve().parents[2] / "scripts" / "pitch.py"
    times = script.stat()
    script.touch()
    try:
        assert project.plan("exp/LINE_15", "data/LINE_3") == {}
    finally:
        os.utime(script, ns=(times.st_atime_ns, times.st_mtime_ns))


def test_raised_epochs_plan_only_the_new_chunks_and_the_tail(project):
    project.set("exp.LINE_15.epochs", 3)
    assert project.plan("exp/LINE_15") == {"train": 2, "synthesis": 1, "evaluation": 1, "exp": 1}


def test_a_new_experiment_starts_from_an_existing_epoch(project):
    project.set("exp.LINE_16", {"base": "LINE_15", "train": {"seed": 7}})
    assert project.plan("exp/LINE_16") == {"train": 1, "synthesis": 1, "evaluation": 1, "exp": 1}
    project.set("exp.LINE_17", {"base": "LINE_15", "pretrain": "LINE_15@1", "train": {"seed": 8}})
    assert project.plan("exp/LINE_17") == {"train": 1, "synthesis": 1, "evaluation": 1, "exp": 1}


def test_problems_of_the_configuration_are_told_before_any_job(project):
    project.set("exp.LINE_15.trian", {"seed": 1})
    project.set("spk.LINE_3.pitch", {"f0_flor": 60})
    output = project.run("exp/LINE_15", options=("-n",), fails=True)
    assert "exp.LINE_15.trian: unknown key; did you mean 'train'?" in output
    assert "spk.LINE_3.pitch.f0_flor: unknown key; did you mean 'f0_floor'?" in output


def test_a_missing_corpus_is_named_with_its_remedy(project):
    config = project.config
    config["corpora"]["STUDIES"] = {"path": "not/here"}
    project.configure(config)
    output = project.run("exp/LINE_15", options=("-n",), fails=True)
    assert "corpora.STUDIES: there is no corpus at" in output
    assert "not/here" in output
    assert "STUDIES corpus" in output
    assert "make demo" in output
