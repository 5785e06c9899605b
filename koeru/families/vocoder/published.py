"""Published checkpoints of HiFi-GAN (jik876/hifi-gan), read into the state of a training, and written.

A file `g_*` holds {"generator": weights}; a file `do_*` {"mpd": weights, "msd": weights, "optim_g": state, "optim_d":
state, "steps": int, "epoch": int}; what else they hold is not read. The optimisers are AdamW, that of the generator
over its parameters, that of the discriminators over those of the MSD and then of the MPD, in the order in which the
modules register them. A generator alone may also be a file of koeru's own: safetensors with the same names, and with
metadata "koeru", JSON with at least "variant".

`steps` numbers the updates from 0, and `epoch` the epochs: it is the one that the last update belongs to, and so there
are `epoch` whole ones before it. They are `step` and `epoch` of the state's position, and 0 where there is no `do_*`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from koeru.families.vocoder.entry import VocoderTrain
from koeru.families.vocoder.hifigan import VARIANTS, Variant
from koeru.families.vocoder.published_parts import (
    KINDS,
    OPTIMISED,
    Part,
    Weights,
    built,
    fitting,
    fitting_moments,
    mapping,
    optimised,
    part_of,
    prefixed,
    variant_of,
)
from koeru.families.vocoder.schedule import ADAMW, learning_rate
from koeru.graph.store import file_digest, replacing
from koeru.training.checkpoint import Position, TrainState
from koeru.training.exported import read_exported, write_exported
from koeru.training.machine import Machine
from koeru.training.taking import Take

OWN = ".safetensors"  # how the names of koeru's own files end
COUNTS = {"steps": "step", "epoch": "epoch"}  # in a file `do_*`, in a position
UNKNOWN = Machine(threads=0, devices=0, processor="unknown", torch="unknown")


@dataclass(frozen=True)
class Source:
    """The files of an entry `weights.<name>`, and what the entry says of them."""

    name: str
    variant: Variant
    generator: Path
    generator_sha256: str | None
    discriminators: Path | None = None
    discriminators_sha256: str | None = None

    def files(self) -> dict[str, tuple[Path, str | None]]:
        """Leaf of the entry -> the file and the sha256 that is stated."""
        files = {"generator": (self.generator, self.generator_sha256)}
        if self.discriminators is not None:
            files["discriminators"] = (self.discriminators, self.discriminators_sha256)
        return {f"weights.{self.name}.{leaf}": file for leaf, file in files.items()}


def read(source: Source) -> TrainState:
    """The state that the files of an entry hold, on the CPU; without `do_*`, of a generator alone, without moments.

    Only tensors and plain values are unpickled: a file cannot run code. Errors: ValueError naming the file and a remedy
    where a file is damaged or is not what the entry says (its sha256, its variant, its kind), where its tensors are not
    exactly those of the models, or its moments not those of all parameters, and where the entry states no sha256.
    """
    digests = {leaf: file_digest(path) for leaf, (path, _) in source.files().items()}
    for leaf, (path, stated) in source.files().items():
        if stated not in (None, digests[leaf]):
            raise ValueError(
                f"{path} is not the file that is meant, or not all of it: its sha256 is {digests[leaf]}, "
                f"{leaf}_sha256 says {stated}: get it again, or, if this one is meant, write its sha256 there"
            )
    state = _read_generator(source)
    if source.discriminators is not None:
        state = _with_discriminators(source, state)
    # Only now: the digest of a file that is no good is not offered.
    if unstated := [leaf for leaf, (_, stated) in source.files().items() if stated is None]:
        told = "the configuration does not say which weights are meant; if it is these, write:"
        raise ValueError("\n  ".join([told, *(f"{leaf}_sha256: {digests[leaf]}" for leaf in unstated)]))
    return state


def write_generator(weights: Weights, path: Path) -> None:
    """Write the weights of a generator, under its own names, as a file `g_*`."""
    _write({"generator": dict(weights)}, path)


def write_discriminators(state: TrainState, path: Path, settings: VocoderTrain, epochs_before: int = 0) -> None:
    """Write the discriminators of a state, and both optimisers, as a file `do_*`.

    Their learning rate is that of the epoch which comes next in a training with these settings, `epochs_before` its
    beginning included. Errors: ValueError where the state lacks the discriminators, or moments.
    """
    parts = {part: part_of(state.model, part) for part in ("generator", "mpd", "msd")}
    if not parts["mpd"] or not parts["msd"]:
        raise ValueError("the vocoder has no discriminators: it was trained, or taken over, without them")
    content: dict[str, Any] = {part: parts[part] for part in ("mpd", "msd")}
    modules = {part: built(part, weights) for part, weights in parts.items()}
    rate = learning_rate(settings, epochs_before + state.position.epoch)
    group = {"lr": rate, "initial_lr": settings.base_lr, "amsgrad": False, **ADAMW}
    for optimiser in OPTIMISED:
        names = list(optimised(modules, optimiser))
        if lacking := [name for name in names if name not in state.moments]:
            told = f"{len(lacking)} of {len(names)} parameters, such as {lacking[0]}"
            raise ValueError(f"the state has no optimiser's moments of {told}: there is nothing to continue with")
        known = {number: {kind: state.moments[name][kind] for kind in KINDS} for number, name in enumerate(names)}
        content[optimiser] = {"state": known, "param_groups": [group | {"params": list(range(len(names)))}]}
    _write(content | {count: getattr(state.position, own) for count, own in COUNTS.items()}, path)


def write_own(weights: Mapping[str, Tensor], path: Path, metadata: Mapping[str, Any]) -> None:
    """Write the weights of a generator as a file of koeru's own; `metadata` has at least `variant`."""
    if metadata.get("variant") not in VARIANTS:
        raise ValueError(f"{path}: the metadata of a generator have a variant, one of {', '.join(VARIANTS)}")
    write_exported(path, weights, metadata)


