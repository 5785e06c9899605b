"""What is wrong between experiments of any type, their vocoders, and the ones that they are pretrained from."""

from __future__ import annotations

from collections.abc import Iterator

from koeru.config.config import Config
from koeru.config.nearest import nearest
from koeru.config.references import Written, circle, never_saved, other_mels
from koeru.config.training import GRIFFIN_LIM
from koeru.families.experiments.entry import Experiment


def speaking(config: Config, written: Written, name: str, exp: Experiment) -> Iterator[str]:
    """Problems of what is to speak the mels of an experiment."""
    if exp.vocoder != GRIFFIN_LIM and exp.vocoder not in written["vocoder"]:
        near = nearest(exp.vocoder, [GRIFFIN_LIM, *config["vocoder"]])
        yield f"exp.{name}.vocoder: there is no vocoder {exp.vocoder!r}{near}"
    elif exp.vocoder in config["vocoder"]:
        yield from other_mels(config, f"exp.{name}.vocoder", exp.spk, exp.vocoder, config["vocoder"][exp.vocoder].spk)


def pretraining(config: Config, written: set[str], name: str, exp: Experiment) -> Iterator[str]:
    """Problems of the experiment that one is pretrained from; whether its weights fit, its family knows."""
    if exp.pretrain is None:
        return
    where = f"exp.{name}.pretrain"
    parent = exp.pretrained_from()
    others = {n: e.pretrained_from() for n, e in config["exp"].items() if isinstance(e, Experiment)}
    parents = {n: found and found[0] for n, found in others.items()}
    if parent is None:
        yield f"{where}: {exp.pretrain!r} is not of the form EXP@EPOCH, such as LINE_14@250"
    elif chain := circle(name, parents):
        yield f"{where}: pretraining runs in a circle ({' → '.join(chain)})"
    else:
        yield from never_saved(where, "experiment", *parent, config["exp"], written)
