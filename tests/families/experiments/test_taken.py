"""Whose weights speak: those of the last epoch, or those that were kept of the best one, wherever the model is used."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors import safe_open

from koeru.data.reading import Features
from koeru.families.acoustic import exp, gta
from koeru.families.acoustic.voice import Voice
from koeru.families.experiments.taken import taken, told_of
from koeru.families.vc.converter import Converter
from koeru.families.vc.pairs import Pairs
from koeru.families.vocoder.page.training import mels
from koeru.graph.plan import place
from koeru.graph.store import Store, read_json, write_json
from koeru.report.measurement import Measurement
from koeru.training.checkpoint import load, save

STAGES = {"child": "train", "converted": "conversion"}  # experiment -> its training, of two epochs


@pytest.fixture(scope="module")
def turned(tmp_path_factory, mini):
    """The small store, as if the first of both epochs of each experiment had been the best."""
    root = tmp_path_factory.mktemp("turned")
    for folder in mini.store.root.iterdir():
        if folder.name not in ("train", "conversion", "gta", "exp"):
            (root / folder.name).symlink_to(folder)
    store = Store(root)
    for name in STAGES:
        at = replace(place(mini.graph.trained["exp"][name].node), epoch=2)
        told, state = read_json(mini.store.epoch_path(at, 2)), load(mini.store.epoch_state_path(at, 2))
        for row in (told["log"][0], state.position.log[0]):
            row["dev"]["total"] = -9.0
        state.best = load(mini.store.epoch_state_path(at, 1)).model
        save(state, store.epoch_state_path(at, 2))
        write_json(store.epoch_path(at, 2), told)
    for folder in (mini.store.root / "train").iterdir():
        if not (root / "train" / folder.name).exists():
            (root / "train" / folder.name).symlink_to(folder)
    return store


def training(mini, name):
    """Where the training of an experiment lies, at its last epoch."""
    return replace(place(mini.graph.trained["exp"][name].node), epoch=2)


def at_epoch(mini, name, epoch):
    """The weights of a model as they were."""
    return load(mini.store.epoch_state_path(training(mini, name), epoch)).model


def same(own, theirs):
    return own.keys() == theirs.keys() and all(torch.equal(own[name], theirs[name]) for name in own)


@pytest.mark.parametrize(("take", "epoch"), [("last", 2), ("best", 1)])
@pytest.mark.parametrize("name", STAGES)
def test_the_weights_of_the_epoch_that_is_taken_are_used(turned, mini, name, take, epoch):
    found = taken(turned, training(mini, name), take)
    assert found.epoch == epoch and same(found.weights, at_epoch(mini, name, epoch))
    assert found.step == read_json(mini.store.epoch_path(training(mini, name), epoch))["step"]
    node = mini.work(mini.graph.views["exp"][name].parents[{"child": "synthesis"}.get(name, "conversion_samples")])
    work = replace(node, store=turned)
    model = (
        Voice.load(Features.of(work), training(mini, name), take).model
        if name == "child"
        else Converter.load(Pairs.of(work), training(mini, name), take).model
    )
    assert same(dict(model.state_dict()), at_epoch(mini, name, epoch))


@pytest.mark.parametrize("name", STAGES)
def test_what_is_recorded_of_the_choice_is_the_epoch_and_what_decided(turned, mini, name):
    own = told_of(turned, training(mini, name), "best")
    assert own == {"take": "best", "epoch": 1, "of": 2, "dev_loss": -9.0}
    assert told_of(turned, training(mini, name), "last") | {"dev_loss": 0} == {
        "take": "last", "epoch": 2, "of": 2, "dev_loss": 0
    }  # fmt: skip


def test_metrics_say_whose_weights_they_are_of(mini):
    for name, stage in {"child": "evaluation", "converted": "conversion_evaluation"}.items():
        found = Measurement.read(mini.store.folder(place(mini.graph.views["exp"][name].parents[stage])))
        told = told_of(mini.store, training(mini, name), "last")
        assert found.more["speaks"] == told and told["epoch"] == told["of"] == 2 and told["dev_loss"] > 0


def test_the_exported_model_and_the_report_are_of_the_epoch_that_is_taken(turned, mini):
    node = mini.work(mini.graph.views["exp"]["child"])
    work = replace(node, params={**node.params, "take": "best"}, store=turned)
    exp.job(work)
    with safe_open(work.folder / "model.safetensors", "pt") as file:
        assert same({name: file.get_tensor(name) for name in file.keys()}, at_epoch(mini, "child", 1))  # noqa: SIM118
        assert json.loads(file.metadata()["koeru"])["epoch"] == 1
    page = (work.folder / "report.html").read_text("utf-8")
    assert "epoch 1 of 2, the best: its loss on the dev split is the lowest" in page
    assert "epoch 2, the last" in (mini.store.folder(node.place) / "report.html").read_text("utf-8")


def test_a_vocoder_is_taught_by_the_weights_that_speak(turned, mini):
    """The teacher-forced mels of the best epoch, and its page says so."""
    node = mini.work(mini.graph.trained["vocoder"]["taught"].node.parents["gta"])
    ours = training(mini, "child")
    parents = {**mini.work(mini.graph.trained["exp"]["child"].node).parents, "train": ours}
    parents.pop("pretrain")
    work = replace(node, params={"take": "best"}, parents=parents, store=turned)
    gta.write_shards(work, [0])
    name = work.store.read_shard(work.place, 0).utterances[0]["id"]
    features = Features.of(work)
    record = next(record for record in features.of_shard(0) if record["id"] == name)
    made = work.store.arrays(work.place, 0)[f"{name}/mel"]
    for take, alike in (("best", True), ("last", False)):
        voice = Voice.load(features, ours, take)
        mel = voice.teacher_forced(record, features.of_utterance(0, name))
        assert np.allclose(mel, made, atol=1e-5) == alike


def test_a_vocoder_s_page_names_the_epoch_that_has_taught_it(tmp_path, mini):
    vocoder = mini.graph.trained["vocoder"]["taught"].node
    manifest = mini.store.read_node(replace(place(vocoder), epoch=1))
    assert mels(mini.store, manifest).endswith("at epoch 1")
    gta_node = read_json(mini.store.node_path(place(vocoder.parents["gta"])))
    assert gta_node["speaks"]["epoch"] == 1 and gta_node["speaks"]["take"] == "last"
    other = Store(tmp_path)
    write_json(other.node_path(place(vocoder.parents["gta"])), gta_node | {"speaks": {"epoch": 7}})
    assert mels(other, manifest).endswith("at epoch 7")


def test_where_no_best_weights_were_kept_it_is_said_with_a_remedy(turned, mini, tmp_path):
    at, store = training(mini, "child"), Store(tmp_path)
    state = load(turned.epoch_state_path(at, 2))
    state.best = {}
    save(state, store.epoch_state_path(at, 2))
    with pytest.raises(ValueError, match=r"epoch_0002\.pt keeps no weights of its best epoch: set take: last"):
        taken(store, at, "best")
    assert taken(store, at, "last").epoch == 2
    for row in state.position.log:
        row["dev"] = {}
    save(state, store.epoch_state_path(at, 2))
    with pytest.raises(ValueError, match=r"no epoch is the best: no utterance of the dev split.*set take: last"):
        taken(store, at, "best")
