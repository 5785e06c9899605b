"""What a training is warned of before it runs, and the step at which it ends."""

import pytest
from pretended import below, finish, plan_of

from koeru.families.experiments.forecast import steps_at
from koeru.graph.plan import Plan
from koeru.graph.store import Store
from koeru.status.status import dry_run_lines, status_lines


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    """Views lie in the working directory."""
    monkeypatch.chdir(tmp_path)


def warned(plan):
    """The warnings of `status`, by experiment."""
    lines = below(status_lines(plan), "Warnings:")
    return {(name, words) for line in lines for names, _, words in [line.partition(": ")] for name in names.split(", ")}


def ends(plan, name):
    """Where the run of an experiment ends, by its warnings of anneal points that never come."""
    return {w.split("the run ends at ")[1].split(";")[0] for n, w in warned(plan) if n == name and "anneal" in w}


def test_of_a_schedule_nothing_is_said_before_the_dataset_is_built():
    assert not warned(plan_of())
    finish(plan_of(), "data", "voice")
    assert {name for name, _ in warned(plan_of())} == {"exp/parent", "exp/child"}


def test_the_end_of_a_run_is_its_epochs_of_as_many_batches_as_its_utterances_fill():
    finish(plan_of(), "data", "voice")
    assert ends(plan_of(), "exp/parent") == ends(plan_of(), "exp/child") == {f"step {4 * 139}"}
    assert ends(plan_of(("epochs: 4", "epochs: 500")), "exp/parent") == {"step 69500"}
    assert ends(plan_of(("seed: 3", "batch_size: 2300")), "exp/child") == {"step 4"}
    assert ends(plan_of(("seed: 3", "group_size: 2")), "exp/child") == {f"step {4 * 139}"}


def test_a_frame_budget_and_a_limit_of_length_make_the_end_an_estimate():
    finish(plan_of(), "data", "voice")
    assert ends(plan_of(("seed: 3", "batch_frames: 10000")), "exp/child") == {f"about step {4 * 101}"}
    assert ends(plan_of(("seed: 3", "max_frames: 1000")), "exp/child") == {f"about step {4 * 139}"}


def test_a_run_that_keeps_the_optimizer_goes_on_where_its_parent_was():
    kept = ("pretrain: parent@2", "pretrain: parent@2, optimizer: keep")
    finish(plan_of(kept), "data", "voice")
    assert ends(plan_of(kept), "exp/child") == {f"step {6 * 139}"}
    assert ends(plan_of(kept, ("chunk: 2", "chunk: 2, train: {max_frames: 1000}")), "exp/child") == {
        f"about step {6 * 139}"
    }
    finish(plan_of(kept), "exp", "parent")  # which really made 20 steps in 2 epochs
    assert ends(plan_of(kept), "exp/child") == {f"step {20 + 4 * 139}"}


def test_the_end_of_a_run_that_was_trained_is_as_recorded():
    finish(plan_of(), "exp", "child")
    assert ends(plan_of(), "exp/child") == {"step 40"}


def test_what_is_within_the_run_is_not_warned_of():
    within = ("seed: 3", "warmup_steps: 100, anneal_steps: [500]")
    finish(plan_of(within), "data", "voice")
    assert {name for name, _ in warned(plan_of(within))} == {"exp/parent"}


def test_what_the_model_never_learns_is_known_before_anything_is_built():
    unlearned = ("train: {seed: 3}", "train: {g_beta: 0}, model: {global_prosody: true}, partial: [prosody]")
    ((name, words),) = warned(plan_of(unlearned))
    assert name == "exp/child" and words.startswith("global prosody is not trained: train.g_beta is 0")


def test_a_dry_run_warns_of_its_targets_alone_and_not_of_what_is_finished():
    finish(plan_of(), "data", "voice")
    told = dry_run_lines(plan_of(), ["-n", "exp/child"])
    assert [line.split(":")[1].strip() for line in told if line.startswith("  warning: ")] == [
        "train.warmup_steps",
        "train.max_lr_scale",
        "train.anneal_steps",
    ]
    assert not any("warning" in line for line in dry_run_lines(plan_of(), ["-n", "data/other"]))
    finish(plan_of(), "exp", "child")
    assert dry_run_lines(plan_of(), ["-n", "exp/child"]) == []


def test_the_end_that_status_foretells_is_the_end_that_a_training_has(mini):
    elsewhere = Plan(mini.graph, Unsaved(mini.store.root))
    trained = [job for job in mini.jobs if job.node.stage == "train"]
    assert len(trained) >= 4
    for job in trained:
        assert steps_at(elsewhere, job.node, job.epoch) == steps_at(mini.plan, job.node, job.epoch)


class Unsaved(Store):
    """A store whose trainings seem not to have run."""

    def epoch_path(self, place, epoch):
        return super().epoch_path(place, epoch).with_suffix(".unsaved")
