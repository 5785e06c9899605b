"""What the stages leave in the store, and what a view shows of it."""

import json
from dataclasses import asdict, replace

import numpy as np
import pytest
import soundfile
from configured import STAGES
from safetensors import safe_open

from koeru.audio.frames import n_frames
from koeru.corpora.licences import STAND_IN
from koeru.data.reading import Features
from koeru.graph.node import record
from koeru.graph.plan import place
from koeru.graph.store import digest_of, file_digest, read_json, without_facts
from koeru.graph.view import show
from koeru.report.measurement import Measurement
from koeru.training.checkpoint import load
from koeru.training.manifest import ModelManifest
from koeru.use.pack import packed

SHARDED = [name for name, stage in STAGES.items() if stage.sharded]
HOP = 256


def nodes(mini, stage):
    return [node for (name, _), node in mini.graph.nodes.items() if name == stage]


def dataset(mini, stage):
    """One that has the stage."""
    return mini.graph.data["unlabelled" if stage == "tokens" else "mini"]


def parent(mini, stage):
    return place(dataset(mini, stage).parents[stage])


def features(mini, dataset="mini"):
    node = mini.graph.data[dataset]
    return Features(mini.store, {role: place(p) for role, p in node.parents.items()}, ("pitch", "energy", "mel", "sp"))


# ---- the account and the digests -----------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", SHARDED)
def test_in_is_out_and_excluded_in_every_shard(mini, stage):
    source = "utterances" if stage == "wav" else list(dataset(mini, stage).parents[stage].parents)[-1]
    told = read_json(mini.store.node_path(parent(mini, stage)))
    entered = out = excluded = 0
    for shard in range(2):
        incoming = [r["id"] for r in mini.store.read_shard(parent(mini, source), shard).utterances]
        manifest = mini.store.read_shard(parent(mini, stage), shard)
        came_out = [r.get("utterance", r["id"]) for r in manifest.utterances]
        left_out = [e.id for e in manifest.excluded]
        assert sorted(incoming) == sorted([*came_out, *left_out])
        entered, out, excluded = entered + len(incoming), out + len(came_out), excluded + len(left_out)
    assert (told["in"], told["out"], told["excluded"]) == (entered, out, excluded)
    assert entered > 20 and excluded == 0


@pytest.mark.parametrize("stage", ["utterances", *SHARDED])
def test_files_are_what_their_digests_say(mini, stage):
    folder = mini.store.folder(parent(mini, stage))
    for shard in range(2):
        manifest = mini.store.read_shard(parent(mini, stage), shard)
        content = [
            list(map(without_facts, manifest.utterances)),
            [asdict(e) for e in manifest.excluded],
            manifest.payload,
        ]
        assert manifest.digest == digest_of(content)
        if manifest.payload is not None:
            path = folder / manifest.payload["file"]
            assert (path.stat().st_size, file_digest(path)) == (manifest.payload["bytes"], manifest.payload["sha256"])
        for made in manifest.utterances:
            if "file" in made:
                assert file_digest(folder / made["file"]) == made["sha256"]


def test_node_json_names_the_parents_that_the_graph_names(mini):
    for (stage, _), node in mini.graph.nodes.items():
        path = mini.store.node_path(place(node))
        if stage == "train":
            path = max(path.parent.glob("epoch_*.json"))
        if not path.exists():  # exp/parent was not asked for
            continue
        told = read_json(path)
        assert (told["stage"], told["key"], told["version"]) == (stage, node.key, node.declared.version)
        assert told["params"] == json.loads(json.dumps(dict(node.params)))
        assert {role: p["key"] for role, p in told["parents"].items()} == {r: p.key for r, p in node.parents.items()}
        assert told["commit"] and told["run"]["seconds"] >= 0


def test_nothing_is_lacking_afterwards(mini):
    assert mini.plan.planned([mini.graph.views["exp"]["child"], mini.graph.data["each"]]) == []


def test_no_temporary_file_is_left(mini):
    assert [p for p in mini.store.root.rglob(".*")] == []


# ---- frames --------------------------------------------------------------------------------------------------------


