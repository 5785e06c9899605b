"""What is wrong between vocoders, their datasets, what they start from, and the experiments that teach them."""

from __future__ import annotations

from collections.abc import Iterator

from koeru.config.config import Config
from koeru.config.nearest import nearest
from koeru.config.references import (
    Written,
    circle,
    mels,
    never_saved,
    other_mels,
    same_dataset,
    unknown_dataset,
)
from koeru.config.spk import Mel, Wav
from koeru.config.training import GRIFFIN_LIM
from koeru.families.vocoder.entry import VocoderEntry

HOP_LENGTH = 256  # samples a frame, of every published generator


def problems_of_weights(config: Config, written: Written) -> Iterator[str]:
    """What is wrong with the files that an entry of `weights` names."""
    for name, weights in config["weights"].items():
        if weights.discriminators is None and weights.discriminators_sha256 is not None:
            yield f"weights.{name}.discriminators_sha256: there are no `discriminators` for it"


def problems(config: Config, written: Written) -> Iterator[str]:
    """What is wrong with vocoders, and between them and what they start from and learn from."""
    for name, vocoder in config["vocoder"].items():
        where, spk = f"vocoder.{name}", config.spk.get(vocoder.spk)
        yield from unknown_dataset(config, written, where, vocoder.spk)
        if spk is not None and spk.mel.hop_length != HOP_LENGTH:
            yield (
                f"{where}.spk: {vocoder.spk} has mel.hop_length {spk.mel.hop_length}; a HiFi-GAN makes {HOP_LENGTH} "
                "samples of a frame"
            )
        if vocoder.train.segment_length % HOP_LENGTH:
            length = vocoder.train.segment_length
            yield f"{where}.train.segment_length: {length} samples are not whole frames of {HOP_LENGTH}"
        if name == GRIFFIN_LIM:
            yield f"{where}: is the name of the vocoder that needs no training; choose another"
        yield from _start(config, written, where, name, vocoder)
        yield from _teacher(config, written, where, vocoder)


def _start(config: Config, written: Written, where: str, name: str, vocoder: VocoderEntry) -> Iterator[str]:
    """Problems of what a vocoder starts from: published weights, or another vocoder."""
    other, weights = vocoder.started_from(), config["weights"].get(vocoder.start or "")
    published = vocoder.start in written["weights"]
    if vocoder.start is None and vocoder.optimizer == "keep":
        yield f"{where}.optimizer: there is no `start` whose moments to keep; unset it (optimizer: null)"
    if not vocoder.epochs and not published:
        yield f"{where}.epochs: without training it is published weights as they are: `start` must name some"
    elif vocoder.start is not None and other is None and not published:
        near = nearest(vocoder.start, config["weights"])
        yield f"{where}.start: there are no weights {vocoder.start!r}{near}; another vocoder is written VOCODER@EPOCH"
    if other is not None:
        if chain := circle(name, {n: (v.started_from() or (None,))[0] for n, v in config["vocoder"].items()}):
            yield f"{where}.start: the starts run in a circle ({' → '.join(chain)})"
        else:
            yield from never_saved(f"{where}.start", "vocoder", *other, config["vocoder"], written["vocoder"])
            if other[0] in config["vocoder"]:
                theirs = config["vocoder"][other[0]].spk
                yield from other_mels(config, f"{where}.start", vocoder.spk, other[0], theirs)
    if weights is not None:
        if weights.discriminators is None and vocoder.optimizer == "keep":
            yield f"{where}.optimizer: weights.{vocoder.start} has no `discriminators`, whose file holds the moments"
        if vocoder.spk in config.spk and mels(config.spk[vocoder.spk]) != (Wav().sample_rate, Mel()):
            yield f"{where}.start: published weights do not know the mels of {vocoder.spk}: leave spk.mel as it is"
    variant = getattr(weights or config["vocoder"].get(other[0] if other else ""), "variant", vocoder.variant)
    if variant != vocoder.variant:
        yield f"{where}.variant: is {vocoder.variant}, and {vocoder.start} is a {variant}"


def _teacher(config: Config, written: Written, where: str, vocoder: VocoderEntry) -> Iterator[str]:
    """Problems of the experiment that makes a vocoder's mels."""
    taught_by = vocoder.taught_by()
    if vocoder.mels == "natural":
        if vocoder.exp is not None:
            yield f"{where}.exp: natural mels need no experiment; unset it (exp: null), or set mels: teacher_forced"
    elif not vocoder.epochs:
        yield f"{where}.mels: without training there is nothing to do with teacher_forced ones"
    elif taught_by is None:
        yield f"{where}.exp: teacher-forced mels are made by an experiment at an epoch, EXP@EPOCH, such as LINE_6@500"
    else:
        yield from never_saved(f"{where}.exp", "experiment", *taught_by, config["exp"], written["exp"])
        exp = config["exp"].get(taught_by[0])
        if exp is not None and not same_dataset(config, exp.spk, vocoder.spk):
            yield f"{where}.exp: {taught_by[0]} is an experiment on {exp.spk}, the vocoder is for {vocoder.spk}"
