"""Vocoders through the real job: from nothing, from another vocoder, from published weights; natural and forced mels.

Discriminators are narrow and clips short; the generator is V3, the quickest.
"""

import json
import subprocess
import sys
from argparse import Namespace
from dataclasses import replace

import pytest
import torch
from configured import written
from in_process import SCRIPTS, made, script

from koeru.config.base import over
from koeru.data.split_table import write_splits
from koeru.families.vocoder import prepare
from koeru.families.vocoder import task as vocoder
from koeru.families.vocoder.entry import VocoderEntry
from koeru.families.vocoder.family import FAMILY, INERT
from koeru.families.vocoder.hifigan import generator
from koeru.families.vocoder.model import build_hifigan
from koeru.graph.plan import place
from koeru.graph.store import Store, read_json
from koeru.training.checkpoint import Position, TrainState, load, save
from koeru.training.machine import Machine

WIDTHS = {"mpd_channels": [2, 4, 4, 4, 4], "msd_channels": [4, 16, 16, 16, 16, 16, 4]}
TRAIN = {"threads": 1, "device": "cpu", "batch_size": 8, "segment_length": 1024, "base_lr": 1e-3}
NOTHING = {"adversarial_weight": 0, "features_weight": 0}
VOCODERS = {
    "first": {"spk": "mini", "variant": "v3", **WIDTHS, "train": TRAIN, "epochs": 2, "chunk": 1},
    "kept": {"base": "first", "start": "first@2", "optimizer": "keep", "epochs": 1},
    "again": {"base": "first", "start": "kept@1", "optimizer": "keep", "epochs": 2},
    "forced": {"base": "first", "start": "first@2", "mels": "teacher_forced", "exp": "wgmm@1", "epochs": 1},
    "alone": {"base": "first", "start": "first@1", "train": NOTHING, "epochs": 1},
    "wider": {"base": "first", "start": "first@1", "mpd_channels": [2, 4, 4, 4, 8], "epochs": 1},
    "other": {"base": "first", "variant": "v2", "epochs": 1},
    "tuned": {"base": "first", "start": "published", "epochs": 1},
}
WEIGHTS = {"published": {"variant": "v3", "generator": "g_1", "generator_sha256": "0" * 64}}
held_out = vocoder.held_out


@pytest.fixture(scope="module", autouse=True)
def few_are_held_out():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vocoder, "held_out", lambda *arguments: held_out(*arguments, most=6))
        yield


@pytest.fixture(scope="module")
def chain(mini, tmp_path_factory):
    """The vocoders first, kept, again, forced and alone, in a store of their own."""
    root = tmp_path_factory.mktemp("vocoders")
    for stage in mini.store.root.iterdir():
        (root / stage.name).symlink_to(stage)
    raw = written(mini.graph.config)
    for exp in raw["exp"].values():
        if "vocoder" in exp:
            exp["vocoder"] = "griffin-lim"
    built = made(raw | {"vocoder": VOCODERS, "weights": WEIGHTS}, root)
    for name in ("first", "kept", "again", "forced", "alone"):
        node = built.graph.trained["vocoder"][name].node
        for epoch in range(1, VOCODERS[name].get("epochs") + 1):
            built.run_job(built.plan.epochs(node, epoch))
    return built


def told(chain, name, epoch=1):
    return read_json(chain.store.epoch_path(place(chain.graph.trained["vocoder"][name].node), epoch))


def state(chain, name, epoch=1):
    return load(chain.store.epoch_state_path(place(chain.graph.trained["vocoder"][name].node), epoch))


def job(work, epoch, start=0):
    script("training").job(work, Namespace(start=start, epoch=epoch))
    return load(work.store.epoch_state_path(work.place, epoch)), read_json(work.store.epoch_path(work.place, epoch))


def elsewhere(chain, name, folder, without=(), **params):
    """The work of a vocoder over the same data and beside the others, but without its own epochs."""
    work = chain.work(chain.graph.trained["vocoder"][name].node)
    for stage in chain.store.root.iterdir():
        if stage.name != "vocoder":
            (folder / stage.name).symlink_to(stage)
    (folder / "vocoder").mkdir()
    for own in (chain.store.root / "vocoder").iterdir():
        if own.name not in (work.place.key, *without):
            (folder / "vocoder" / own.name).symlink_to(own)
    return replace(work, store=Store(folder), params={**work.params, **params})


