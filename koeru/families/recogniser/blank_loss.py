"""What keeps blanks out of speech, so that labels last as long as they are said, and characters can be cut out.

CTC is content with a spike a label and blanks between. The blank loss holds the blank down, and with it the separator,
which would take its place. It has two readings. `hinge`: what a class has beyond a share of the uniform probability
1 / C is lost. `spared`: the frames with the largest fifth of the probabilities are spared, as some blanks must be,
and the mean of the others is lost. Gated by energy, it holds for frames that are loud; a pause is to be blank.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional

from koeru.families.recogniser.ctc import BLANK, SEPARATOR
from koeru.nn.losses import Mean

Reading = Literal["hinge", "spared"]
DECIBELS = 8.685889638065035  # of one neper, natural log: 20 / ln 10
LOUD = 0.95  # the quantile of frames that counts as the level of the speech


def blank_loss(
    log_probs: Tensor,
    mask: Tensor,
    reading: Reading,
    *,
    blank_share: float,
    separator_share: float,
    spared: float,
    gate: Gate | None = None,
) -> Mean:
    """The loss of log-posteriors (B, S, C) at the frames of a mask (B, S); the mean over frames.

    `blank_share` and `separator_share` are shares of the uniform probability (`hinge`), `spared` a share of the frames.
    """
    speech = mask if gate is None else mask & gate.loud
    probabilities = log_probs[..., [BLANK, SEPARATOR]].exp()  # (B, S, 2)
    if reading == "hinge":
        allowed = probabilities.new_tensor([blank_share, separator_share]) / log_probs.shape[2]
        lost = (probabilities - allowed).relu().sum(2)  # (B, S)
        kept = speech
    else:
        lost = probabilities.sum(2)
        kept = speech & ~largest(lost.detach(), speech, spared)
    total, count = lost.masked_fill(~kept, 0).sum(), kept.sum()
    if gate is not None:
        pause = mask & gate.pause
        total = total - log_probs[..., BLANK].masked_fill(~pause, 0).sum()
        count = count + pause.sum()
    return Mean(total, count.clamp(min=1))


def largest(values: Tensor, mask: Tensor, share: float) -> Tensor:
    """The frames (B, S) that have, of those where mask (B, S) is True, the largest `share` of the values."""
    order = values.masked_fill(~mask, -1).argsort(dim=1, descending=True, stable=True)
    rank = order.argsort(dim=1)
    return mask & (rank < (share * mask.sum(1, keepdim=True)).round())


class Gate:
    """Which frames of a recogniser are loud, and which a pause: (B, S), bool; what is neither is left alone.

    A frame is loud that comes within `range_db` of the level of the speech, anywhere in the stride. A pause is quiet
    for `pause` frames of the mel at least: closures of stops are shorter.
    """

    def __init__(self, mels: Tensor, mask: Tensor, stride: int, range_db: float, pause: int) -> None:
        level = mels.logsumexp(2) * DECIBELS  # (B, T)
        speech = torch.stack([own[real].quantile(LOUD) for own, real in zip(level, mask, strict=True)])
        loud = mask & (level > speech[:, None] - range_db)
        quiet = opened(mask & ~loud, pause)
        self.loud, self.pause = any_of(loud, stride), ~any_of(mask & ~quiet, stride)


def opened(mask: Tensor, length: int) -> Tensor:
    """The runs of True in a mask (B, T) that are `length` long at least."""
    if length <= 1:
        return mask
    if mask.shape[1] < length:
        return torch.zeros_like(mask)
    starts = functional.max_pool1d((~mask).float()[:, None], length, 1)[:, 0] == 0  # (B, T - length + 1)
    padded = functional.pad(starts.float(), (length - 1, length - 1))
    return functional.max_pool1d(padded[:, None], length, 1)[:, 0] > 0


def any_of(mask: Tensor, stride: int) -> Tensor:
    """Whether a mask (B, T) is True anywhere in each stride: (B, S)."""
    return functional.max_pool1d(mask.float()[:, None], stride, ceil_mode=True)[:, 0] > 0
