"""What is wrong between recognisers, their datasets, and what they begin with."""

from __future__ import annotations

from collections.abc import Iterator

from koeru.config.config import Config
from koeru.config.references import Written, unknown_dataset
from koeru.families.experiments.problems import pretraining, weights
from koeru.families.recogniser.entry import RecogniserExp


def problems(config: Config, written: Written) -> Iterator[str]:
    """What is wrong with recognisers, and between them and what they name."""
    for name, exp in config["exp"].items():
        if not isinstance(exp, RecogniserExp):
            continue
        where = f"exp.{name}"
        yield from unknown_dataset(config, written, where, exp.spk)
        if exp.spk in config.spk and config.spk[exp.spk].segments.inner == "split":
            yield (
                f"{where}.spk: {exp.spk} splits its utterances (spk.{exp.spk}.segments.inner): nothing tells which "
                "part of a text a piece says"
            )
        if exp.blank_loss.reading == "none" and exp.blank_loss != type(exp.blank_loss)():
            yield f"{where}.blank_loss: is set, but its reading is none: set {where}.blank_loss.reading"
        yield from pretraining(config, written["exp"], name, exp)
        yield from weights(config, name, exp)
