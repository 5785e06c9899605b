"""The stage `weights`: files that an entry names become a state that trainings and syntheses read."""

import shutil
from pathlib import Path

import pytest
import torch
from in_process import made

from koeru.families.vocoder import weights_file
from koeru.families.vocoder.entry import VocoderTrain
from koeru.families.vocoder.hifigan import MultiPeriodDiscriminator, MultiScaleDiscriminator, generator
from koeru.families.vocoder.published import (
    UNKNOWN,
    generator_weights,
    write_discriminators,
    write_generator,
    write_own,
)
from koeru.graph.plan import place
from koeru.graph.store import file_digest, read_json
from koeru.training.checkpoint import Position, TrainState, load

CORPUS = {"corpora": {"S": {"format": "studies", "stand_in": {"minutes": 1.9}}}, "spk": {"mini": {"corpora": ["S"]}}}


@pytest.fixture(scope="module")
def delivered(tmp_path_factory):
    """A folder with the files of a vocoder, and its state."""
    torch.manual_seed(0)
    parts = {
        "generator": generator("v2", n_mels=30),
        "discriminators.mpd": MultiPeriodDiscriminator((2, 3, 4, 5, 6)),
        "discriminators.msd": MultiScaleDiscriminator((16,) * 7),
    }
    model = {f"{part}.{name}": tensor for part, module in parts.items() for name, tensor in module.state_dict().items()}
    moments = {
        f"{part}.{name}": {"step": torch.tensor(7.0), "exp_avg": p.detach() / 2, "exp_avg_sq": p.detach().square()}
        for part, module in parts.items()
        for name, p in module.named_parameters()
    }
    state = TrainState(model, moments, {}, UNKNOWN, Position(epoch=3, step=41))
    folder = tmp_path_factory.mktemp("delivered")
    write_generator(generator_weights(state), folder / "g_00000041")
    write_discriminators(state, folder / "do_00000041", VocoderTrain())
    return folder, state


@pytest.fixture
def weights(tmp_path, monkeypatch, delivered):
    """Gives the plan and the node of an entry `universal`, in a working folder that has the files."""
    working = tmp_path / "working"
    shutil.copytree(delivered[0], working / "weights")
    monkeypatch.chdir(working)
    monkeypatch.setattr(weights_file, "ROOT", tmp_path / "own")

    def weights(**changes):
        entry = {"variant": "v2", "source": "the page of its authors", "generator": "weights/g_00000041"}
        for leaf, value in changes.items():
            entry[leaf] = value
        for leaf in ("generator", "discriminators"):
            if leaf in entry and (file := Path(entry[leaf])).is_file():
                entry.setdefault(f"{leaf}_sha256", file_digest(file))
        vocoder = {"spk": "mini", "start": "universal", "variant": entry["variant"], "epochs": 0}
        plan = made(CORPUS | {"weights": {"universal": entry}, "vocoder": {"as_it_is": vocoder}}, tmp_path / "store")
        return plan, plan.graph.trained["vocoder"]["as_it_is"].node

    return weights


DO = {"discriminators": "weights/do_00000041"}


def told(plan, node):
    """What node.json of the node tells, and the state beside it."""
    folder = plan.store.folder(place(node))
    return read_json(folder / "node.json"), load(folder / "state.pt")


