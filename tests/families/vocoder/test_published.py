"""Published checkpoints, read and written: not a bit is lost, and moments find their parameters."""

import copy
import json
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
import torch
from published_files import (
    BASE_LR,
    EPOCH,
    LR_DECAY,
    STEPS,
    Published,
    as_of_old,
    entry,
    give_gradients,
    trained,
    write_files,
)

from koeru.families.vocoder.entry import VocoderTrain
from koeru.families.vocoder.hifigan import VARIANTS, MultiPeriodDiscriminator, MultiScaleDiscriminator, generator
from koeru.families.vocoder.published import (
    UNKNOWN,
    generator_weights,
    published_config,
    read,
    write_discriminators,
    write_generator,
    write_own,
)
from koeru.training.checkpoint import Position, TrainState
from koeru.training.state import moments_of, put_moments


@pytest.fixture(scope="module")
def modules():
    """Trained modules; not to be changed."""
    return trained()


@pytest.fixture(scope="module")
def whole(modules):
    """What their files hold; not to be changed."""
    return modules.content()


@pytest.fixture
def source(tmp_path):
    """Writes files into a folder, and gives the entry that names them."""
    return partial(write_files, tmp_path)


def same(ours: Any, theirs: Any) -> bool:
    """Whether nested dictionaries hold the same keys, and values of the same bits."""
    if isinstance(ours, dict):
        return ours.keys() == theirs.keys() and all(same(ours[name], theirs[name]) for name in ours)
    if isinstance(ours, torch.Tensor):
        return ours.dtype == theirs.dtype and torch.equal(ours, theirs)
    return ours == theirs


def same_state(ours: TrainState, theirs: TrainState) -> bool:
    return all(same(getattr(ours, name), getattr(theirs, name)) for name in vars(ours))


# ---- reading --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("of_old", [False, True], ids=["torch of today", "torch 1.4"])
def test_the_next_step_in_koeru_is_the_published_one(source, whole, of_old):
    g, do = whole
    state = read(source(g, as_of_old(do) if of_old else do, legacy=of_old))
    assert state.position == Position(epoch=EPOCH, step=STEPS)
    assert (state.generators, state.machine, state.position.log) == ({}, UNKNOWN, [])

    theirs = Published.small()
    theirs.load(g, do)
    ours = Published.small().model
    ours.load_state_dict(state.model)
    # The order of koeru's optimiser is another one.
    optimiser = torch.optim.AdamW(reversed(list(ours.parameters())), lr=BASE_LR, betas=(0.8, 0.99))
    put_moments(state.moments, ours, [optimiser])
    before = copy.deepcopy(ours.state_dict())
    theirs.step(seed=7)
    give_gradients(ours, seed=7)
    optimiser.step()
    assert same(dict(ours.state_dict()), dict(theirs.model.state_dict()))
    assert not any(torch.equal(before[name], tensor) for name, tensor in ours.named_parameters())
    assert all(moments["step"] == 3 for moments in moments_of(ours, [optimiser]).values())


def test_a_generator_alone_has_neither_moments_nor_a_place(source, whole):
    g, _ = whole
    state = read(source(g))
    assert (state.moments, state.position) == ({}, Position())
    assert same(state.model, {f"generator.{name}": tensor for name, tensor in g["generator"].items()})


def test_the_published_sizes_are_read(source):
    torch.manual_seed(0)
    with torch.device("meta"):
        parts = Published(generator("v1"), MultiPeriodDiscriminator(), MultiScaleDiscriminator())

    def thin(tensor, value):  # one number in the file, whatever the shape
        return torch.tensor(value).expand(tensor.shape)

    def optimiser(*modules):
        shapes = [p for module in modules for p in module.parameters()]
        state = {i: {"step": 9, "exp_avg": thin(p, 0.5), "exp_avg_sq": thin(p, 0.25)} for i, p in enumerate(shapes)}
        return {"state": state, "param_groups": [{"params": list(state)}]}

    weights = {
        part: {name: thin(tensor, 1.0) for name, tensor in getattr(parts, part).state_dict().items()}
        for part in ("generator", "mpd", "msd")
    }
    optimisers = {"optim_g": optimiser(parts.generator), "optim_d": optimiser(parts.msd, parts.mpd)}
    do = {"mpd": weights["mpd"], "msd": weights["msd"], **optimisers, "steps": STEPS, "epoch": EPOCH}
    state = read(source({"generator": weights["generator"]}, do, variant="v1"))
    expected = {name: tensor.shape for name, tensor in parts.model.state_dict().items()}
    assert {name: tensor.shape for name, tensor in state.model.items()} == expected
    assert state.moments.keys() == dict(parts.model.named_parameters()).keys()
    assert sum(moments["exp_avg_sq"].numel() for moments in state.moments.values()) == 84_660_721


# ---- writing --------------------------------------------------------------------------------------------------------


@pytest.fixture
def state(modules):
    """The state of a vocoder of koeru in training."""
    moments = moments_of(modules.model, [modules.optim_g, modules.optim_d])
    return TrainState(dict(modules.model.state_dict()), moments, {}, UNKNOWN, Position(epoch=12, step=3456))


def test_what_is_written_is_read_back_bit_for_bit(tmp_path, state):
    paths = {"generator": tmp_path / "g", "discriminators": tmp_path / "do"}
    write_generator(generator_weights(state), paths["generator"])
    write_discriminators(state, paths["discriminators"], VocoderTrain())
    found = read(entry(paths))
    assert same_state(found, state)
    again = {"generator": tmp_path / "g2", "discriminators": tmp_path / "do2"}
    write_generator(generator_weights(found), again["generator"])
    write_discriminators(found, again["discriminators"], VocoderTrain())
    assert same_state(read(entry(again)), state)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["do", "do2", "g", "g2"]


