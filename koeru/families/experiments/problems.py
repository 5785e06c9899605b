"""What is wrong between experiments of any type, their vocoders, and the ones that they are pretrained from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from koeru.config.base import leaves
from koeru.config.config import Config
from koeru.config.nearest import nearest
from koeru.config.references import Written, circle, never_saved, other_mels
from koeru.config.spk import Mel
from koeru.config.training import GRIFFIN_LIM
from koeru.families.experiments.entry import Experiment, Pretrainable
from koeru.families.experiments.weights import Leaves, Shapes, misfits, unlike
from koeru.training.parts import common_parts, covered, unknown_parts


def speaking(config: Config, written: Written, name: str, exp: Experiment) -> Iterator[str]:
    """Problems of what is to speak the mels of an experiment."""
    if exp.vocoder != GRIFFIN_LIM and exp.vocoder not in written["vocoder"]:
        near = nearest(exp.vocoder, [GRIFFIN_LIM, *config["vocoder"]])
        yield f"exp.{name}.vocoder: there is no vocoder {exp.vocoder!r}{near}"
    elif exp.vocoder in config["vocoder"]:
        yield from other_mels(config, f"exp.{name}.vocoder", exp.spk, exp.vocoder, config["vocoder"][exp.vocoder].spk)


def pretraining(config: Config, written: set[str], name: str, exp: Pretrainable) -> Iterator[str]:
    """Problems of the experiment that one is pretrained from, but for its weights."""
    if exp.pretrain is None:
        return
    where = f"exp.{name}.pretrain"
    parent = exp.pretrained_from()
    others = {n: e.pretrained_from() for n, e in config["exp"].items() if isinstance(e, Pretrainable)}
    parents = {n: found and found[0] for n, found in others.items()}
    if parent is None:
        yield f"{where}: {exp.pretrain!r} is not of the form EXP@EPOCH, such as LINE_14@250"
    elif chain := circle(name, parents):
        yield f"{where}: pretraining runs in a circle ({' → '.join(chain)})"
    else:
        yield from never_saved(where, "experiment", *parent, config["exp"], written)


def weights(config: Config, name: str, exp: Pretrainable) -> Iterator[str]:
    """Parts that an experiment names and no model has; weights of its parent that would not fit."""
    where = f"exp.{name}"
    own = _deciding(config, exp)
    ours = exp.WEIGHTS.shapes(own)
    yield from _unknown_parts(f"{where}.train.freeze", exp.train.freeze, ours)
    if exp.pretrain is None:
        if exp.partial:
            yield f"{where}.partial: is for pretraining, and there is no `pretrain`; unset it (partial: null)"
        if exp.optimizer == "keep":
            yield f"{where}.optimizer: there is no `pretrain` whose moments to keep; unset it (optimizer: null)"
        return
    parent_name, _ = exp.pretrained_from() or ("", 0)
    parent = config["exp"].get(parent_name)
    if parent is None:
        return
    if not isinstance(parent, Pretrainable):
        yield f"{where}.pretrain: {parent_name} is another kind of model; its weights mean nothing here"
        return
    theirs = _deciding(config, parent)
    yield from _unknown_parts(f"{where}.partial", exp.partial, ours | parent.WEIGHTS.shapes(theirs))
    otherwise = [leaf for leaf in exp.WEIGHTS.read_otherwise if leaf in theirs and own[leaf] != theirs[leaf]]
    if type(parent) is type(exp):
        for leaf, parts in misfits(exp.WEIGHTS.shapes, theirs, own, exp.partial).items():
            if leaf not in otherwise:
                yield (
                    f"{where}.pretrain: {leaf} is {own[leaf]} here and {theirs[leaf]} in {parent_name}: not all "
                    f"weights would fit; name {', '.join(parts)} under {where}.partial, and what does not fit begins "
                    "anew"
                )
    else:
        yield from _of_another_kind(where, exp.partial, ours, parent_name, parent.WEIGHTS.shapes(theirs))
    for leaf in otherwise:
        yield (
            f"{where}.pretrain: {leaf} is {own[leaf]} here and {theirs[leaf]} in {parent_name}: where its weights fit, "
            "they would mean something else; take a parent with the same"
        )


def _of_another_kind(
    where: str, partial: tuple[str, ...], ours: Shapes, parent_name: str, theirs: Shapes
) -> Iterator[str]:
    """Problems of a parent whose model has some parts of the same shape, and others that are its own."""
    if not any(theirs.get(part) == ours[part] and not covered(part, partial) for part in ours):
        yield f"{where}.pretrain: {parent_name} is another kind of model; of its weights, none would be taken"
    elif apart := unlike(theirs, ours, partial):
        parts = ", ".join(common_parts(apart, {*theirs, *ours}.difference(apart)))
        yield (
            f"{where}.pretrain: {parent_name} is another kind of model: name {parts} under {where}.partial, and only "
            "the rest begins with its weights"
        )


def _deciding(config: Config, exp: Pretrainable) -> Leaves:
    """The leaves of an experiment and of its dataset, among them those that decide the shapes of weights."""
    mel = config.spk[exp.spk].mel if exp.spk in config.spk else Mel()
    return leaves(exp) | {"mel.n_mels": mel.n_mels}


def _unknown_parts(where: str, parts: Iterable[str], known: Iterable[str]) -> Iterator[str]:
    """A part within a known one is left to the training, which knows every tensor."""
    for text in unknown_parts((part for part in parts if not covered(part, known)), known):
        yield f"{where}: there is no part {text}"