def test_the_state_is_that_of_the_files(weights, delivered, capsys):
    plan, node = weights(**DO)
    plan.run([node])
    manifest, state = told(plan, node)
    _, expected = delivered
    assert state.position == expected.position and state.generators == {}
    assert state.model.keys() == expected.model.keys() and state.moments.keys() == expected.moments.keys()
    assert all(torch.equal(tensor, expected.model[name]) for name, tensor in state.model.items())
    for name, kinds in expected.moments.items():
        assert all(torch.equal(state.moments[name][kind], values) for kind, values in kinds.items())
    assert (manifest["stage"], manifest["key"], manifest["variant"]) == ("weights", node.key, "v2")
    assert (manifest["step"], manifest["epoch"], manifest["n_mels"]) == (41, 3, 30)
    assert manifest["discriminators"] and manifest["parameters"]["generator"] == 928_514 - 50 * 128 * 7  # 30 bands
    updated = sum(kinds["exp_avg"].numel() for kinds in expected.moments.values())
    assert manifest["parameters"].keys() == {"generator", "mpd", "msd"}
    assert sum(manifest["parameters"].values()) == updated
    assert manifest["channels"] == {"mpd": [2, 3, 4, 5, 6], "msd": [16] * 7}
    assert manifest["moments"] == len(expected.moments)
    payload = plan.store.folder(place(node)) / manifest["payload"]["file"]
    assert manifest["payload"]["sha256"] == file_digest(payload)
    assert capsys.readouterr().err == ""


def test_a_missing_discriminator_start_is_said_aloud(weights, capsys):
    plan, node = weights()
    plan.run([node])
    manifest, state = told(plan, node)
    assert "universal has no discriminators: a training begins with random ones" in capsys.readouterr().err
    assert not manifest["discriminators"] and manifest["parameters"].keys() == {"generator"}
    assert (state.moments, state.position, manifest["channels"]) == ({}, Position(), {})
    assert all(name.startswith("generator.") for name in state.model)


def test_koerus_own_file_lies_in_its_own_folder(weights, delivered, tmp_path):
    own = tmp_path / "own" / "weights" / "small.safetensors"
    own.parent.mkdir(parents=True)
    generator = {n.removeprefix("generator."): t for n, t in delivered[1].model.items() if n.startswith("generator.")}
    write_own(generator, own, {"variant": "v2", "step": 5, "epoch": 1})
    plan, node = weights(generator="weights/small.safetensors", generator_sha256=file_digest(own))
    plan.run([node])
    manifest, state = told(plan, node)
    assert (manifest["step"], manifest["epoch"]) == (5, 1) and manifest["files"].keys() == {
        "weights.universal.generator"
    }
    assert manifest["files"]["weights.universal.generator"]["path"] == str(own)
    assert len(state.model) == len(generator)


def test_the_same_files_make_the_same_state_wherever_they_lie(weights, tmp_path):
    plan, node = weights(**DO)
    plan.run([node])
    moved = tmp_path / "elsewhere"
    Path("weights").rename(moved)
    other, same = weights(generator=str(moved / "g_00000041"), discriminators=str(moved / "do_00000041"))
    assert same.key == node.key
    before, _ = told(plan, node)
    shutil.rmtree(plan.store.folder(place(node)))
    other.run([same])
    assert told(other, same)[0]["payload"] == before["payload"]


def test_files_that_are_not_there_are_told(weights, tmp_path):
    plan, node = weights(generator="weights/g_1", generator_sha256="0" * 64)
    with pytest.raises(FileNotFoundError) as error:
        plan.run([node])
    message = str(error.value)
    looked_for = (str(Path.cwd() / "weights/g_1"), str(tmp_path / "own" / "weights/g_1"))
    for word in (*looked_for, "the page of its authors", "`vocoder: griffin-lim`", "weights.universal.generator"):
        assert word in message
    plan, node = weights(discriminators="weights/do_1")
    with pytest.raises(FileNotFoundError, match=r"weights\.universal\.discriminators: there is no file"):
        plan.run([node])


def test_nothing_is_left_of_files_that_are_refused(weights):
    for changes in ({"generator_sha256": None}, {"generator_sha256": "0" * 64}, {"variant": "v1"}):
        plan, node = weights(**changes)
        with pytest.raises(ValueError, match=r"weights\.universal"):
            plan.run([node])
        assert not plan.store.folder(place(node)).exists()


def test_every_leaf_of_the_stage_is_read(weights):
    plan, node = weights(**DO)
    plan.run([node])
    assert plan.leaves["weights"] == set(node.params)
    assert plan.settings["weights"] == set(node.settings) - {"rights"}, "which only the record of a view tells"
