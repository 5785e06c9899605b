"""What a conversion is warned of before it runs: by its pairs, and by how its warm-up was scaled."""

import pytest
from pretended import below, finish, plan_of

from koeru.status.status import dry_run_lines, status_lines

PAIRED = ("features: [sp]}", "features: [sp], pairs: {speakers: [[a, b]]}}")
CONVERSION = (
    "exp:\n",
    "exp:\n  converted: {spk: voice, epochs: 4, chunk: 2, model: {type: conformer_vc}, train: {seed: 1}}\n",
)
DRY = ["-n", "exp/converted"]


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    """Views lie in the working directory."""
    monkeypatch.chdir(tmp_path)


def plan(**train):
    """The plan of a conversion whose section `train` has these leaves."""
    written = ", ".join(f"{leaf}: {value}" for leaf, value in (train or {"seed": 1}).items())
    return plan_of(PAIRED, (CONVERSION[0], CONVERSION[1].replace("seed: 1", written)))


def warned(plan):
    """What a dry run warns of."""
    found = (line.strip() for line in dry_run_lines(plan, DRY))
    return [line.removeprefix("warning: ") for line in found if line.startswith("warning: ")]


def finish_pairs():
    """Pretend that pairs are aligned, and nothing is trained."""
    whole = plan()
    finish(whole, "data", "voice")
    made = whole.graph.trained["exp"]["converted"].node.parents["durations"]
    whole.graph.views["data"]["aligned"] = made
    finish(whole, "data", "aligned", show=False)


def test_the_end_of_a_run_is_known_when_its_pairs_are_and_not_before():
    finish(plan(), "data", "voice")
    assert warned(plan()) == []
    finish_pairs()
    told = warned(plan())
    assert told[0].startswith("train.warmup_steps: the warm-up of 4000 steps is longer than the run")
    assert f"the run ends at step {4 * 101};" in told[0]  # 801 pairs in batches of 8


def test_frames_are_those_of_the_longer_side():
    finish_pairs()
    assert any(f"about step {4 * 51}" in words for words in warned(plan(batch_frames=10_000)))


def test_a_dry_run_warns_of_a_warm_up_that_was_scaled_by_groups_before_anything_is_built():
    told = warned(plan(batch_size=32, group_size=16, warmup_steps=250))
    assert told == [
        "train.warmup_steps: 250 seems to be scaled by train.group_size 16 as well, which changes no schedule: of the "
        "4000 steps that are usual for batches of 8, train.batch_size 32 alone makes 1000"
    ]
    assert any(
        "seems to be scaled" in line for line in below(status_lines(plan(group_size=64, warmup_steps=500)), "Warnings:")
    )
    assert warned(plan(batch_size=32, group_size=16, warmup_steps=1000)) == []
