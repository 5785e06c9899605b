"""The leaves of an entry, their defaults, and the grid of saved epochs."""

from hypothesis import given
from hypothesis import strategies as st

from koeru.config.base import defaults, leaves
from koeru.config.corpora import Corpus, StandIn
from koeru.config.spk import Spk
from koeru.families.acoustic.entry import Exp
from koeru.families.vocoder.entry import Weights


def test_an_entry_without_settings_has_the_defaults():
    for entry in (Spk.model_validate({"corpora": ["A"]}), Exp(spk="s"), Corpus(format="studies"), StandIn()):
        found = leaves(entry)
        assert defaults(type(entry)).items() <= found.items()
        required = {name for name, field in type(entry).model_fields.items() if field.is_required()}
        assert found.keys() - defaults(type(entry)).keys() == required


def test_no_leaf_of_a_dataset_is_one_of_an_experiment():
    """Their defaults are looked up in one table, and a node of an experiment reads leaves of both."""
    shared = defaults(Spk).keys() & defaults(Exp).keys()
    assert shared == {"note"}


def test_lists_and_dictionaries_are_one_leaf():
    spk = Spk.model_validate({"corpora": ["A"], "pitch": {"speakers": {"Teacher": {"f0_floor": 90}}}})
    assert [corpus["name"] for corpus in leaves(spk)["corpora"]] == ["A"]
    assert leaves(spk)["pitch.speakers"] == {"Teacher": {"f0_floor": 90.0, "f0_ceil": 800.0}}
    assert leaves(Exp(spk="s"))["model.kernel_sizes"] == [9, 1]


@given(st.integers(1, 400), st.integers(1, 400))
def test_the_grid_of_saved_epochs(epochs, chunk):
    grid = Exp(spk="s", epochs=epochs, chunk=chunk).saved_epochs()
    assert grid == sorted(set(grid))
    assert grid[-1] == epochs
    assert all(0 < b - a <= chunk for a, b in zip([0, *grid], grid, strict=False))
    assert all(epoch % chunk == 0 for epoch in grid[:-1])


def test_pretraining_is_an_experiment_at_an_epoch():
    assert Exp(spk="s").pretrained_from() is None
    assert Exp(spk="s", pretrain="LINE_14.b@250").pretrained_from() == ("LINE_14.b", 250)
    for nonsense in ("LINE_14", "LINE_14@", "@250", "LINE 14@250", "LINE_14@-1", "LINE_14@250@3"):
        assert Exp(spk="s", pretrain=nonsense).pretrained_from() is None


def test_bounds_of_a_speaker_that_are_not_given_are_those_of_all():
    pitch = {"f0_ceil": 400, "speakers": {"Teacher": {"f0_floor": 90}, "Ben": {"f0_ceil": 300}}}
    found = leaves(Spk.model_validate({"corpora": ["A"], "pitch": pitch}))["pitch.speakers"]
    assert found == {"Teacher": {"f0_floor": 90.0, "f0_ceil": 400.0}, "Ben": {"f0_floor": 71.0, "f0_ceil": 300.0}}


def test_a_tilde_is_the_home_in_every_path(monkeypatch):
    monkeypatch.setenv("HOME", "/home/anna")
    corpus = Corpus(format="folder", path="~/speech", labels=[{"name": "jsut-lab", "path": "~/labels"}])
    assert corpus.path == "/home/anna/speech"
    assert corpus.labels[0].path == "/home/anna/labels"
    weights = Weights(generator="~/g_1", discriminators="~/do_1")
    assert (weights.generator, weights.discriminators) == ("/home/anna/g_1", "/home/anna/do_1")
