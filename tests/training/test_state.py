"""A state that is taken and put back: training goes on with the same bits, and moments follow names."""

import copy
from dataclasses import replace

import pytest
import torch
from torch import nn

from koeru.training.checkpoint import Position, load, save
from koeru.training.machine import Machine
from koeru.training.state import moments_of, restore, snapshot

CPU = torch.device("cpu")
MACHINE = Machine.of(CPU, threads=1)


class Model(nn.Module):
    """Parts of several shapes, a buffer, and a parameter that no loss reaches."""

    def __init__(self, parts=("a", "b")):
        super().__init__()
        for part in parts:
            setattr(self, part, nn.Linear(3, 3))
        self.norm = nn.BatchNorm1d(3)
        self.idle = nn.Parameter(torch.ones(2))

    def forward(self, x):
        for part in ("a", "b", "c"):
            if hasattr(self, part):
                x = torch.dropout(getattr(self, part)(x), 0.5, True)
        return self.norm(x).square().sum()


def adam(model, **settings):
    return torch.optim.Adam(model.parameters(), **{"lr": 0.01, "fused": True, **settings})


def steps(model, optimiser, count):
    for _ in range(count):
        optimiser.zero_grad()
        model(torch.randn(5, 3)).backward()
        optimiser.step()


def started(count=3, **settings):
    torch.manual_seed(0)
    model = Model()
    optimiser = adam(model, **settings)
    steps(model, optimiser, count)
    return model, optimiser, snapshot(model, [optimiser], CPU, MACHINE, Position(epoch=1, step=count))


def test_a_restored_training_goes_on_with_the_same_bits(tmp_path):
    model, optimiser, state = started()
    save(state, tmp_path / "a.pt")
    steps(model, optimiser, 4)
    torch.manual_seed(99)
    other = Model()
    own = adam(other)
    assert restore(load(tmp_path / "a.pt"), other, [own], CPU, MACHINE) == state.position
    steps(other, own, 4)
    for name, tensor in model.state_dict().items():
        assert torch.equal(other.state_dict()[name], tensor), name
    theirs, ours = moments_of(model, [optimiser]), moments_of(other, [own])
    assert all(torch.equal(ours[name][kind], v) for name, kinds in theirs.items() for kind, v in kinds.items())


def test_a_state_is_left_as_it_is():
    _, _, state = started()
    state = copy.deepcopy(state)
    before = copy.deepcopy(state)
    model = Model()
    optimiser = adam(model)
    place = restore(state, model, [optimiser], CPU, MACHINE)
    place.step += 1
    steps(model, optimiser, 1)
    assert state.position == before.position
    assert all(torch.equal(state.model[name], tensor) for name, tensor in before.model.items())
    for name, kinds in before.moments.items():
        assert all(torch.equal(state.moments[name][kind], value) for kind, value in kinds.items())


def test_moments_are_by_name_and_only_of_what_was_updated():
    model, _, state = started(count=3)
    updated = {name for name, _ in model.named_parameters()} - {"idle"}
    assert state.moments.keys() == updated
    assert all(kinds.keys() == {"step", "exp_avg", "exp_avg_sq"} for kinds in state.moments.values())
    assert all(kinds["step"] == 3 for kinds in state.moments.values())


def test_moments_follow_their_name_whatever_the_order_and_the_groups():
    _, _, state = started()
    other = Model(("b", "a"))
    named = dict(other.named_parameters())
    frozen = [name for name in named if name.startswith("a.")]
    free = [parameter for name, parameter in named.items() if name not in frozen]
    own = torch.optim.Adam([{"params": free[1:]}, {"params": free[:1]}], lr=0.01)
    restore(state, other, [own], CPU, MACHINE)
    found = moments_of(other, [own])
    assert found.keys() == state.moments.keys() - set(frozen)
    assert all(torch.equal(v, state.moments[name][kind]) for name, kinds in found.items() for kind, v in kinds.items())


def test_moments_of_several_optimisers_are_told_apart_by_name():
    """Saved by one optimiser of all parameters or by two of some each, they come back into the other."""
    _, _, state = started()
    other = Model()
    named = dict(other.named_parameters())
    two = [torch.optim.Adam([p for name, p in named.items() if name.startswith("a.") == first]) for first in (0, 1)]
    restore(state, other, two, CPU, MACHINE)
    found = moments_of(other, two)
    assert found.keys() == state.moments.keys() and all(len(one.state) for one in two)
    again = Model()
    own = adam(again)
    restore(snapshot(other, two, CPU, MACHINE, Position()), again, [own], CPU, MACHINE)
    for moments in (found, moments_of(again, [own])):
        assert all(
            torch.equal(value, moments[name][kind])
            for name, kinds in state.moments.items()
            for kind, value in kinds.items()
        )


def test_what_the_optimiser_knew_before_is_forgotten():
    _, _, state = started()
    model, optimiser, _ = started(count=7)
    restore(replace(state, moments={}), model, [optimiser], CPU, MACHINE)
    assert moments_of(model, [optimiser]) == {}


def test_settings_of_the_optimiser_are_those_of_the_run_not_of_the_file():
    _, _, state = started(betas=(0.5, 0.6), eps=0.1)
    model = Model()
    optimiser = adam(model, betas=(0.9, 0.98), eps=1e-9)
    restore(state, model, [optimiser], CPU, MACHINE)
    (group,) = optimiser.param_groups
    assert (group["betas"], group["eps"]) == ((0.9, 0.98), 1e-9)


def test_a_state_that_begins_a_training_leaves_the_generators_to_the_caller(caplog):
    _, _, state = started()
    model = Model()
    torch.manual_seed(5)
    seeded = torch.get_rng_state()
    restore(replace(state, generators={}, machine=replace(MACHINE, threads=7)), model, [adam(model)], CPU, MACHINE)
    assert torch.equal(torch.get_rng_state(), seeded)
    assert not caplog.text


@pytest.mark.parametrize(("machine", "told"), [(MACHINE, False), (replace(MACHINE, threads=2), True)])
def test_another_machine_is_announced(caplog, machine, told):
    _, _, state = started()
    model = Model()
    restore(state, model, [adam(model)], CPU, machine)
    assert ("inexact resume" in caplog.text) is told


def test_a_model_with_other_parts_is_refused():
    _, _, state = started()
    model = Model(("a", "b", "c"))
    with pytest.raises(ValueError, match=r"c\.weight: not in the loaded weights"):
        restore(state, model, [adam(model)], CPU, MACHINE)
