"""The state of a running training: taken from its model, optimiser and generators, and put back into them."""

import copy
import logging

import torch
from torch import Tensor, nn

from koeru.training.checkpoint import Place, TrainState
from koeru.training.machine import Machine
from koeru.training.pretraining import load_pretrained

logger = logging.getLogger(__name__)


def snapshot(
    model: nn.Module, optimiser: torch.optim.Optimizer, device: torch.device, machine: Machine, place: Place
) -> TrainState:
    """The full state; its tensors are those of the model and the optimiser."""
    generators = {"cpu": torch.get_rng_state()}
    if device.type == "cuda":
        generators["cuda"] = torch.cuda.get_rng_state(device)
    return TrainState(model.state_dict(), moments_of(model, optimiser), generators, machine, place)


def restore(
    state: TrainState, model: nn.Module, optimiser: torch.optim.Optimizer, device: torch.device, machine: Machine
) -> Place:
    """Put a state into model, optimiser and generators; return its place. `state` itself is left as it is.

    The generators of a state that begins a training are empty: those of torch stay as they are, which the caller seeds.
    """
    load_pretrained(model, state)
    put_moments(state.moments, model, optimiser)
    if state.generators:
        torch.set_rng_state(state.generators["cpu"])
        if device.type == "cuda" and "cuda" in state.generators:
            torch.cuda.set_rng_state(state.generators["cuda"], device)
        if changes := state.machine.changes(machine):
            logger.warning("inexact resume, the run will not end with the same bits: %s", "; ".join(changes))
    return copy.deepcopy(state.place)


def moments_of(model: nn.Module, optimiser: torch.optim.Optimizer) -> dict[str, dict[str, Tensor]]:
    """What the optimiser remembers of each parameter, by its name: of Adam `step`, `exp_avg`, `exp_avg_sq`.

    A parameter that was not updated yet, or is not the optimiser's, has none.
    """
    remembered = ((name, optimiser.state.get(parameter)) for name, parameter in model.named_parameters())
    return {name: dict(moments) for name, moments in remembered if moments}


def put_moments(moments: dict[str, dict[str, Tensor]], model: nn.Module, optimiser: torch.optim.Optimizer) -> None:
    """Give the optimiser copies of the moments of its parameters, and forget all others it had.

    Its settings (betas, eps, learning rate) stay: a run takes them from its entry, never from a file. Moments of a
    parameter that is not the optimiser's (a frozen one) are not used.
    """
    names = {parameter: name for name, parameter in model.named_parameters()}
    own = [names[parameter] for group in optimiser.param_groups for parameter in group["params"]]
    known = {place: copy.deepcopy(moments[name]) for place, name in enumerate(own) if name in moments}
    optimiser.load_state_dict({"state": known, "param_groups": optimiser.state_dict()["param_groups"]})
