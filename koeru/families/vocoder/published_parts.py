"""The parts of a HiFi-GAN that a file may hold, and whether what it holds is exactly theirs: tensors and moments.

A part's own names are those of the published checkpoints; in the state of a training they have a prefix.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor, nn

from koeru.families.vocoder.hifigan import (
    PERIOD_CHANNELS,
    SCALE_CHANNELS,
    VARIANTS,
    MultiPeriodDiscriminator,
    MultiScaleDiscriminator,
    Variant,
    generator,
)

Part = Literal["generator", "mpd", "msd"]
Weights = dict[str, Tensor]
Moments = dict[str, dict[str, Tensor]]

PREFIX: dict[Part, str] = {"generator": "generator.", "mpd": "discriminators.mpd.", "msd": "discriminators.msd."}
# Whose parameters each optimiser has, in its order.
OPTIMISED: dict[str, tuple[Part, ...]] = {"optim_g": ("generator",), "optim_d": ("msd", "mpd")}
KINDS = ("step", "exp_avg", "exp_avg_sq")  # what AdamW remembers of a parameter
TOLD = 8  # of many names
_DISCRIMINATORS = {
    "mpd": (MultiPeriodDiscriminator, PERIOD_CHANNELS),
    "msd": (MultiScaleDiscriminator, SCALE_CHANNELS),
}


def part_of(model: Mapping[str, Tensor], part: Part) -> Weights:
    """The weights of one part of a model, under the part's own names; {} where the model does not have it."""
    prefix = PREFIX[part]
    return {name.removeprefix(prefix): tensor for name, tensor in model.items() if name.startswith(prefix)}


def prefixed(weights: Mapping[str, Tensor], part: Part) -> Weights:
    """The weights of a part under the names that they have in the model."""
    return {PREFIX[part] + name: tensor for name, tensor in weights.items()}


def variant_of(weights: Mapping[str, Any]) -> Variant | None:
    """The published variant whose first layer has as many channels as the weights of a generator, if there is one."""
    first = weights.get("conv_pre.bias")
    channels = len(first) if isinstance(first, Tensor) and first.ndim == 1 else 0
    return next((variant for variant, sizes in VARIANTS.items() if sizes.channels == channels), None)


def built(part: Part, weights: Mapping[str, Any], variant: Variant | None = None) -> nn.Module:
    """A part without values, for the names, order and shapes of its tensors.

    A generator is of the given variant, or of the weights', and has their mel bands; a discriminator has their widths,
    or the published ones where they do not tell.
    """
    with torch.device("meta"):
        if part == "generator":
            first = weights.get("conv_pre.weight_v")
            bands = {"n_mels": first.shape[1]} if isinstance(first, Tensor) and first.ndim == 3 else {}
            return generator(variant or variant_of(weights) or "v1", **bands)
        kind, published = _DISCRIMINATORS[part]
        try:
            return kind(channels_of(weights, part) or published)
        except ValueError:  # widths that the groups do not divide
            return kind(published)


def channels_of(weights: Mapping[str, Any], part: Literal["mpd", "msd"]) -> tuple[int, ...]:
    """The widths of a discriminator's layers; () where the weights do not have them all."""
    names = [f"discriminators.0.convs.{layer}.bias" for layer, _ in enumerate(_DISCRIMINATORS[part][1])]
    biases = [weights[name] for name in names if isinstance(weights.get(name), Tensor) and weights[name].ndim == 1]
    return tuple(map(len, biases)) if len(biases) == len(names) else ()


def optimised(modules: Mapping[Part, nn.Module], optimiser: str) -> dict[str, Tensor]:
    """The parameters of an optimiser in its order, by their names in the model."""
    return {
        PREFIX[part] + name: parameter
        for part in OPTIMISED[optimiser]
        for name, parameter in modules[part].named_parameters()
    }


def fitting(path: Path, part: Part, found: Any, module: nn.Module) -> Weights:
    """The weights of a part as a file holds them, in the module's order.

    Errors: ValueError naming the file and the tensors that are missing, superfluous, of another shape or kind, or not
    finite.
    """
    found, own = mapping(path, f"`{part}`", found), module.state_dict()
    if wrong := [misfit for name in dict.fromkeys([*own, *found]) if (misfit := _misfit(name, own, found))]:
        remedy = "get the file anew from where it was published"
        if "conv_pre.weight" in found:
            remedy = "the weight normalisation was removed, for inference: give the file as the training wrote it"
        told = f"{path}: {len(wrong)} tensor(s) of `{part}` are not as they should be; {remedy}:"
        raise ValueError("\n  ".join([told, *_some(wrong)]))
    _check_finite(path, found)
    return {name: found[name].detach().contiguous() for name in own}


