"""What is wrong between experiments, their datasets, their vocoders and the ones that they are pretrained from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from koeru.config.base import leaves
from koeru.config.config import Config
from koeru.config.references import Written, unknown_dataset
from koeru.config.spk import Mel
from koeru.families.acoustic.entry import Exp
from koeru.families.acoustic.shapes import READ_OTHERWISE, misfits, shapes
from koeru.families.experiments.problems import pretraining, speaking
from koeru.training.parts import covered, unknown_parts


def experiments(config: Config) -> dict[str, Exp]:
    """The experiments of this family."""
    return {name: exp for name, exp in config["exp"].items() if isinstance(exp, Exp)}


def problems(config: Config, written: Written) -> Iterator[str]:
    """What is wrong with experiments, and between them and what they name."""
    for name, exp in experiments(config).items():
        yield from unknown_dataset(config, written, f"exp.{name}", exp.spk)
        if exp.spk in config.spk and config.spk[exp.spk].labels.times == "none":
            yield f"exp.{name}.spk: {exp.spk} has no phones to train on (spk.{exp.spk}.labels.times is none)"
        elif exp.spk in config.spk and exp.model.accent and not config.spk[exp.spk].labels.accent:
            yield f"exp.{name}.model.accent: {exp.spk} has no accent marks (spk.{exp.spk}.labels.accent is false)"
        if exp.model.hidden % exp.model.heads:
            yield f"exp.{name}.model.hidden: {exp.model.hidden} does not divide into {exp.model.heads} heads"
        yield from speaking(config, written, name, exp)
        yield from pretraining(config, written["exp"], name, exp)
        yield from _another_kind(config, name, exp)
        yield from _parts_of_a_model(config, name, exp)


def _another_kind(config: Config, name: str, exp: Exp) -> Iterator[str]:
    parent, _ = exp.pretrained_from() or (None, None)
    if not isinstance(config["exp"].get(parent, exp), Exp):
        yield f"exp.{name}.pretrain: {parent} is another kind of model; its weights mean nothing here"


def _parts_of_a_model(config: Config, name: str, exp: Exp) -> Iterator[str]:
    """Parts that an experiment names and no model has; weights of its parent that would not fit."""
    parent_name, _ = exp.pretrained_from() or (None, None)
    parent = experiments(config).get(parent_name or "")
    own = _deciding(config, exp)
    yield from _unknown_parts(f"exp.{name}.train.freeze", exp.train.freeze, shapes(own))
    if exp.pretrain is None:
        if exp.partial:
            yield f"exp.{name}.partial: is for pretraining, and there is no `pretrain`; unset it (partial: null)"
        if exp.optimizer == "keep":
            yield f"exp.{name}.optimizer: there is no `pretrain` whose moments to keep; unset it (optimizer: null)"
    elif parent is not None:
        theirs = _deciding(config, parent)
        yield from _unknown_parts(f"exp.{name}.partial", exp.partial, shapes(own) | shapes(theirs))
        for leaf, parts in misfits(theirs, own, exp.partial).items():
            yield (
                f"exp.{name}.pretrain: {leaf} is {own[leaf]} here and {theirs[leaf]} in {parent_name}: not all weights "
                f"would fit; name {', '.join(parts)} under exp.{name}.partial, and what does not fit begins anew"
            )
        for leaf in (leaf for leaf in READ_OTHERWISE if own[leaf] != theirs[leaf]):
            yield (
                f"exp.{name}.pretrain: {leaf} is {own[leaf]} here and {theirs[leaf]} in {parent_name}: its weights "
                "would fit and mean something else; take a parent with the same"
            )


def _deciding(config: Config, exp: Exp) -> dict[str, Any]:
    """The leaves of an experiment and of its dataset that may decide the shapes of weights."""
    mel = config.spk[exp.spk].mel if exp.spk in config.spk else Mel()
    return leaves(exp.model, "model.") | {"mel.n_mels": mel.n_mels}


def _unknown_parts(where: str, parts: Iterable[str], known: Iterable[str]) -> Iterator[str]:
    """A part within a known one is left to the training, which knows every tensor."""
    for text in unknown_parts((part for part in parts if not covered(part, known)), known):
        yield f"{where}: there is no part {text}"
