"""Pretraining through the real jobs: global prosody, then local as well, then a frozen extractor; and less than before.

`of_global` is trained from scratch, `of_both` goes on from it with what the local prosody needs, `listener` from
`of_both`. `unmoved` takes the weights of `parent` but for its emotions.
"""

import shutil
from argparse import Namespace
from dataclasses import replace

import pytest
import torch
from configured import written
from in_process import Made, made, script

from koeru.config.base import over
from koeru.data.reading import Features
from koeru.data.vocabulary import Vocabulary
from koeru.families.acoustic.build import NAMED_ROWS, build_model
from koeru.families.acoustic.entry import Model
from koeru.graph.plan import place
from koeru.graph.store import Store, read_json, write_json
from koeru.training.beginning import known, pretrained
from koeru.training.checkpoint import load, save
from koeru.training.parts import covers

LOCAL = "prosody.predictor.local"
SMALL = {"prosody_emb_dim": 4, "prosody_filter_size": 8, "prosody_gru_size": 8, "num_gaussians": 2}
EXPERIMENTS = {
    "of_global": {
        "base": "parent",
        "model": {"global_prosody": True, "global_num_gaussians": 2, **SMALL},
        "epochs": 1,
    },
    "of_both": {
        "base": "of_global",
        "model": {"local_prosody": True},
        "pretrain": "of_global@1",
        "partial": [LOCAL],
        "optimizer": "keep",
        "epochs": 2,
    },
    "listener": {
        "base": "of_both",
        "train": {"freeze": ["prosody.extractor"]},
        "pretrain": "of_both@2",
        "partial": None,
        "epochs": 1,
    },
    "unmoved": {
        "base": "parent",
        "model": {"emotion": False},
        "pretrain": "parent@1",
        "partial": ["emotions"],
        "epochs": 1,
    },
}


def another_store(mini, folder, trainings=()):
    """A store with the data of the small one, and its trainings of the given keys."""
    for stage in mini.store.root.iterdir():
        if stage.name != "train":
            (folder / stage.name).symlink_to(stage)
    (folder / "train").mkdir()
    for training in trainings:
        (folder / "train" / training.name).symlink_to(training)
    return Store(folder)


@pytest.fixture(scope="module")
def chain(mini, tmp_path_factory) -> Made:
    """The trainings of EXPERIMENTS, in a store of their own."""
    raw = written(mini.graph.config)
    root = tmp_path_factory.mktemp("chain")
    another_store(mini, root, (mini.store.root / "train").iterdir())
    trained = made(raw | {"exp": raw["exp"] | EXPERIMENTS}, root)
    for name in EXPERIMENTS:
        node = trained.graph.trained["exp"][name].node
        for epoch in range(1, trained.graph.config["exp"][name].epochs + 1):
            trained.run_job(trained.plan.epochs(node, epoch))
    return trained


def told(chain, name, epoch=1):
    return read_json(chain.store.epoch_path(place(chain.graph.trained["exp"][name].node), epoch))


def state(chain, name, epoch=1):
    return load(chain.store.epoch_state_path(place(chain.graph.trained["exp"][name].node), epoch))


def beginning(chain, name, **params):
    """What the job of an experiment begins with: its state, and what it tells."""
    work = chain.work(chain.graph.trained["exp"][name].node)
    work = replace(work, params={**work.params, **params})
    features = Features.of(work)
    vocabulary = known(work, 0, features.vocabulary)
    torch.manual_seed(work["train.seed"])
    model = build_model(over(Model, work.params, "model."), vocabulary, features.stats)
    drawn = {tensor: value.clone() for tensor, value in model.state_dict().items()}
    first, loaded = pretrained(work, 0, model, features.vocabulary, NAMED_ROWS)
    return drawn, first, loaded and loaded.to_dict()


def test_what_was_loaded_and_what_not_is_in_every_manifest(chain):
    for epoch in (1, 2):
        loaded = told(chain, "of_both", epoch)["loaded"]
        assert loaded["fresh"] and all(covers(LOCAL, name) for name in loaded["fresh"])
        assert (loaded["left"], loaded["extended"]) == ([], [])
        assert loaded["copied"] == list(state(chain, "of_global").model)
        assert loaded["tensors"] == len(loaded["copied"]) + len(loaded["fresh"]) == len(state(chain, "of_both").model)
        assert (loaded["optimizer"], loaded["step"]) == ("keep", told(chain, "of_global")["step"])


def test_all_but_the_named_part_begins_as_the_parent_ended(chain):
    drawn, first, _ = beginning(chain, "of_both")
    parent = state(chain, "of_global")
    for name, tensor in first.model.items():
        assert torch.equal(tensor, drawn[name] if covers(LOCAL, name) else parent.model[name]), name
    assert any(not torch.equal(drawn[name], tensor) for name, tensor in parent.model.items())
    assert first.moments.keys() == parent.moments.keys()


def test_kept_steps_add_up_along_the_chain_and_new_tensors_count_their_own(chain):
    steps = told(chain, "of_global")["step"]  # of one epoch
    assert [told(chain, "of_both", epoch)["step"] for epoch in (1, 2)] == [2 * steps, 3 * steps]
    assert told(chain, "listener")["step"] == 4 * steps
    for name, moments in state(chain, "of_both", 2).moments.items():
        assert moments["step"] == (2 if covers(LOCAL, name) else 3) * steps, name
    assert [row["epoch"] for row in told(chain, "of_both", 2)["log"]] == [1, 2]