def test_the_published_code_goes_on_from_what_is_written(tmp_path, state, modules):
    write_generator(generator_weights(state), tmp_path / "g")
    write_discriminators(state, tmp_path / "do", VocoderTrain(base_lr=BASE_LR, lr_decay=LR_DECAY), 5)
    assert not (tmp_path / "do").read_bytes().startswith(b"PK")  # a zip file, which torch 1.4 does not read
    g, do = (torch.load(tmp_path / name, weights_only=True) for name in ("g", "do"))
    assert (do["steps"], do["epoch"]) == (3456, 12)
    theirs, alike = Published.small(), Published.small()
    theirs.load(g, do)
    alike.load(*modules.content())
    rate = BASE_LR * LR_DECAY ** (5 + 12)
    for optimiser, other in ((theirs.optim_g, alike.optim_g), (theirs.optim_d, alike.optim_d)):
        (group,), (others,) = optimiser.param_groups, other.param_groups
        assert (tuple(group["betas"]), group["eps"], group["weight_decay"]) == ((0.8, 0.99), 1e-8, 0.01)
        assert group["lr"] == pytest.approx(rate, rel=1e-12)
        # Of the schedule's own first step the versions of torch think differently.
        schedule = torch.optim.lr_scheduler.ExponentialLR(optimiser, gamma=LR_DECAY, last_epoch=do["epoch"])
        assert schedule.base_lrs == [BASE_LR]
        group["lr"] = others["lr"] = rate
    for side in (theirs, alike):
        side.step(seed=9)
    assert same(dict(theirs.model.state_dict()), dict(alike.model.state_dict()))


def test_the_best_generator_is_another_one(tmp_path, state):
    best = {name.removeprefix("generator."): t + 1 for name, t in state.model.items() if name.startswith("generator.")}
    with pytest.raises(ValueError, match="no best epoch"):
        write_generator(generator_weights(state, "best"), tmp_path / "g")
    write_generator(generator_weights(replace(state, best=best), "best"), tmp_path / "g")
    found = read(entry({"generator": tmp_path / "g"}))
    assert same(found.model, {f"generator.{name}": tensor for name, tensor in best.items()})


def test_nothing_is_written_without_discriminators_or_moments(tmp_path, state):
    alone = {name: tensor for name, tensor in state.model.items() if name.startswith("generator.")}
    with pytest.raises(ValueError, match="has no discriminators"):
        write_discriminators(replace(state, model=alone), tmp_path / "do", VocoderTrain())
    fewer = {name: moments for name, moments in state.moments.items() if ".mpd." not in name}
    with pytest.raises(ValueError, match=r"no optimiser's moments of 90 of 154 parameters.*discriminators\.mpd\."):
        write_discriminators(replace(state, moments=fewer), tmp_path / "do", VocoderTrain())
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("place", [{}, {"step": 77, "epoch": 3}])
def test_koerus_own_file_is_read_back(tmp_path, whole, place):
    path, (g, _) = tmp_path / "small.safetensors", whole
    write_own(dict(reversed(g["generator"].items())), path, {"variant": "v2", "voices": "学生", **place})
    state = read(entry({"generator": path}))
    assert list(state.model) == [f"generator.{name}" for name in g["generator"]]
    assert same(state.model, {f"generator.{name}": tensor for name, tensor in g["generator"].items()})
    assert (state.moments, state.position) == ({}, Position(**place))
    write_own(g["generator"], tmp_path / "again", {**place, "voices": "学生", "variant": "v2"})
    assert (tmp_path / "again").read_bytes() == path.read_bytes()


SETTINGS = {
    "wav.sample_rate": 22050,
    "mel.n_fft": 1024,
    "mel.hop_length": 256,
    "mel.win_length": 1024,
    "mel.n_mels": 80,
    "mel.fmin": 0,
    "mel.fmax": 8000,
    "vocoder.train.batch_size": 16,
    "vocoder.train.base_lr": 0.0002,
    "vocoder.train.lr_decay": 0.999,
    "vocoder.train.seed": 773,
    "vocoder.train.segment_length": 8192,
}


def test_the_configuration_has_the_names_that_the_published_code_reads():
    told = json.loads(json.dumps(published_config("v3", SETTINGS)))
    assert (
        told
        | {
            "resblock": "2",
            "upsample_rates": [8, 8, 4],
            "upsample_kernel_sizes": [16, 16, 8],
            "upsample_initial_channel": 256,
            "resblock_kernel_sizes": [3, 5, 7],
            "resblock_dilation_sizes": [[1, 2], [2, 6], [3, 12]],
            "segment_size": 8192,
            "num_mels": 80,
            "n_fft": 1024,
            "hop_size": 256,
            "win_size": 1024,
            "sampling_rate": 22050,
            "fmin": 0,
            "fmax": 8000,
            "fmax_for_loss": None,
            "batch_size": 16,
            "learning_rate": 0.0002,
            "adam_b1": 0.8,
            "adam_b2": 0.99,
            "lr_decay": 0.999,
            "seed": 773,
        }
        == told
    )
    for leaf in SETTINGS:
        assert published_config("v1", SETTINGS | {leaf: 2 * SETTINGS[leaf] + 2}) != published_config("v1", SETTINGS)
    assert len({json.dumps(published_config(variant, SETTINGS)) for variant in VARIANTS}) == 3