def test_durations_sum_to_the_frames_that_all_features_have(mini):
    found = features(mini)
    segments = {r["id"]: r for _, r in mini.store.records(parent(mini, "segments"))}
    records = list(found.records())
    assert len(records) > 20
    for shard, labels in records:
        segment, arrays = segments[labels["id"]], found.of_utterance(shard, labels["id"])
        frames = n_frames(segment["stop"] - segment["start"], HOP)
        assert sum(labels["durations"]) == labels["n_frames"] == frames
        assert len(labels["phones"]) == len(labels["accents"]) == len(labels["devoiced"]) == len(labels["durations"])
        assert arrays["log_f0"].shape == arrays["voiced"].shape == arrays["log_energy"].shape == (frames,)
        assert arrays["mel"].shape == (frames, 80)
        assert arrays["sp"].shape == (len(arrays["f0"]), 34)
        assert abs(len(arrays["f0"]) - 200 * labels["seconds"]) <= 2
        assert all(np.isfinite(array).all() for array in arrays.values())
        assert set(np.unique(arrays["voiced"])) <= {0, 1}


def test_the_bounds_of_a_speaker_hold(mini):
    found = features(mini)
    bounds = {"MStudent": (60, 400), "Teacher": (71, 800), "FStudent": (71, 800)}
    for shard, labels in found.records():
        arrays = found.of_utterance(shard, labels["id"])
        hz = np.exp(arrays["log_f0"][arrays["voiced"] > 0])
        low, high = bounds[labels["speaker"]]
        assert low * 0.98 <= hz.min() and hz.max() <= high * 1.02


# ---- splits and statistics -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("dataset", ["mini", "each"])
def test_the_normalised_training_split_has_mean_0_and_deviation_1(mini, dataset):
    found = features(mini, dataset)
    values = {}
    for shard, labels in found.records("train"):
        arrays = found.of_utterance(shard, labels["id"])
        group = labels["speaker"] if dataset == "each" else "all"
        for name in ("mel", "log_f0", "log_energy"):
            own = arrays["log_f0"][arrays["voiced"] > 0] if name == "log_f0" else arrays[name]
            values.setdefault((name, group), []).append(found.stats.normalise(name, own, labels["speaker"]))
    assert len(values) == (9 if dataset == "each" else 3)
    for (name, group), parts in values.items():
        together = np.concatenate(parts).astype(np.float64)
        assert np.abs(together.mean(axis=0)).max() < 1e-4, (name, group)
        assert np.abs(together.std(axis=0) - 1).max() < 1e-4, (name, group)
        assert found.stats.features[name][group].count == len(together)


def test_every_utterance_is_in_one_split(mini):
    found = features(mini)
    everyone = {r["id"] for _, r in mini.store.records(parent(mini, "utterances"))}
    written = read_json(mini.store.folder(parent(mini, "splits")) / "splits.json")
    assert written.keys() == everyone and {name: found.splits[name] for name in written} == written
    folder = mini.store.folder(place(mini.graph.data["mini"]))
    lists = {split: (folder / f"{split}.list").read_text().split() for split in ("train", "dev", "eval")}
    assert all(found.splits[name] == split for split, names in lists.items() for name in names)
    assert sorted(name for names in lists.values() for name in names) == sorted(everyone)


# ---- training ------------------------------------------------------------------------------------------------------


def test_a_run_is_a_chain_of_epochs_from_its_parent(mini):
    child, ours = mini.graph.trained["exp"]["child"].node, place(mini.graph.trained["exp"]["child"].node)
    first, second = (read_json(mini.store.epoch_path(ours, epoch)) for epoch in (1, 2))
    assert (first["start"], first["epoch"], first["origin"]) == (0, 1, "pretrained weights")
    assert first["loaded"]["from"] == f"train/{child.parents['pretrain'].key}"
    assert first["loaded"]["epoch"] == 1
    assert (second["start"], second["epoch"], second["loaded"]) == (1, 2, first["loaded"])
    assert second["step"] == 2 * first["step"] > 0
    assert second["utterances"] == {"train": 22, "dev": 6}
    assert [row["epoch"] for row in second["log"]] == [1, 2]
    for told in (first, second):
        path = mini.store.folder(ours) / told["payload"]["file"]
        assert file_digest(path) == told["payload"]["sha256"]


