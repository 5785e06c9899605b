"""The state of a running training: taken from its model, optimisers and generators, and put back into them."""

import copy
import logging
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from koeru.training.checkpoint import Position, TrainState
from koeru.training.machine import Machine
from koeru.training.pretraining import load_pretrained

Optimisers = Sequence[torch.optim.Optimizer]

logger = logging.getLogger(__name__)


def snapshot(
    model: nn.Module,
    optimisers: Optimisers,
    device: torch.device,
    machine: Machine,
    position: Position,
    best: dict[str, Tensor] | None = None,
) -> TrainState:
    """The full state; its tensors are those of the model, the optimisers and `best`."""
    generators = {"cpu": torch.get_rng_state()}
    if device.type == "cuda":
        generators["cuda"] = torch.cuda.get_rng_state(device)
    return TrainState(model.state_dict(), moments_of(model, optimisers), generators, machine, position, best or {})


def copy_of(part: nn.Module) -> dict[str, Tensor]:
    """The tensors of a part of a model as they are now, on the CPU."""
    return {name: tensor.detach().to("cpu", copy=True) for name, tensor in part.state_dict().items()}


def restore(
    state: TrainState, model: nn.Module, optimisers: Optimisers, device: torch.device, machine: Machine
) -> Position:
    """Put a state into model, optimisers and generators; return its position. `state` itself is left as it is.

    The generators of a state that begins a training are empty: those of torch stay as they are, which the caller seeds.
    """
    load_pretrained(model, state)
    put_moments(state.moments, model, optimisers)
    if state.generators:
        torch.set_rng_state(state.generators["cpu"])
        if device.type == "cuda" and "cuda" in state.generators:
            torch.cuda.set_rng_state(state.generators["cuda"], device)
        if changes := state.machine.changes(machine):
            logger.warning("inexact resume, the run will not end with the same bits: %s", "; ".join(changes))
    return copy.deepcopy(state.position)


def moments_of(model: nn.Module, optimisers: Optimisers) -> dict[str, dict[str, Tensor]]:
    """What the optimisers remember of each parameter, by its name: of Adam `step`, `exp_avg`, `exp_avg_sq`.

    A parameter that was not updated yet, or is none of theirs, has none.
    """
    remembered = {parameter: moments for one in optimisers for parameter, moments in one.state.items()}
    named = ((name, remembered.get(parameter)) for name, parameter in model.named_parameters())
    return {name: dict(moments) for name, moments in named if moments}


def put_moments(moments: dict[str, dict[str, Tensor]], model: nn.Module, optimisers: Optimisers) -> None:
    """Give the optimisers copies of the moments of their parameters, and forget all others they had.

    Their settings (betas, eps, learning rate) stay: a run takes them from its entry, never from a file. Moments of a
    parameter that is none of theirs (a frozen one) are not used.
    """
    names = {parameter: name for name, parameter in model.named_parameters()}
    for optimiser in optimisers:
        own = [names[parameter] for group in optimiser.param_groups for parameter in group["params"]]
        known = {place: copy.deepcopy(moments[name]) for place, name in enumerate(own) if name in moments}
        optimiser.load_state_dict({"state": known, "param_groups": optimiser.state_dict()["param_groups"]})