def read_own(path: Path) -> tuple[Weights, dict[str, Any]]:
    """The weights of a generator in a file of koeru's own, and its metadata. Errors: ValueError naming the file."""
    return read_exported(path, "a generator", "variant")


def generator_weights(state: TrainState, take: Take = "last") -> Weights:
    """The weights of the generator of a state, under its own names. Errors: ValueError where no epoch was the best."""
    weights = part_of(state.model, "generator") if take == "last" else state.best
    if not weights:
        raise ValueError("the state has no best epoch: take the last one")
    return dict(weights)


def published_config(variant: Variant, settings: Mapping[str, Any]) -> dict[str, Any]:
    """What the published code reads from config.json; settings: leaf -> value of the vocoder's entry and its dataset.

    The mel of the loss has the full band: `fmax_for_loss` is null.
    """
    sizes = VARIANTS[variant]
    return {
        "resblock": sizes.resblock,
        "num_gpus": 0,
        "batch_size": settings["vocoder.train.batch_size"],
        "learning_rate": settings["vocoder.train.base_lr"],
        "adam_b1": ADAMW["betas"][0],
        "adam_b2": ADAMW["betas"][1],
        "lr_decay": settings["vocoder.train.lr_decay"],
        "seed": settings["vocoder.train.seed"],
        "upsample_rates": list(sizes.upsample_rates),
        "upsample_kernel_sizes": list(sizes.upsample_kernel_sizes),
        "upsample_initial_channel": sizes.channels,
        "resblock_kernel_sizes": list(sizes.resblock_kernel_sizes),
        "resblock_dilation_sizes": list(map(list, sizes.resblock_dilations)),
        "segment_size": settings["vocoder.train.segment_length"],
        "num_mels": settings["mel.n_mels"],
        "num_freq": settings["mel.n_fft"] // 2 + 1,
        "n_fft": settings["mel.n_fft"],
        "hop_size": settings["mel.hop_length"],
        "win_size": settings["mel.win_length"],
        "sampling_rate": settings["wav.sample_rate"],
        "fmin": settings["mel.fmin"],
        "fmax": settings["mel.fmax"],
        "fmax_for_loss": None,
        "num_workers": 4,
        "dist_config": {"dist_backend": "nccl", "dist_url": "tcp://localhost:54321", "world_size": 1},
    }


