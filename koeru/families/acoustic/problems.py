"""What is wrong between experiments, their datasets, their vocoders and the ones that they are pretrained from."""

from __future__ import annotations

from collections.abc import Iterator

from koeru.config.config import Config
from koeru.config.references import Written, unknown_dataset
from koeru.families.acoustic.entry import Exp
from koeru.families.experiments.problems import pretraining, speaking, weights


def problems(config: Config, written: Written) -> Iterator[str]:
    """What is wrong with experiments, and between them and what they name."""
    for name, exp in config["exp"].items():
        if not isinstance(exp, Exp):
            continue
        yield from unknown_dataset(config, written, f"exp.{name}", exp.spk)
        if exp.spk in config.spk and config.spk[exp.spk].labels.times == "none":
            yield f"exp.{name}.spk: {exp.spk} has no phones to train on (spk.{exp.spk}.labels.times is none)"
        elif exp.spk in config.spk and exp.model.accent and not config.spk[exp.spk].labels.accent:
            yield f"exp.{name}.model.accent: {exp.spk} has no accent marks (spk.{exp.spk}.labels.accent is false)"
        if exp.model.hidden % exp.model.heads:
            yield f"exp.{name}.model.hidden: {exp.model.hidden} does not divide into {exp.model.heads} heads"
        yield from speaking(config, written, name, exp)
        yield from pretraining(config, written["exp"], name, exp)
        yield from weights(config, name, exp)
