import os
import pickle

import pytest
import torch
from torch import nn

from koeru.training import checkpoint
from koeru.training.checkpoint import Position, TrainState, load, save
from koeru.training.machine import Machine

MACHINE = Machine(threads=1, devices=1, processor="abacus", torch="0")


def state(step=3):
    model = nn.Linear(2, 3)
    moments = {"weight": {"step": torch.tensor(3.0), "exp_avg": torch.rand(3, 2), "exp_avg_sq": torch.rand(3, 2)}}
    place = Position(epoch=1, batch=2, step=step, sums={"mel": [0.1, 7.0]}, log=[{"epoch": 1, "dev": {"mel": 0.3}}])
    place.at_start = {"mel": 0.5}
    best = {"bias": torch.rand(3)}
    return TrainState(model.state_dict(), moments, {"cpu": torch.get_rng_state()}, MACHINE, place, best)


def test_a_saved_state_comes_back_whole(tmp_path):
    saved = state()
    save(saved, tmp_path / "new" / "a.pt")
    loaded = load(tmp_path / "new" / "a.pt")
    assert loaded.position == saved.position and loaded.machine == saved.machine
    assert torch.equal(loaded.generators["cpu"], saved.generators["cpu"])
    for name, tensor in saved.model.items():
        assert torch.equal(loaded.model[name], tensor)
    assert loaded.best.keys() == {"bias"} and torch.equal(loaded.best["bias"], saved.best["bias"])
    assert loaded.moments.keys() == saved.moments.keys()
    for kind, value in saved.moments["weight"].items():
        assert torch.equal(loaded.moments["weight"][kind], value)


def test_a_file_that_is_older_than_what_is_kept_of_the_best_is_read(tmp_path):
    save(state(), tmp_path / "a.pt")
    content = torch.load(tmp_path / "a.pt", weights_only=True)
    del content["best"], content["place"]["at_start"]
    torch.save(content, tmp_path / "a.pt")
    loaded = load(tmp_path / "a.pt")
    assert (loaded.best, loaded.position.at_start, loaded.position.step) == ({}, {}, 3)


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
    assert load(path).position.step == 3
    save(state(step=5), path)
    assert load(path).position.step == 5
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


@pytest.mark.parametrize("version", [1, 99, None])
def test_another_format_is_refused_in_words(tmp_path, version):
    torch.save({"format": version, "model": {}}, tmp_path / "a.pt")
    words = rf"a\.pt has checkpoint format {version}, this koeru reads 2: .* delete the folder of the run"
    with pytest.raises(ValueError, match=words):
        load(tmp_path / "a.pt")
