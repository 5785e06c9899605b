"""What a training is warned of before it begins: what its schedule never reaches, what its model never learns.

And a warm-up that was scaled by what changes no schedule.
"""

from collections.abc import Mapping
from typing import Any

from koeru.config.base import over
from koeru.config.training import Scheduled
from koeru.training.schedule import schedule_warnings

_WEIGHTS = {"local": "train.beta", "global": "train.g_beta"}  # of the likelihood of each kind of prosody


def training_warnings(
    params: Mapping[str, Any],
    usual: Mapping[str, Any],
    last_step: int | None,
    *,
    exact: bool = True,
    pretrained: bool = False,
) -> list[str]:
    """All warnings about a training with these parameters (leaf -> value) that ends with step `last_step`.

    `usual` are the defaults of the parameters. `exact` says whether that is the last step, or an estimate of it; None:
    not known yet, so what lies within the run is not checked.
    """
    train = over(Scheduled, params, "train.")
    within = [] if last_step is None else schedule_warnings(train, last_step, exact=exact)
    return [*within, *scaling_warnings(train, usual), *model_warnings(params, pretrained=pretrained)]


def scaling_warnings(train: Scheduled, usual: Mapping[str, Any]) -> list[str]:
    """A warm-up that seems to be scaled by `group_size`, from the usual one or from a smaller power of two.

    Larger batches are fewer, so who scales the warm-up by `batch_size` keeps it as long in epochs. Of `group_size`
    there are as many steps as before.
    """
    steps, batch, group = (usual[f"train.{leaf}"] for leaf in ("warmup_steps", "batch_size", "group_size"))
    if train.group_size == group or train.warmup_steps == steps or train.batch_frames is not None:
        return []
    alone = steps * batch / train.batch_size
    former = {group, *(2**power for power in range(train.group_size.bit_length()))} - {train.group_size}
    if train.warmup_steps not in {round(alone * size / train.group_size) for size in former}:
        return []
    return [
        f"train.warmup_steps: {train.warmup_steps} seems to be scaled by train.group_size {train.group_size} as well, "
        f"which changes no schedule: of the {steps} steps that are usual for batches of {batch}, train.batch_size "
        f"{train.batch_size} alone makes {round(alone)}"
    ]


def model_warnings(params: Mapping[str, Any], *, pretrained: bool = False) -> list[str]:
    """Kinds of prosody that the model samples from a mixture which its likelihood, with weight 0, never fits."""
    drawn_from = "the mixture of the weights it began with" if pretrained else "an untrained mixture"
    return [
        f"{kind} prosody is not trained: {leaf} is 0, so at synthesis it is drawn from {drawn_from}"
        for kind, leaf in _WEIGHTS.items()
        if leaf in params and params[f"model.{kind}_prosody"] and params[leaf] == 0
    ]
