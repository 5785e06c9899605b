"""The settings of a page are those of its own nodes, not of what these were trained from."""

from koeru.report.provenance import settings


def node(stage, **params):
    return {"stage": stage, "params": {name.replace("__", "."): value for name, value in params.items()}}


def test_the_nearest_node_decides_and_defaults_are_not_told():
    own, parent = node("train", train__batch_size=16, train__seed=5), node("train", train__batch_size=8, train__seed=6)
    assert [(s.name, s.value, s.source) for s in settings([own, parent])] == [("train.seed", 5, "train")]


def test_leaves_of_a_vocoder_are_told():
    (found,) = settings([node("vocoder", vocoder__train__batch_size=128, vocoder__mels="natural")])
    assert (found.name, found.value, found.default) == ("vocoder.train.batch_size", 128, 16)


def test_what_another_vocoder_would_read_is_not_told():
    griffin_lim = node("synthesis", synthesis__griffin_lim_iterations=None, vocoder__take="last")
    trained = node("synthesis", synthesis__griffin_lim_iterations=30, vocoder__take=None)
    assert [s.name for s in settings([griffin_lim])] == ["vocoder.take"]
    assert [s.name for s in settings([trained])] == ["synthesis.griffin_lim_iterations"]
    assert [s.value for s in settings([node("segments", segments__min_silence_len=None)])] == [None]