def test_the_child_does_not_train_what_the_parent_has_trained(mini):
    parent_epochs = [job.epoch for job in mini.jobs if job.node is mini.graph.trained["exp"]["parent"].node]
    assert parent_epochs == [1]  # the epoch it is pretrained from, and no further


# ---- views ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def view(mini, tmp_path, monkeypatch):
    """exp/child, shown."""
    monkeypatch.setattr("koeru.graph.view._journal", lambda *_: None)
    node = mini.graph.views["exp"]["child"]
    names = {f"{n.node.stage}/{n.node.key}": name for name, n in reversed(mini.graph.trained["exp"].items())}
    names |= {f"exp/{node.key}": "child", f"dataset/{mini.graph.data['mini'].key}": "mini"}
    show(mini.store, tmp_path / "exp" / "child", place(node), record(node), names)
    return tmp_path / "exp" / "child"


def test_a_view_holds_what_is_promised(mini, view):
    for name in ("model.safetensors", "config.yaml", "metrics.json", "report.html", "record.json"):
        assert (view / name).stat().st_size > 0
    for kind in ("synthesised", "natural"):
        wavs = sorted((view / "samples").glob(f"*.{kind}.wav"))
        assert len(wavs) == 2
        for path in wavs:
            wav, rate = soundfile.read(path, dtype="float32")
            assert rate == 22050 and len(wav) > rate // 4 and np.isfinite(wav).all()
        eval_ids = (mini.store.folder(place(mini.graph.data["mini"])) / "eval.list").read_text().split()
        assert {path.name.removesuffix(f".{kind}.wav") for path in wavs} <= set(eval_ids)


def test_the_exported_model_is_that_of_the_last_epoch(mini, view):
    ours = place(mini.graph.trained["exp"]["child"].node)
    weights = load(mini.store.epoch_state_path(ours, 2)).model
    with safe_open(view / "model.safetensors", "pt") as file:
        assert set(file.keys()) == set(weights)
        assert all((file.get_tensor(name) == tensor).all() for name, tensor in weights.items())
        told = json.loads(file.metadata()["koeru"])
    assert told["epoch"] == 2 and told["params"]["model.hidden"] == 16
    manifest = mini.store.read_node(replace(ours, epoch=2), ModelManifest)
    seconds = manifest.log[-1]["frames"] * HOP / 22050
    assert told["trained"] == {"utterances": manifest.utterances, "hours": round(seconds / 3600, 3)}
    assert told["commit"] == manifest.commit
    assert set(told["stats"]["features"]) == {"mel", "log_f0", "log_energy"}


def test_a_view_is_packed_with_what_it_was_trained_on(mini, view):
    card = json.loads(packed(view, graphs=False)["card.json"])
    assert card["name"] == "child" and card["epoch"] == 2 and 0 < card["hours"] < 0.1
    assert {own["licence"] for own in card["trained_on"].values()} == {STAND_IN}


def test_the_metrics_and_their_baselines(view):
    found = Measurement.read(view)
    for name in ("mel_l1", "log_f0_rmse_cents"):
        metric = found.metrics[name]
        assert metric.baselines.keys() == {"phone_mean", "phone_mean_speaker"}
        for one in (metric, *metric.baselines.values()):
            assert one.interval_95[0] <= one.value <= one.interval_95[1]
    by_speaker = found.more["accent_contrast_by_speaker"]
    assert 0 <= found.metrics["accent_contrast"].value == min(by_speaker.values()) <= 1
    assert set(by_speaker) == {"Teacher", "MStudent", "FStudent"}
    assert found.metrics["duration_mae_frames"].value > 0 and len(found.rows) == 5


def test_pages_name_entries_and_not_keys(mini, view):
    page = (view / "report.html").read_text("utf-8")
    assert "child" in page and "mini" in page and "parent at epoch 1" in page
    assert "[[" not in page
    quality = (mini.store.folder(place(mini.graph.data["mini"])) / "quality.html").read_text("utf-8")
    assert f"[[dataset/{mini.graph.data['mini'].key}]]" in quality
