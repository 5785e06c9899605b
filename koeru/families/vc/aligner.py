"""Alignment of a source with its target that is learned without a teacher.

As in Badlani et al. 2021 (arXiv 2108.10447) for text and speech, and Hayashi et al. 2023 (AAS-VC, arXiv 2309.07598) for
speech and speech: both are projected to vectors that are near where they say the same. The sum over all monotonic paths
teaches it (`koeru.nn.monotonic.forward_sum`), the likeliest path gives durations (`search`).
"""

import torch
from torch import Tensor, nn

from koeru.nn.layers import Conv, at_least_float32, full_precision

PRIOR_WIDTH = 0.1  # of the utterance: how far from the diagonal an alignment is expected to be


class Aligner(nn.Module):
    """How likely each target frame belongs to each source frame; both are reduced."""

    def __init__(self, hidden: int, n_target: int, size: int) -> None:
        super().__init__()
        self.source, self.target = Projection(hidden, size), Projection(n_target, size)

    def forward(self, encoded: Tensor, source_mask: Tensor, target: Tensor, target_mask: Tensor) -> Tensor:
        """Log-probabilities (B, U, S), normalised over the real source frames, in float32 at least.

        Of the encoded source (B, S, hidden), its mask (B, S), the target mel (B, U, n_target), and its mask (B, U).
        """
        keys, queries = self.source(encoded, source_mask), self.target(target, target_mask)
        with full_precision(keys):
            keys, queries = at_least_float32(keys), at_least_float32(queries)
            distances = keys.square().sum(2)[:, None] - 2 * queries @ keys.transpose(1, 2)  # + |query|^2, for all alike
            scores = prior(source_mask, target_mask) - distances / keys.shape[2] ** 0.5
            return scores.masked_fill(~source_mask[:, None], -torch.inf).log_softmax(2)


class Projection(nn.Module):
    """Frames with their neighbours as vectors of `size` channels: two convolutions."""

    def __init__(self, n_in: int, size: int) -> None:
        super().__init__()
        self.convs = nn.ModuleList([Conv(n_in, size, 3), Conv(size, size, 3)])

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """(B, L, n_in), (B, L) -> (B, L, size)"""
        return self.convs[1](self.convs[0](x, mask).relu(), mask)


def prior(source_mask: Tensor, target_mask: Tensor) -> Tensor:
    """Log-densities (B, U, S), not normalised, of a Gaussian around the diagonal: how far utterances have come."""
    source, target = relative(source_mask), relative(target_mask)
    return -0.5 * ((target[..., None] - source[:, None]) / PRIOR_WIDTH).square()


def relative(mask: Tensor) -> Tensor:
    """Where the middle of each frame of mask (B, L) is in its utterance, from 0 to 1: (B, L)."""
    return (torch.arange(mask.shape[1], device=mask.device) + 0.5) / mask.sum(1, keepdim=True)