def _read_generator(source: Source) -> TrainState:
    path, metadata = source.generator, {}
    if path.suffix == OWN:
        weights, metadata = read_own(path)
        _check_variant(source, str(metadata["variant"]), "say its metadata")
    else:
        content = _unpickled(path)
        if "generator" not in content:
            raise ValueError(_another_kind(source, "generator", content))
        weights = mapping(path, "`generator`", content["generator"])
    if (held := variant_of(weights)) is not None:
        _check_variant(source, held, f"conv_pre has {VARIANTS[held].channels} channels")
    weights = fitting(path, "generator", weights, built("generator", weights, source.variant))
    position = Position(**{own: _count(path, own, metadata.get(own, 0)) for own in COUNTS.values()})
    return TrainState(prefixed(weights, "generator"), {}, {}, UNKNOWN, position)


def _with_discriminators(source: Source, state: TrainState) -> TrainState:
    """The state of a generator, with the discriminators, the moments of both and the position in a file `do_*`."""
    path = source.discriminators
    content = {"generator": None} if path.suffix == OWN else _unpickled(path)
    if not {"mpd", "msd"} <= content.keys():
        raise ValueError(_another_kind(source, "discriminators", content))
    if lacking := [entry for entry in (*OPTIMISED, *COUNTS) if entry not in content]:
        without = " and the state of the optimiser is missing" if {*OPTIMISED} & {*lacking} else ""
        raise ValueError(
            f"{path} has no `{'`, no `'.join(lacking)}`{without}: give the file as the training wrote it, or leave "
            f"weights.{source.name}.discriminators out: then a training begins with random discriminators"
        )
    parts: dict[Part, Weights] = {part: mapping(path, f"`{part}`", content[part]) for part in ("mpd", "msd")}
    modules = {"generator": built("generator", part_of(state.model, "generator"), source.variant)}
    model, moments = state.model, {}
    for part, weights in parts.items():
        modules[part] = built(part, weights)
        model = model | prefixed(fitting(path, part, weights, modules[part]), part)
    for optimiser in OPTIMISED:
        moments |= fitting_moments(path, optimiser, content[optimiser], optimised(modules, optimiser))
    position = Position(**{own: _count(path, count, content[count]) for count, own in COUNTS.items()})
    return TrainState(model, moments, {}, UNKNOWN, position)


def _unpickled(path: Path) -> dict[str, Any]:
    """What a checkpoint holds: tensors and plain values, in the form of today's torch or of torch before 1.6."""
    try:
        with path.open("rb") as file:
            content = torch.load(file, map_location="cpu", weights_only=True)
    except MemoryError:
        raise
    except Exception as error:  # whatever a damaged file makes torch stumble over
        raise ValueError(
            f"{path} is not a checkpoint of torch that holds only tensors and plain values, or not all of one: get it "
            f"again, from a source that you trust ({type(error).__name__}: {_said(error)})"
        ) from error
    return mapping(path, "what it holds", content)


def _said(error: Exception) -> str:
    """What torch says is wrong with a file, without its advice to load it with all that it may run."""
    if asked_for := re.search(r"GLOBAL (\S+)", str(error)):
        return f"it asks for {asked_for[1]}"
    return str(error).rpartition("WeightsUnpickler error: ")[2].strip().partition("\n")[0]


def _check_variant(source: Source, held: str, sign: str) -> None:
    if held != source.variant:
        raise ValueError(
            f"{source.generator}: the file holds a generator of {held.upper()} ({sign}), weights.{source.name}.variant "
            f"says {source.variant}: say {held}, or give the file of another generator"
        )


def _another_kind(source: Source, leaf: str, content: Mapping[str, Any]) -> str:
    found = f"the entries {', '.join(map(str, content)) or 'of nothing'}"
    if "generator" in content:
        found = "a generator, as files g_* do"
    elif {"mpd", "msd"} & content.keys():
        found = "discriminators, as files do_* do"
    wanted = {"generator": "a generator (a file g_*)", "discriminators": "discriminators (a file do_*: mpd and msd)"}
    return f"{getattr(source, leaf)} holds {found}; weights.{source.name}.{leaf} must hold {wanted[leaf]}"


def _count(path: Path, name: str, value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError(f"{path}: `{name}` is {value!r} and no count: get the file as it was published")
    return value


def _write(content: Mapping[str, Any], path: Path) -> None:
    """Write a checkpoint in the form that every version of torch reads: the published code asks for torch 1.4."""
    with replacing(path) as temporary:
        torch.save(dict(content), temporary, _use_new_zipfile_serialization=False)