def test_reset_begins_anew(chain):
    _, first, loaded = beginning(chain, "of_both", optimizer="reset")
    assert (first.position.step, first.moments, loaded["step"]) == (0, {}, 0)
    steps = told(chain, "parent")["step"]
    assert told(chain, "unmoved")["step"] == steps


def test_two_chunks_are_one_also_where_the_optimizer_is_kept(chain, mini, tmp_path):
    parent = chain.store.folder(place(chain.graph.trained["exp"]["of_global"].node))
    store = another_store(mini, tmp_path, [parent])
    work = replace(chain.work(chain.graph.trained["exp"]["of_both"].node), store=store)
    script("training").job(work, Namespace(start=0, epoch=2))
    whole, chunks = load(store.epoch_state_path(work.place, 2)), state(chain, "of_both", 2)
    assert all(torch.equal(whole.model[name], tensor) for name, tensor in chunks.model.items())
    assert read_json(store.epoch_path(work.place, 2))["loaded"] == told(chain, "of_both", 2)["loaded"]


def test_a_frozen_part_is_the_parents_for_ever_and_the_manifest_counts_it(chain):
    parent, child = state(chain, "of_both", 2), state(chain, "listener")
    frozen = [name for name in child.model if covers("prosody.extractor", name)]
    assert all(torch.equal(child.model[name], parent.model[name]) for name in frozen)
    assert any("running_mean" in name for name in frozen)
    assert not torch.equal(child.model["to_mel.weight"], parent.model["to_mel.weight"])
    assert not set(frozen) & child.moments.keys()
    manifest, weights = told(chain, "listener"), [name for name in frozen if "running" not in name]
    assert manifest["frozen"] == sum(child.model[name].numel() for name in weights) < manifest["parameters"]
    assert told(chain, "of_both")["frozen"] == 0


def test_what_the_child_lacks_is_left_and_told(chain, capsys):
    loaded = told(chain, "unmoved")["loaded"]
    assert (loaded["fresh"], loaded["left"]) == ([], ["emotions.weight"])
    assert "emotions.weight" not in state(chain, "unmoved").model
    assert told(chain, "unmoved")["emotions"] == told(chain, "parent")["emotions"]
    beginning(chain, "unmoved")
    line = capsys.readouterr().err
    assert "1 tensor of the parent not used: emotions; optimizer reset, from step 0" in line


def test_new_tensors_are_told_by_their_part(chain, capsys):
    _, _, loaded = beginning(chain, "of_both")
    line = capsys.readouterr().err
    assert f"{len(loaded['fresh'])} tensors not from the parent: {LOCAL}; optimizer keep, from step " in line


def test_a_job_whose_entry_names_no_part_lists_every_tensor(chain):
    fresh = told(chain, "of_both")["loaded"]["fresh"]
    with pytest.raises(ValueError, match=rf"^{len(fresh)} tensor\(s\) do not fit") as error:
        beginning(chain, "of_both", partial=[])
    assert [line.split(":")[0].strip() for line in str(error.value).splitlines()[1:]] == fresh


def test_names_stay_those_of_the_parent(chain):
    assert Vocabulary.of(told(chain, "listener")) == Vocabulary.of(told(chain, "of_global"))


def test_the_symbols_of_a_parent_keep_their_rows_whatever_the_alphabet_is_today(chain, mini, tmp_path):
    """The parent knew other symbols, in another order: its child has its rows, and new ones behind them."""
    work = chain.work(chain.graph.trained["exp"]["of_both"].node)
    parent, store = work.parents["pretrain"], another_store(mini, tmp_path)
    shutil.copytree(chain.store.folder(parent), store.folder(parent))
    content, weights = told(chain, "of_global", parent.epoch), state(chain, "of_global", parent.epoch)
    content["symbols"] = content["symbols"][:0:-1]  # without the padding, from the last
    weights.model["phones.weight"] = rows = weights.model["phones.weight"].flip(0)[:-1].clone()
    write_json(store.epoch_path(parent, parent.epoch), content)
    save(weights, store.epoch_state_path(parent, parent.epoch))
    work = replace(work, store=store)
    features = Features.of(work)
    vocabulary = known(work, 0, features.vocabulary)
    assert vocabulary.symbols == (*features.vocabulary.symbols[:0:-1], features.vocabulary.symbols[0])
    model = build_model(over(Model, work.params, "model."), vocabulary, features.stats)
    _, loaded = pretrained(work, 0, model, features.vocabulary, NAMED_ROWS)
    assert "phones.weight" in loaded.weights.extended and loaded.more["new_symbols"] == [features.vocabulary.symbols[0]]
    assert torch.equal(model.phones.weight[:-1], rows)


def test_a_run_goes_on_with_the_alphabet_that_it_began_with(chain, mini, tmp_path):
    store = another_store(mini, tmp_path)
    work = replace(chain.work(chain.graph.trained["exp"]["parent"].node), store=store)
    work.folder.mkdir()
    begun = Features.of(work).vocabulary
    assert known(work, 0, begun) == begun
    later = replace(begun, symbols=(*begun.symbols, "new"), marks=begun.marks[::-1])
    assert known(work, 0, later) == begun
