"""What one monotonic alignment is worth, for tests of those that are summed and searched."""

import torch
from torch import Tensor

from koeru.nn.layers import length_mask


def path_likelihood(log_p: Tensor, durations: Tensor, target_lengths: Tensor) -> Tensor:
    """The log-likelihood (B,), in nats, of the one path that has these durations (B, S): log_p (B, U, S), summed."""
    n_target = log_p.shape[1]
    targets = torch.arange(n_target, device=log_p.device).expand(len(log_p), -1).contiguous()  # (B, U)
    path = torch.searchsorted(durations.cumsum(1), targets, right=True).clamp(max=log_p.shape[2] - 1)  # (B, U)
    real = length_mask(target_lengths.to(log_p.device), n_target)
    return log_p.gather(2, path[..., None])[..., 0].masked_fill(~real, 0).sum(1)
