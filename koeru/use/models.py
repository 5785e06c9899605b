"""Files of trained models: which family one is of, and what opens it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from koeru.audio.mel import MelSpec
from koeru.audio.vocoders import GriffinLim, MelVocoder
from koeru.config.nearest import nearest
from koeru.data.bundle import exists, is_bundle
from koeru.data.exported import GRAPHS, WEIGHTS, read_told
from koeru.families import FAMILIES
from koeru.jobs.stage import imported

MODEL = "model"  # in the view of an experiment
ITERATIONS = 60  # of Griffin-Lim


def model_file(path: Path) -> Path:
    """The file of a model that is named by itself, by its view, or by what it is packed in.

    Errors: FileNotFoundError with a remedy.
    """
    if path.is_file() and not is_bundle(path):
        return path
    if not path.exists():
        beside = (other.name for other in path.parent.iterdir()) if path.parent.is_dir() else ()
        raise FileNotFoundError(f"{path}: there is no such model{nearest(path.name, sorted(beside))}")
    if (found := _file(path, MODEL)) is None:
        raise FileNotFoundError(
            f"{path} holds no {MODEL}{WEIGHTS}: give the folder of a trained experiment, such as exp/N2C_23"
        )
    return found


def able(path: Path, what: str) -> str:
    """What opens the file of a model with which something can be done, as its family declares it; nothing is imported.

    Errors: ValueError naming the file where that cannot be done with it.
    """
    families, family = FAMILIES.at_work(_by(path, what)), read_told(path).get("family")
    if family not in families:
        own = f"of the kind {family!r}" if family else "that tells no kind"
        raise ValueError(f"{path} is a file {own}: to {what}, one of the kind {' or '.join(families)} is wanted")
    return families[family]


def opener(path: Path, what: str) -> Callable[..., Any]:
    """The function that `able` names."""
    return imported(able(path, what))


def opened(path: Path, what: str, device: str, threads: int | None) -> Any:
    """The model of a file with which something can be done, on a device ("auto", "cpu", "cuda"). Errors as `opener`."""
    open_file = opener(path, what)
    if path.suffix == GRAPHS:
        return open_file(path, "cpu" if device == "auto" else device, threads)
    import torch  # which takes a second: what can be said before is said by then

    from koeru.training.devices import accelerator

    if threads is not None:
        torch.set_num_threads(threads)
    return open_file(path, accelerator(device, "--device"))


def sound_of(model: Path, spec: MelSpec, file: Path | None = None) -> MelVocoder:
    """What makes the mels of a model sound: a file, unless given the one beside the model, or else Griffin-Lim.

    Griffin-Lim is told on standard error. Errors: ValueError naming the file where it was trained on other mels.
    """
    for family in FAMILIES.at_work("sound"):
        path = file if file is not None and not is_bundle(file) else _file(file or model.parent, family)
        if path is not None:
            made = imported(FAMILIES.at_work(_by(path, "sound"))[family])(path)
            if made.mel_spec not in (None, spec):
                raise ValueError(f"{path} speaks other mels than {model} makes: {_differing(made.mel_spec, spec)}")
            return made
    if file is not None:
        raise FileNotFoundError(f"{file} holds nothing that makes mels sound")
    print(f"{model}: no trained {family} lies beside it: Griffin-Lim speaks, and sounds like it", file=sys.stderr)
    return GriffinLim(spec, ITERATIONS)


def _file(folder: Path, name: str) -> Path | None:
    """The file of a model or of what makes it sound, in a folder or bundle: its weights, or without torch its graphs.

    Errors: ModuleNotFoundError where there are weights alone, and torch is not installed.
    """
    weights, graphs = (folder / f"{name}{suffix}" for suffix in (WEIGHTS, GRAPHS))
    with_torch, has_weights = find_spec("torch") is not None, exists(weights)
    if has_weights and with_torch:
        return weights
    if exists(graphs):
        return graphs
    if has_weights:
        raise ModuleNotFoundError(
            f"{weights}: weights want torch, which is not installed: pip install torch, or let whoever has it pack the "
            "model with --onnx"
        )
    return None


def _by(path: Path, what: str) -> str:
    """What is to be done with a file, as families declare what opens it."""
    return f"{what} by graphs" if path.suffix == GRAPHS else what


def _differing(one: MelSpec, other: MelSpec) -> str:
    """The settings in which two kinds of mels differ, as "hop_length 300, not 256"."""
    theirs = asdict(other)
    return ", ".join(
        f"{name} {value:g}, not {theirs[name]:g}" for name, value in asdict(one).items() if value != theirs[name]
    )
