"""The training script as a process: several ranks, workers, a frame budget, and utterances that are too long."""

import json
import subprocess
import sys
from dataclasses import replace

import pytest
from in_process import SCRIPTS

from koeru.families.acoustic.prepare import prepare
from koeru.graph.plan import place
from koeru.graph.store import Store, read_json
from koeru.training.checkpoint import load


@pytest.fixture(scope="module")
def trained(mini, tmp_path_factory):
    """A training of the small store's wGMM with other settings, beside that store: its manifest, state and words."""
    root = tmp_path_factory.mktemp("train")
    for stage in mini.store.root.iterdir():
        if stage.name != "train":
            (root / stage.name).symlink_to(stage)
    node = mini.graph.trained["exp"]["wgmm"].node
    spec = node.spec()
    spec["settings"] = spec["settings"] | {"train.devices": 2, "train.workers": 1, "train.threads": 1}
    spec["params"] = spec["params"] | {"train.max_frames": 300, "train.batch_frames": 900}
    (root / "plan.json").write_text(json.dumps({"nodes": {f"train/{node.key}": spec}}), encoding="utf-8")
    command = [sys.executable, SCRIPTS / "training.py", "--node", f"train/{node.key}", "--epoch", "2"]
    done = subprocess.run(
        [*command, "--plan", root / "plan.json", "--store", root], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    store, where = Store(root), place(node)
    state = load(store.epoch_state_path(where, 2))
    return read_json(store.epoch_path(where, 2)), state, done.stderr, store.folder(where)


def test_a_limit_that_leaves_nothing_to_train_on_is_told(mini):
    work = mini.work(mini.graph.trained["exp"]["wgmm"].node)
    with pytest.raises(ValueError, match=r"^train.max_frames: 3 leaves nothing to train on: the shortest has \d+ "):
        prepare(replace(work, params={**work.params, "train.max_frames": 3}), 0)


def test_one_rank_writes(trained):
    manifest, state, said, folder = trained
    assert manifest["machine"]["devices"] == 2 and manifest["step"] == state.position.step
    assert {path.name for path in folder.iterdir()} >= {"epoch_0002.json", "epoch_0002.pt", "log"}
    assert not (folder / "lock").exists()
    assert said.count("steps in") == 1 and f"{state.position.step} steps in" in said


def test_utterances_that_are_too_long_are_told(mini, trained):
    manifest = trained[0]
    whole = read_json(mini.store.epoch_path(place(mini.graph.trained["exp"]["wgmm"].node), 1))
    assert whole["excluded"] == [] and whole["excluded_seconds"] == 0
    assert 0 < len(manifest["excluded"]) < whole["utterances"]["train"]
    assert manifest["utterances"]["train"] + len(manifest["excluded"]) == whole["utterances"]["train"]
    assert manifest["utterances"]["dev"] == whole["utterances"]["dev"]
    for utterance in manifest["excluded"]:
        assert utterance["frames"] > 300 and utterance["reason"] == "more than train.max_frames (300)"
    assert manifest["excluded_seconds"] == pytest.approx(sum(one["seconds"] for one in manifest["excluded"]), abs=1e-3)
    frames = sum(one["frames"] for one in manifest["excluded"])
    assert {row["frames"] for row in manifest["log"]} == {whole["log"][0]["frames"] - frames}