def beginning(work):
    """What a job begins with: its state, and what it tells."""
    torch.manual_seed(work["vocoder.train.seed"])
    entry = over(VocoderEntry, work, "vocoder.")
    model = build_hifigan(entry, work["mel.n_mels"], work["mel.hop_length"])
    drawn = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    first, loaded = prepare.started(work, entry, 0, model)
    return drawn, first, loaded and loaded.to_dict()


def test_the_manifest_tells_of_the_run(chain, mini):
    manifest, trained = told(chain, "first", 2), state(chain, "first", 2)
    mels = [r for _, r in mini.store.records(place(mini.graph.data["mini"].parents["mel"]))]
    splits = read_json(mini.store.folder(place(mini.graph.data["mini"].parents["splits"])) / "splits.json")
    count = {split: sum(splits[r["utterance"]] == split for r in mels) for split in ("train", "dev")}
    assert manifest["utterances"] == count and manifest["excluded"] == [] and min(count.values()) > 0
    assert (manifest["epoch"], manifest["start"], manifest["origin"]) == (2, 1, "epoch 1")
    assert manifest["step"] == trained.position.step == 2 * -(-count["train"] // 8)
    sizes = {"generator": 0, "discriminators": 0}
    for name, tensor in trained.model.items():
        if name in trained.moments:  # and no buffer
            sizes[name.partition(".")[0]] += tensor.numel()
    assert manifest["parameters"] == sizes and min(sizes.values()) > 0
    assert manifest["loaded"] is None and manifest["log"] == trained.position.log and len(manifest["log"]) == 2
    assert manifest["at_start"] == told(chain, "first")["at_start"] == trained.position.at_start
    best = min(manifest["log"], key=lambda row: row["dev"]["mel"])
    assert manifest["best"] == {"epoch": best["epoch"], "mel": best["dev"]["mel"]}
    assert manifest["payload"]["bytes"] > 0 and manifest["parents"]["mel"]["stage"] == "mel"
    assert all(row["dev"].keys() == {"mel"} and row["frames"] == 4 * count["train"] for row in manifest["log"])


def test_it_reads_the_leaves_that_its_key_hashes_and_the_settings_of_its_node(chain):
    assert chain.leaves["vocoder"] == set(FAMILY.stages["vocoder"].reads)
    assert chain.settings["vocoder"] == set(INERT)


def test_two_chunks_are_one(chain, tmp_path):
    whole, manifest = job(elsewhere(chain, "first", tmp_path), 2)
    chunks = state(chain, "first", 2)
    for part in ("model", "best"):
        own, other = getattr(whole, part), getattr(chunks, part)
        assert own.keys() == other.keys() and all(torch.equal(tensor, other[name]) for name, tensor in own.items())
    assert manifest["at_start"] == told(chain, "first", 2)["at_start"] and manifest["start"] == 0


def test_a_rolling_checkpoint_is_gone_on_with(chain, tmp_path):
    work = elsewhere(chain, "first", tmp_path)
    save(state(chain, "first"), work.folder / "rolling.pt")
    again, manifest = job(work, 2)
    assert manifest["origin"] == "rolling checkpoint at epoch 1, batch 0" and manifest["start"] == 1
    other = state(chain, "first", 2).model
    assert all(torch.equal(tensor, other[name]) for name, tensor in again.model.items())


def test_the_error_of_the_start_is_that_which_it_ended_with(chain):
    assert told(chain, "kept")["at_start"] == told(chain, "first", 2)["last"]["dev"]
    assert told(chain, "alone")["at_start"] == told(chain, "first")["last"]["dev"]
    assert told(chain, "forced")["at_start"] != told(chain, "first", 2)["last"]["dev"]


def test_all_begins_as_the_start_ended(chain, tmp_path):
    for number, name in enumerate(("kept", "forced")):
        (folder := tmp_path / str(number)).mkdir()
        _, first, loaded = beginning(elsewhere(chain, name, folder))
        parent = state(chain, "first", 2)
        assert first.model.keys() == parent.model.keys()
        assert all(torch.equal(tensor, parent.model[part]) for part, tensor in first.model.items())
        assert (loaded["fresh"], loaded["left"], loaded["notes"]) == ((), (), [])
        assert first.moments.keys() == (parent.moments.keys() if name == "kept" else set())


def test_kept_optimisers_go_on_with_their_steps_and_epochs_along_the_chain(chain):
    steps = told(chain, "first")["step"]
    assert [told(chain, "kept")["step"], told(chain, "again", 2)["step"]] == [3 * steps, 5 * steps]
    chunks = (("kept", 1), ("again", 1), ("again", 2))
    assert [told(chain, name, epoch)["loaded"]["epochs"] for name, epoch in chunks] == [2, 3, 3]
    assert {int(moments["step"]) for moments in state(chain, "again", 2).moments.values()} == {5 * steps}
    assert (told(chain, "forced")["step"], told(chain, "forced")["loaded"]["epochs"]) == (steps, 0)
    work = chain.work(chain.graph.trained["vocoder"]["again"].node)
    assert prepare.prepare(work, 2).task.epochs_before == 3


def test_teacher_forced_mels_are_what_it_learns_from(chain, mini):
    records = [r for _, r in mini.store.records(place(mini.graph.trained["vocoder"]["taught"].node.parents["gta"]))]
    splits = read_json(mini.store.folder(place(mini.graph.data["mini"].parents["splits"])) / "splits.json")
    segments = {r["id"]: r for _, r in mini.store.records(place(mini.graph.data["mini"].parents["segments"]))}
    count = {s: sum(splits[segments[r["id"]]["utterance"]] == s for r in records) for s in ("train", "dev")}
    assert told(chain, "forced")["utterances"] == count and min(count.values()) > 0
    assert set(told(chain, "forced")["parents"]) == {"wav", "segments", "splits", "gta", "start"}


def test_discriminators_that_have_no_weight_are_left_aloud(chain, tmp_path, capsys):
    loaded, trained = told(chain, "alone")["loaded"], state(chain, "alone")
    assert all(name.startswith("generator.") for name in trained.model) and loaded["fresh"] == []
    assert all(name.startswith("discriminators.") for name in loaded["left"]) and loaded["left"]
    assert told(chain, "alone")["parameters"]["discriminators"] == 0
    (note,) = loaded["notes"]
    assert note == f"the discriminators of {loaded['from']} are not used: here they have no weight"
    beginning(elsewhere(chain, "alone", tmp_path))
    assert f"vocoder: {note}" in capsys.readouterr().err


def test_discriminators_of_other_widths_begin_with_random_weights_aloud(chain, tmp_path, capsys):
    drawn, first, loaded = beginning(elsewhere(chain, "wider", tmp_path))
    assert loaded["fresh"] and all(name.startswith("discriminators.mpd.") for name in loaded["fresh"])
    assert all(torch.equal(first.model[name], drawn[name]) for name in loaded["fresh"])
    parent = state(chain, "first").model
    assert all(torch.equal(first.model[name], parent[name]) for name in loaded["copied"])
    own = f"the multi-period discriminator begins with random weights: {loaded['from']} has none of these widths"
    assert loaded["notes"] == [own] and f"vocoder: {own}" in capsys.readouterr().err


def weights(chain, folder, moments):
    """A work that starts from published weights of a generator, which have moments or not."""
    work = elsewhere(chain, "tuned", folder)
    torch.manual_seed(5)
    model = {f"generator.{name}": tensor for name, tensor in generator("v3").state_dict().items()}
    known = {
        name: {"step": torch.tensor(70.0), "exp_avg": tensor * 0, "exp_avg_sq": tensor * 0}
        for name, tensor in model.items()
    }
    published = TrainState(model, known if moments else {}, {}, Machine(1, 1, "", ""), Position(step=70, epoch=9))
    save(published, work.store.folder(work.parents["start"]) / "state.pt")
    return work, model


def test_a_start_without_discriminators_is_said_aloud(chain, tmp_path, capsys):
    work, model = weights(chain, tmp_path, moments=False)
    trained, manifest = job(work, 1)
    own = f"the discriminators begin with random weights: weights/{work.parents['start'].key} has none"
    assert manifest["loaded"]["notes"] == [own] and f"vocoder: {own}" in capsys.readouterr().err
    assert set(manifest["loaded"]["copied"]) == set(model) and manifest["loaded"]["epoch"] is None
    assert manifest["step"] == told(chain, "first")["step"] and manifest["origin"] == "pretrained weights"
    assert not torch.equal(trained.model["generator.conv_pre.bias"], model["generator.conv_pre.bias"])


def test_published_optimisers_are_gone_on_with(chain, tmp_path):
    work, _ = weights(chain, tmp_path, moments=True)
    _, first, loaded = beginning(replace(work, params={**work.params, "vocoder.optimizer": "keep"}))
    assert (first.position.step, first.position.epoch, loaded["step"], loaded["epochs"]) == (70, 0, 70, 9)
    assert first.moments.keys() == {name for name in first.model if name.startswith("generator.")}


def test_moments_that_are_to_be_kept_must_be_there(chain, tmp_path):
    work, _ = weights(chain, tmp_path, moments=False)
    said = r"keep, but weights/\w+ has no state of the optimizer for generator: choose reset"
    with pytest.raises(ValueError, match=said):
        beginning(replace(work, params={**work.params, "vocoder.optimizer": "keep"}))


def test_another_generator_is_refused(chain, tmp_path):
    work = elsewhere(chain, "kept", tmp_path, **{"vocoder.variant": "v2"})
    said = r"^the generator of vocoder/\w+ is another one than vocoder.variant says: \d+ tensor"
    with pytest.raises(ValueError, match=said):
        beginning(work)


def test_a_later_chunk_needs_the_start_no_more(chain, tmp_path):
    start = chain.graph.trained["vocoder"]["kept"].node.key
    work = elsewhere(chain, "again", tmp_path, without=[start])
    own = chain.store.folder(place(chain.graph.trained["vocoder"]["again"].node))
    work.folder.mkdir()
    for file in ("epoch_0001.json", "epoch_0001.pt"):
        (work.folder / file).symlink_to(own / file)
    again, manifest = job(work, 2, start=1)
    other = state(chain, "again", 2).model
    assert all(torch.equal(tensor, other[name]) for name, tensor in again.model.items())
    assert manifest["loaded"] == told(chain, "again")["loaded"]
    assert manifest["at_start"] == told(chain, "again")["at_start"]


def test_a_dataset_without_dev_is_refused(chain, tmp_path):
    work = elsewhere(chain, "first", tmp_path)
    splits = read_json(work.store.folder(work.parents["splits"]) / "splits.json")
    (tmp_path / "splits").unlink()
    (other := work.store.folder(work.parents["splits"])).mkdir(parents=True)
    write_splits(other / "splits.json", ((utterance, "train") for utterance in splits))
    with pytest.raises(ValueError, match=r"no utterance of the dev split is left: .* change splits\.dev"):
        job(work, 1)


def test_several_ranks_and_workers_run_the_script(chain, tmp_path):
    node = chain.graph.trained["vocoder"]["first"].node
    work = elsewhere(chain, "first", tmp_path)
    spec = node.spec()
    spec["settings"] = spec["settings"] | {"vocoder.train.devices": 2, "vocoder.train.workers": 1}
    (tmp_path / "plan.json").write_text(json.dumps({"nodes": {f"vocoder/{node.key}": spec}}), encoding="utf-8")
    command = [sys.executable, SCRIPTS / "training.py", "--node", f"vocoder/{node.key}", "--epoch", "1"]
    done = subprocess.run(
        [*command, "--plan", tmp_path / "plan.json", "--store", tmp_path], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    manifest = read_json(work.store.epoch_path(work.place, 1))
    assert manifest["machine"]["devices"] == 2 and done.stderr.count("steps in") == 1
    assert {path.name for path in work.folder.iterdir()} == {"epoch_0001.json", "epoch_0001.pt", "log"}
    alone = told(chain, "first")["log"][0]["train"]
    assert manifest["log"][0]["train"] == pytest.approx(alone, rel=0.01)
