"""The settings of a page are those of its own nodes, not of what these were trained from."""

from koeru.graph.store import NodeManifest, Place, Store, write_json
from koeru.report.provenance import ancestors, settings

STANDARD = {"train.batch_size": 16, "train.seed": 6, "train.max_frames": None, "synthesis.samples": 8}


def node(stage, **params):
    leaves = {name.replace("__", "."): value for name, value in params.items()}
    return NodeManifest(stage=stage, key="ab", params=leaves, parents={})


def test_the_nearest_node_decides_and_defaults_are_not_told():
    own, parent = node("train", train__batch_size=16, train__seed=5), node("train", train__batch_size=8, train__seed=6)
    assert [(s.name, s.value, s.source) for s in settings([own, parent], STANDARD)] == [("train.seed", 5, "train")]


def test_leaves_of_another_family_are_not_told():
    assert settings([node("vocoder", vocoder__train__batch_size=128)], STANDARD) == []


def test_a_leaf_that_a_job_does_not_read_is_not_told():
    nodes = [node("synthesis", synthesis__samples=None), node("train", train__max_frames=None)]
    assert settings(nodes, STANDARD) == []
    assert [s.value for s in settings([node("train", train__max_frames=400)], STANDARD)] == [400]


def test_ancestors_come_once_the_nearest_first_and_trainings_at_their_epoch(tmp_path):
    store = Store(tmp_path)

    def write(place, *parents):
        told = {p.stage: {"stage": p.stage, "key": p.key, "epoch": p.epoch} for p in parents}
        path = store.node_path(place) if place.epoch is None else store.epoch_path(place, place.epoch)
        write_json(path, {"stage": place.stage, "key": place.key, "params": {}, "parents": told, "note": place.key})

    data, trained = Place("stats", "d"), Place("train", "t", epoch=3)
    said, measured = Place("synthesis", "s"), Place("evaluation", "e")
    for place, parents in ((data, ()), (trained, (data,)), (said, (trained, data)), (measured, (trained,))):
        write(place, *parents)
    found = ancestors(store, said, measured)
    assert [manifest.key for manifest in found] == ["s", "e", "t", "d"]
    assert found[0].parents["train"] == trained and found[2].more == {"note": "t"}
