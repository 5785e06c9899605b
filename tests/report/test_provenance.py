"""The settings of a page are those of its own nodes, not of what these were trained from."""

from koeru.report.provenance import settings

STANDARD = {"train.batch_size": 16, "train.seed": 6, "train.max_frames": None, "synthesis.samples": 8}


def node(stage, **params):
    return {"stage": stage, "params": {name.replace("__", "."): value for name, value in params.items()}}


def test_the_nearest_node_decides_and_defaults_are_not_told():
    own, parent = node("train", train__batch_size=16, train__seed=5), node("train", train__batch_size=8, train__seed=6)
    assert [(s.name, s.value, s.source) for s in settings([own, parent], STANDARD)] == [("train.seed", 5, "train")]


def test_leaves_of_another_family_are_not_told():
    assert settings([node("vocoder", vocoder__train__batch_size=128)], STANDARD) == []


def test_a_leaf_that_a_job_does_not_read_is_not_told():
    nodes = [node("synthesis", synthesis__samples=None), node("train", train__max_frames=None)]
    assert settings(nodes, STANDARD) == []
    assert [s.value for s in settings([node("train", train__max_frames=400)], STANDARD)] == [400]
