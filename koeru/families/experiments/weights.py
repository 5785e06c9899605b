"""Whether the weights of one experiment fit the model of another: told before any job, without torch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from koeru.training.parts import common_parts, covered

Leaves = Mapping[str, Any]  # leaf -> value, of an experiment, and its dataset's `mel.n_mels`
Shapes = dict[str, tuple[Any, ...]]  # part of a model -> the values that the shapes of its tensors depend on


@dataclass(frozen=True)
class Weights:
    """What decides the weights of a kind of experiment.

    `shapes` gives the parts of the model that some leaves describe. Parts of two models, also of different kinds, that
    have one name and equal values have tensors of the same names and shapes. With other values of the leaves in
    `read_otherwise` the same weights fit, and mean something else.
    """

    shapes: Callable[[Leaves], Shapes]
    read_otherwise: tuple[str, ...]


def misfits(
    shapes: Callable[[Leaves], Shapes], parent: Leaves, own: Leaves, partial: tuple[str, ...]
) -> dict[str, list[str]]:
    """The leaves with which a parent's weights would not fit: leaf -> the parts that it decides and `partial` lacks.

    Parts are told as the widest ones in which nothing fits.
    """
    theirs, ours = shapes(parent), shapes(own)
    differing = unlike(theirs, ours, partial)
    fitting = {*theirs, *ours}.difference(differing)
    found = {}
    for leaf in (leaf for leaf in own if own[leaf] != parent[leaf]):
        flips = [(theirs, shapes({**parent, leaf: own[leaf]})), (ours, shapes({**own, leaf: parent[leaf]}))]
        decided = [p for p in differing if any(_changed(p, *flip, p in theirs and p in ours) for flip in flips)]
        if decided:
            found[leaf] = common_parts(decided, fitting)
    return found


def unlike(theirs: Shapes, ours: Shapes, partial: Iterable[str]) -> list[str]:
    """The parts that one of two models lacks, or has in another shape, and that `partial` does not name."""
    partial = tuple(partial)
    return [part for part in theirs | ours if theirs.get(part) != ours.get(part) and not covered(part, partial)]


def _changed(part: str, before: Shapes, after: Shapes, in_both: bool) -> bool:
    """Whether another value of a leaf changes a part's shapes; of what one model lacks, whether the part is there."""
    if in_both:
        return part in after and after[part] != before[part]
    return (part in after) != (part in before)
