"""What is wrong between experiments in voice conversion, their datasets, and what they name."""

from __future__ import annotations

from collections.abc import Iterator

from koeru.config.config import Config
from koeru.config.references import Written, unknown_dataset
from koeru.families.experiments.problems import pretraining, speaking, weights
from koeru.families.vc.entry import VcExp


def problems(config: Config, written: Written) -> Iterator[str]:
    """What is wrong with experiments, and between them and what they name."""
    for name, exp in config["exp"].items():
        if not isinstance(exp, VcExp):
            continue
        where = f"exp.{name}"
        yield from unknown_dataset(config, written, where, exp.spk)
        if exp.spk in config.spk and not config.spk[exp.spk].pairs.speakers:
            yield f"{where}.spk: {exp.spk} has no pairs to train on: name them under spk.{exp.spk}.pairs.speakers"
        if exp.spk in config.spk and config.spk[exp.spk].segments.inner == "split":
            yield f"{where}.spk: {exp.spk} splits its utterances (spk.{exp.spk}.segments.inner): pairs are whole ones"
        if exp.model.attention_size % exp.model.heads:
            size = exp.model.attention_size
            yield f"{where}.model.attention_size: {size} does not divide into {exp.model.heads} heads"
        if exp.model.decoder == "fft" and exp.model.hidden % exp.model.heads:
            yield f"{where}.model.hidden: {exp.model.hidden} does not divide into {exp.model.heads} heads"
        yield from speaking(config, written, name, exp)
        yield from pretraining(config, written["exp"], name, exp)
        yield from weights(config, name, exp)