def fitting_moments(path: Path, optimiser: str, found: Any, own: Mapping[str, Tensor]) -> Moments:
    """The moments of the optimiser's parameters `own`, by their names in the model.

    The optimiser's state names parameters by numbers (old torch: by their addresses) that its groups list in order; its
    `step` is a tensor (old torch: a number). Errors: ValueError naming the file, where moments are missing,
    superfluous, of another shape or kind, or not finite.
    """
    found = mapping(path, f"`{optimiser}`", found)
    known = mapping(path, f"the state of `{optimiser}`", found.get("state"))
    groups = found.get("param_groups")
    if not isinstance(groups, list) or not all(isinstance(group, dict) and "params" in group for group in groups):
        raise ValueError(f"{path}: `{optimiser}` lists no parameters: it is not the state of an optimiser of torch")
    order = [number for group in groups for number in group["params"]]
    if len(order) != len(own):
        raise ValueError(
            f"{path}: `{optimiser}` is of {len(order)} parameters, the models have {len(own)}: it belongs to others"
        )
    if lacking := [name for number, name in zip(order, own, strict=True) if number not in known]:
        raise ValueError(
            f"{path}: the state of the optimiser is missing, `{optimiser}` has no moments of {len(lacking)} of "
            f"{len(own)} parameters ({', '.join(_some(lacking))}): give the file as the training wrote it"
        )
    numbered = zip(order, own.items(), strict=True)
    return {name: _moments_of(path, optimiser, known[number], name, of) for number, (name, of) in numbered}


def _moments_of(path: Path, optimiser: str, found: Any, name: str, parameter: Tensor) -> dict[str, Tensor]:
    found = mapping(path, f"what `{optimiser}` remembers of {name}", found)
    if isinstance(found.get("step"), int | float):
        found = found | {"step": torch.tensor(float(found["step"]))}
    should = dict(zip(KINDS, ("() float32", _form(parameter), _form(parameter)), strict=True))
    if (forms := {kind: _form(value) for kind, value in found.items()}) != should:
        told, wanted = (", ".join(f"{kind} {form}" for kind, form in kinds.items()) for kinds in (forms, should))
        raise ValueError(
            f"{path}: `{optimiser}` remembers of {name}: {told}. It should be: {wanted}. The file belongs to other "
            "models, or to an optimiser that is not AdamW"
        )
    _check_finite(path, {f"{kind} of {name}": values for kind, values in found.items()})
    return {kind: found[kind].detach().contiguous() for kind in KINDS}


def mapping(path: Path, name: str, found: Any) -> dict[Any, Any]:
    """What a file holds under a name, if it is a dictionary. Errors: ValueError."""
    if not isinstance(found, dict):
        kind = type(found).__name__
        raise ValueError(f"{path}: {name} is of the kind {kind} and no dictionary: get the file as it was published")
    return found


def _misfit(name: str, own: Mapping[str, Tensor], found: Mapping[str, Any]) -> str:
    if name not in found:
        return f"{name}: not in the file"
    if name not in own:
        return f"{name}: not in the model"
    ours, theirs = _form(own[name]), _form(found[name])
    return "" if ours == theirs else f"{name}: {theirs} in the file, {ours} in the model"


def _form(value: Any) -> str:
    if not isinstance(value, Tensor):
        return type(value).__name__
    return f"{tuple(value.shape)} {str(value.dtype).removeprefix('torch.')}"


def _check_finite(path: Path, tensors: Mapping[str, Tensor]) -> None:
    if bad := [name for name, tensor in tensors.items() if not tensor.isfinite().all()]:
        bad = ", ".join(_some(bad))
        raise ValueError(f"{path} has values that are not finite in {bad}: the training that wrote it had failed")


def _some(names: Iterable[str]) -> list[str]:
    names = list(names)
    return [*names[:TOLD], *([f"and {len(names) - TOLD} more"] if len(names) > TOLD else [])]
