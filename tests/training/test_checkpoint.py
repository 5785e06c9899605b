import os
import pickle

import pytest
import torch
from torch import nn

from koeru.data.names import Names
from koeru.models.build import NAMED_ROWS
from koeru.training import checkpoint
from koeru.training.checkpoint import Place, TrainState, load, load_pretrained, save, with_new_rows


def state(step=3):
    model = nn.Linear(2, 3)
    optimiser = torch.optim.Adam(model.parameters(), lr=0.1)
    model(torch.ones(1, 2)).sum().backward()
    optimiser.step()
    place = Place(epoch=1, batch=2, step=step, sums={"mel": [0.1, 7.0]}, log=[{"epoch": 1, "dev": {"mel": 0.3}}])
    return TrainState(model.state_dict(), optimiser.state_dict(), {"cpu": torch.get_rng_state()}, 1, place)


def test_a_saved_state_comes_back_whole(tmp_path):
    saved = state()
    save(saved, tmp_path / "new" / "a.pt")
    loaded = load(tmp_path / "new" / "a.pt")
    assert loaded.place == saved.place and loaded.threads == saved.threads
    assert torch.equal(loaded.generators["cpu"], saved.generators["cpu"])
    for name, tensor in saved.model.items():
        assert torch.equal(loaded.model[name], tensor)
    assert loaded.optimiser["param_groups"] == saved.optimiser["param_groups"]
    for key, value in saved.optimiser["state"][0].items():
        assert torch.equal(loaded.optimiser["state"][0][key], value)


@pytest.mark.parametrize("function", ["fsync", "replace"])
def test_a_write_that_fails_leaves_the_old_state(tmp_path, monkeypatch, function):
    path = tmp_path / "a.pt"
    save(state(step=3), path)

    def fail(*_):
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(os, function, fail)
        with pytest.raises(OSError, match="disk full"):
            save(state(step=4), path)
    assert load(path).place.step == 3
    save(state(step=5), path)
    assert load(path).place.step == 5
    assert [file.name for file in tmp_path.iterdir()] == ["a.pt"]


class Attack:
    def __reduce__(self):
        return (os.system, ("true",))


def test_a_file_that_would_run_code_is_refused(tmp_path):
    path = tmp_path / "a.pt"
    torch.save({"format": checkpoint.FORMAT, "model": Attack()}, path)
    with pytest.raises(ValueError, match=r"a\.pt is not a checkpoint"):
        load(path)
    path.write_bytes(pickle.dumps(Attack(), protocol=2))
    with pytest.raises(ValueError, match=r"a\.pt is not a checkpoint"):
        load(path)


@pytest.mark.parametrize("content", [b"", b"not a checkpoint"])
def test_a_file_that_is_no_checkpoint_is_named(tmp_path, content):
    path = tmp_path / "a.pt"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"a\.pt is not a checkpoint"):
        load(path)


def test_another_format_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoint, "FORMAT", 99)
    save(state(), tmp_path / "a.pt")
    monkeypatch.undo()
    with pytest.raises(ValueError, match="format 99"):
        load(tmp_path / "a.pt")


def test_pretrained_weights_fit_whole_or_not_at_all():
    source = nn.ModuleDict({"a": nn.Linear(2, 3), "b": nn.Linear(3, 3)})
    saved = state()
    saved.model = source.state_dict()
    same = nn.ModuleDict({"a": nn.Linear(2, 3), "b": nn.Linear(3, 3)})
    loaded = load_pretrained(same, saved)
    assert torch.equal(same["a"].weight, source["a"].weight)
    assert loaded.copied == tuple(source.state_dict()) and loaded.extended == ()
    other = nn.ModuleDict({"a": nn.Linear(2, 4), "c": nn.Linear(3, 3)})
    before = {name: tensor.clone() for name, tensor in other.state_dict().items()}
    with pytest.raises(ValueError) as error:
        load_pretrained(other, saved)
    message = str(error.value)
    assert message.startswith("6 tensor(s) do not fit")
    assert "c.weight: not in the loaded weights" in message
    assert "b.bias: not in the model" in message
    assert "a.weight: (3, 2) in the loaded weights, (4, 2) in the model" in message
    assert all(torch.equal(tensor, before[name]) for name, tensor in other.state_dict().items())


def test_new_rows_are_the_mean_of_the_known_ones():
    rows = torch.randn(5, 3)
    more = with_new_rows(rows, 7)
    assert more.shape == (7, 3) and torch.equal(more[:5], rows)
    torch.testing.assert_close(more[5:], rows.mean(0).expand(2, 3))
    assert torch.equal(with_new_rows(rows, 5), rows)


class Named(nn.Module):
    """A model with a row a name."""

    def __init__(self, names, width=4):
        super().__init__()
        self.speakers = nn.Embedding(len(names.speakers), width)
        self.emotions = nn.Embedding(len(names.emotions), width)
        self.layer = nn.Linear(width, 2)


PARENT = Names(("Teacher", "MStudent"), ("Normal", "Happy"))


@pytest.mark.parametrize("own", [("FStudent", "Teacher"), ("Teacher", "FStudent"), ("FStudent", "Anna", "MStudent")])
def test_shared_speakers_keep_their_row_and_new_ones_begin_as_the_mean(own):
    parent, saved = Named(PARENT), state()
    saved.model = parent.state_dict()
    names = PARENT.followed_by(Names(own, ("Happy",)))
    model = Named(names)
    loaded = load_pretrained(model, saved, extend=NAMED_ROWS)
    assert loaded.extended == ("speakers.weight",)
    assert {*loaded.copied, *loaded.extended} == set(model.state_dict())
    for name, row in names.ids["speakers"].items():
        own_row = model.speakers.weight[row]
        if name in PARENT.speakers:
            assert torch.equal(own_row, parent.speakers.weight[PARENT.ids["speakers"][name]])
        else:
            torch.testing.assert_close(own_row, parent.speakers.weight.mean(0))
    for name in loaded.copied:
        assert torch.equal(model.state_dict()[name], saved.model[name])


@pytest.mark.parametrize(
    ("model", "extend", "tensor"),
    [
        (
            Named(PARENT.followed_by(Names(("FStudent",), ()))),
            (),
            "speakers.weight: (2, 4) in the loaded weights, (3, 4)",
        ),
        (
            Named(Names(("Teacher",), PARENT.emotions)),
            NAMED_ROWS,
            "speakers.weight: (2, 4) in the loaded weights, (1, 4)",
        ),
        (Named(PARENT, width=5), NAMED_ROWS, "emotions.weight: (2, 4) in the loaded weights, (2, 5)"),
        (Named(PARENT, width=5), NAMED_ROWS, "layer.weight: (2, 4) in the loaded weights, (2, 5)"),
    ],
)
def test_any_other_shape_is_refused_by_name(model, extend, tensor):
    saved, before = state(), {name: weight.clone() for name, weight in model.state_dict().items()}
    saved.model = Named(PARENT).state_dict()
    with pytest.raises(ValueError) as error:
        load_pretrained(model, saved, extend)
    assert tensor in str(error.value)
    assert all(torch.equal(weight, before[name]) for name, weight in model.state_dict().items())
