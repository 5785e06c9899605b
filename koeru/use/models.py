"""Files of trained models: which family one is of, and what opens it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from koeru.audio.mel import MelSpec
from koeru.audio.vocoders import GriffinLim, MelVocoder
from koeru.config.nearest import nearest
from koeru.families import FAMILIES
from koeru.jobs.stage import imported
from koeru.training.exported import read_told

MODEL = "model.safetensors"  # in the view of an experiment
ITERATIONS = 60  # of Griffin-Lim


def model_file(path: Path) -> Path:
    """The file of a model that is named by itself or by its view. Errors: FileNotFoundError with a remedy."""
    if path.is_file():
        return path
    if not path.is_dir():
        beside = (other.name for other in path.parent.iterdir()) if path.parent.is_dir() else ()
        raise FileNotFoundError(f"{path}: there is no such model{nearest(path.name, sorted(beside))}")
    if not (path / MODEL).is_file():
        raise FileNotFoundError(f"{path} holds no {MODEL}: give the folder of a trained experiment, such as exp/N2C_23")
    return path / MODEL


def opener(path: Path, what: str) -> Callable[..., Any]:
    """What opens the file of a model with which something can be done, by the family that the file tells.

    Errors: ValueError naming the file where that cannot be done with it.
    """
    able, family = FAMILIES.at_work(what), read_told(path).get("family")
    if family not in able:
        own = f"of the kind {family!r}" if family else "that tells no kind"
        raise ValueError(f"{path} is a file {own}: to {what}, one of the kind {' or '.join(able)} is wanted")
    return imported(able[family])


def opened(path: Path, what: str, device: str, threads: int | None) -> Any:
    """The model of a file with which something can be done, on a device ("auto", "cpu", "cuda"). Errors as `opener`."""
    open_file = opener(path, what)
    import torch  # which takes a second: what can be said before is said by then

    from koeru.training.devices import accelerator

    if threads is not None:
        torch.set_num_threads(threads)
    return open_file(path, accelerator(device, "--device"))


def sound_of(model: Path, spec: MelSpec, file: Path | None = None) -> MelVocoder:
    """What makes the mels of a model sound: a file, unless given the one beside the model, or else Griffin-Lim.

    Griffin-Lim is told on standard error. Errors: ValueError naming the file where it was trained on other mels.
    """
    for family, function in FAMILIES.at_work("sound").items():
        path = file or model.with_name(f"{family}.safetensors")
        if file is not None or path.is_file():
            made = imported(function)(path)
            if made.mel_spec not in (None, spec):
                raise ValueError(f"{path} speaks other mels than {model} makes: {_differing(made.mel_spec, spec)}")
            return made
    print(f"{model}: no trained {family} lies beside it: Griffin-Lim speaks, and sounds like it", file=sys.stderr)
    return GriffinLim(spec, ITERATIONS)


def _differing(one: MelSpec, other: MelSpec) -> str:
    """The settings in which two kinds of mels differ, as "hop_length 300, not 256"."""
    theirs = asdict(other)
    return ", ".join(
        f"{name} {value:g}, not {theirs[name]:g}" for name, value in asdict(one).items() if value != theirs[name]
    )
