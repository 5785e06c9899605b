"""Connectionist temporal classification (Graves et al. 2006): labels without times, each a frame or more, and blanks.

The blank is label 0. Likelihoods are in float32 whatever the precision of the model.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from koeru.families.recogniser.batches import Labels
from koeru.nn.layers import length_mask
from koeru.nn.losses import Mean

BLANK, SEPARATOR = 0, 1
ROUNDING = 1e-3  # nats: so far below 0 the loss of what is certain may lie


class LengthError(ValueError):
    """Labels and frames of which one cannot be said by the other; the message names the utterances."""


def ctc(
    log_probs: Tensor,
    frames: Tensor,
    labels: Labels,
    ids: Sequence[str],
    *,
    edge_blanks: bool = False,
    blank_weight: float = 1.0,
) -> Mean:
    """How unlikely labels are, in nats a label: of log-posteriors (B, S, C) whose utterances have `frames` (B,).

    With `edge_blanks` the first and the last frame are blank. (Blanks among the labels themselves would not say that:
    one path would be counted several times, and what is no probability any more has a negative logarithm.) With
    another `blank_weight` than 1, frames are taught by targets in which the blank counts as much (`reweighted`).

    Errors: LengthError where labels do not fit into their frames, or a loss is negative.
    """
    likelihood = reweighted if blank_weight != 1 else unlikelihood
    more = (blank_weight,) if blank_weight != 1 else ()
    inner, within = (log_probs[:, 1:-1], frames - 2) if edge_blanks else (log_probs, frames)
    _require_room(within, labels, ids)
    losses = likelihood(inner, within, labels, *more)
    if edge_blanks:
        last = log_probs[torch.arange(len(frames), device=frames.device), frames - 1, BLANK]
        losses = losses - log_probs[:, 0, BLANK] - last
    if (negative := losses.detach() < -ROUNDING).any():
        raise LengthError(
            f"the CTC loss of {_named(ids, negative)} is negative, which no probability allows: a length bug, labels "
            "of another length than they are said to have, or blanks among them"
        )
    return Mean(losses.sum(), labels.lengths.sum())


def unlikelihood(log_probs: Tensor, frames: Tensor, labels: Labels) -> Tensor:
    """The negative log-likelihood (B,) of labels: the sum over all ways to say them."""
    return functional.ctc_loss(
        log_probs.transpose(0, 1), labels.ids, frames, labels.lengths, blank=BLANK, reduction="none"
    )


def pseudo_targets(log_probs: Tensor, frames: Tensor, labels: Labels) -> Tensor:
    """How likely each class is at each frame (B, S, C), given that the labels were said: what CTC pulls towards.

    The gradient of the loss by the logits is the posterior without the labels, less this (Li and Wang 2019, eq. 6).
    """
    with torch.enable_grad():
        logits = log_probs.detach().requires_grad_()  # whose softmax they are
        losses = unlikelihood(logits.log_softmax(2), frames, labels)
        (gradient,) = torch.autograd.grad(losses.sum(), logits)
    return (log_probs.detach().exp() - gradient).clamp(min=0)


def reweighted(log_probs: Tensor, frames: Tensor, labels: Labels, blank_weight: float) -> Tensor:
    """The cross-entropy (B,) of frames with CTC's own targets, in which the blank has a weight of its own.

    Less than 1, and labels last longer than a spike (Li and Wang 2019, arXiv 1904.10619, "re-weighting"). With 1 its
    gradient is that of CTC.
    """
    targets = pseudo_targets(log_probs, frames, labels)
    weights = targets.new_ones(targets.shape[2])
    weights[BLANK] = blank_weight
    targets = targets * weights
    targets = targets / targets.sum(2, keepdim=True).clamp(min=torch.finfo(targets.dtype).tiny)
    real = length_mask(frames, targets.shape[1])[..., None]  # (B, S, 1)
    return -(targets * log_probs).masked_fill(~real, 0).sum((1, 2))


def _require_room(frames: Tensor, labels: Labels, ids: Sequence[str]) -> None:
    if (short := labels.needed.clamp(min=1) > frames).any():
        at = int(short.nonzero()[0])
        raise LengthError(
            f"{_named(ids, short)}: the text is longer than its frames: {int(labels.lengths[at])} labels of "
            f"{ids[at]} need {int(labels.needed[at])} frames, and there are {int(frames[at])}"
        )


def _named(ids: Sequence[str], which: Tensor) -> str:
    return ", ".join(name for name, named in zip(ids, which.tolist(), strict=True) if named)
