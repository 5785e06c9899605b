"""Tables of shapes against the models themselves, built without memory for their weights."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from torch import nn

from koeru.families.experiments.weights import Weights, misfits
from koeru.training.checkpoint import Position, TrainState
from koeru.training.machine import Machine
from koeru.training.parts import covered
from koeru.training.pretraining import Loaded, load_pretrained

MACHINE = Machine(threads=1, devices=1, processor="", torch="")
Leaves = Mapping[str, Any]


def differing(ours: nn.Module, theirs: nn.Module) -> set[str]:
    """The tensors that one of the models lacks, or has in another shape."""
    own, others = ({name: tensor.shape for name, tensor in m.state_dict().items()} for m in (ours, theirs))
    return {name for name in own | others if own.get(name) != others.get(name)}


def load(ours: nn.Module, theirs: nn.Module, partial: tuple[str, ...], **how: Any) -> Loaded:
    """Load the weights of one model into another."""
    return load_pretrained(ours, TrainState(theirs.state_dict(), {}, {}, MACHINE, Position()), partial=partial, **how)


def check_parts(weights: Weights, model: nn.Module, chosen: Leaves) -> None:
    """Every tensor is in one part, and no part is empty."""
    names, parts = list(model.state_dict()), weights.shapes(chosen)
    assert all(sum(covered(name, [part]) for part in parts) == 1 for name in names)
    assert all(any(covered(name, [part]) for name in names) for part in parts)


def check_misfits(weights: Weights, model: Callable[[Leaves], nn.Module], own: Leaves, parent: Leaves) -> None:
    """The table says which tensors of two models differ; who names what it tells can load all the rest."""
    ours, theirs = model(own), model(parent)
    found = differing(ours, theirs)
    told = tuple({part for parts in misfits(weights.shapes, parent, own, ()).values() for part in parts})
    assert all(covered(name, told) for name in found)
    assert all(any(covered(name, [part]) for name in found) for part in told)
    assert misfits(weights.shapes, parent, own, told) == {}
    loaded = load(ours, theirs, told)
    assert {*loaded.fresh, *loaded.left} == found


def check_leaf(
    weights: Weights, model: Callable[[Leaves], nn.Module], base: Leaves, leaf: str, values: Sequence[Any]
) -> bool:
    """A leaf is told if and only if it decides a shape; whether it does."""
    other = {**base, leaf: next(value for value in values if value != base[leaf])}
    found, told = differing(model(base), model(other)), misfits(weights.shapes, other, base, ())
    assert told.keys() == ({leaf} if found else set())
    return bool(found)
