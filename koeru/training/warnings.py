"""What a training is warned of before it begins: what its schedule never reaches, what its model never learns."""

from collections.abc import Mapping
from typing import Any

from koeru.config.base import over
from koeru.config.training import Supervised
from koeru.training.schedule import schedule_warnings

_WEIGHTS = {"local": "train.beta", "global": "train.g_beta"}  # of the likelihood of each kind of prosody


def training_warnings(
    params: Mapping[str, Any], last_step: int | None, *, exact: bool = True, pretrained: bool = False
) -> list[str]:
    """All warnings about a training with these parameters (leaf -> value) that ends with step `last_step`.

    exact: whether that is the last step, or an estimate of it; None: not known yet, so the schedule is not checked.
    """
    if last_step is None:
        return model_warnings(params, pretrained=pretrained)
    schedule = schedule_warnings(over(Supervised, params, "train."), last_step, exact=exact)
    return [*schedule, *model_warnings(params, pretrained=pretrained)]


def model_warnings(params: Mapping[str, Any], *, pretrained: bool = False) -> list[str]:
    """Kinds of prosody that the model samples from a mixture which its likelihood, with weight 0, never fits."""
    drawn_from = "the mixture of the weights it began with" if pretrained else "an untrained mixture"
    return [
        f"{kind} prosody is not trained: {leaf} is 0, so at synthesis it is drawn from {drawn_from}"
        for kind, leaf in _WEIGHTS.items()
        if params[f"model.{kind}_prosody"] and params[leaf] == 0
    ]
