"""Alignment of a source with its target that is learned without a teacher.

As in Badlani et al. 2021 (arXiv 2108.10447) for text and speech, and in AAS-VC (Hayashi et al. 2023, arXiv 2309.07598)
for speech and speech: the frames of both are projected to vectors that are near where they say the same. The sum over
all monotonic paths teaches it (`koeru.nn.monotonic.forward_sum`), the likeliest path gives durations (`search`).

Two things differ from there, as source frames may be passed over. Frames choose both ways: if only target frames chose
among those of the source, a few source frames would soon take all, and nothing would be left to learn from. And each
frame is projected alone, as what is around it is warped.
"""

import torch
from torch import Tensor, nn

from koeru.nn.layers import at_least_float32, full_precision
from koeru.nn.monotonic import IMPOSSIBLE

PRIOR_WIDTH = 0.2  # of the utterance: how far from the diagonal an alignment may well be


class Aligner(nn.Module):
    """How likely each target frame and each source frame belong together; both are reduced."""

    def __init__(self, hidden: int, n_target: int, size: int) -> None:
        super().__init__()
        self.source, self.target = projection(hidden, size), projection(n_target, size)

    def forward(self, source: Tensor, source_mask: Tensor, target: Tensor, target_mask: Tensor) -> Tensor:
        """Log-likelihoods (B, U, S), in nats, in float32 at least; `IMPOSSIBLE` at padding.

        log P(source frame | target frame) + log P(target frame | source frame), among those of the pair, and the prior,
        of a source (B, S, hidden) with its mask (B, S) and a target mel (B, U, n_target) with its mask (B, U).
        """
        keys, queries = self.source(source), self.target(target)  # (B, S, size), (B, U, size)
        real = source_mask[:, None] & target_mask[..., None]  # (B, U, S)
        with full_precision(keys):
            scores = -squared_distances(at_least_float32(queries), at_least_float32(keys)) / keys.shape[2] ** 0.5
            scores = scores.masked_fill(~real, IMPOSSIBLE)
            log_p = scores.log_softmax(2) + scores.log_softmax(1) + prior(source_mask, target_mask)
            return log_p.masked_fill(~real, IMPOSSIBLE)


def projection(n_in: int, size: int) -> nn.Sequential:
    """Each frame alone as a vector of `size` channels."""
    return nn.Sequential(nn.Linear(n_in, size), nn.ReLU(), nn.Linear(size, size))


def squared_distances(a: Tensor, b: Tensor) -> Tensor:
    """(B, U, C), (B, S, C) -> (B, U, S)"""
    return a.square().sum(2)[..., None] + b.square().sum(2)[:, None] - 2 * a @ b.transpose(1, 2)


def prior(source_mask: Tensor, target_mask: Tensor) -> Tensor:
    """Log-densities (B, U, S), not normalised, of a Gaussian around the diagonal: both go on about evenly."""
    source, target = relative(source_mask), relative(target_mask)
    return -0.5 * ((target[..., None] - source[:, None]) / PRIOR_WIDTH).square()


def relative(mask: Tensor) -> Tensor:
    """Where the middle of each frame of mask (B, L) is in its utterance, from 0 to 1: (B, L)."""
    return (torch.arange(mask.shape[1], device=mask.device) + 0.5) / mask.sum(1, keepdim=True)
