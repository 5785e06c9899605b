"""Monotonic alignment of S source and U target positions: likelihoods summed over all paths, and the likeliest path.

A path gives each target position a source position that never goes back. In one step it may pass over up to `jump`
source positions; so with a jump of 0 (Badlani et al. 2021, arXiv 2108.10447; Kim et al. 2020, arXiv 2005.11129) every
source position gets a target position, and with another a source may be up to 1 + `jump` times as long as its target.
A path begins within the first 1 + `jump` source positions, and ends at the last one.

All work on batches of unlike lengths: what lies behind a length changes nothing. Lengths are best on the CPU, as the
host looks at them.
"""

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional

from koeru.nn.layers import at_least_float32, length_mask

IMPOSSIBLE = -1e30  # a log-probability; finite, so that no difference of two is undefined


def forward_sum(log_p: Tensor, source_lengths: Tensor, target_lengths: Tensor, jump: int) -> Tensor:
    """The negative log-likelihood (B,), in nats, of targets whose paths are not known.

    log_p (B, U, S): how likely each target position belongs to each source position; lengths (B,) int64.
    The gradient is minus the posterior of each pair of positions. Errors: ValueError where no path leads to the end.
    """
    allowed, real = _masks(log_p, source_lengths, target_lengths, jump)
    return _ForwardSum.apply(at_least_float32(log_p), allowed, real, jump)


@torch.no_grad()
def search(log_p: Tensor, source_lengths: Tensor, target_lengths: Tensor, jump: int) -> Tensor:
    """Durations (B, S) int64 of the likeliest path: how many target positions each source position gets, perhaps 0.

    Of log_p (B, U, S) as `forward_sum` takes it; durations sum to `target_lengths`. Errors: as there.
    """
    allowed, real = _masks(log_p, source_lengths, target_lengths, jump)
    likely = _by_time(at_least_float32(log_p), allowed, real)  # (U, S, B)
    best, advances = likely[0], []
    for here in likely[1:]:
        most, which = _before(best, jump).max(0)  # (S, B)
        best = most + here
        advances.append(jump + 1 - which)
    path = [source_lengths.to(log_p.device) - 1]  # (B,), from the end
    for advance in reversed(advances):
        path.append(path[-1] - advance.gather(0, path[-1][None])[0])
    path = torch.stack(path[::-1], dim=1)  # (B, U)
    return torch.zeros_like(allowed[:, 0], dtype=torch.int64).scatter_add_(1, path, real.long())


class _ForwardSum(torch.autograd.Function):
    """The sum over paths by dynamic programming, and its gradient by the same from the other end."""

    @staticmethod
    def forward(ctx, log_p: Tensor, allowed: Tensor, real: Tensor, jump: int) -> Tensor:
        """Of log_p (B, U, S), and what `_masks` tells of it: negative log-likelihoods (B,)."""
        likely = _by_time(log_p, allowed, real)
        begun = _sums(likely, jump)
        total = begun[-1].logsumexp(0)  # (B,): only the last source position is possible here
        ctx.save_for_backward(likely, begun, total, real)
        ctx.jump = jump
        return -total

    @staticmethod
    @once_differentiable
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, None, None, None]:
        likely, begun, total, real = ctx.saved_tensors
        ended = _sums(likely.flip(0, 1), ctx.jump).flip(0, 1)  # (U, S, B)
        posterior = (begun + ended - likely - total).exp().permute(2, 0, 1)  # (B, U, S)
        return -(posterior * (real * gradient[:, None])[..., None]), None, None, None


def _masks(log_p: Tensor, source_lengths: Tensor, target_lengths: Tensor, jump: int) -> tuple[Tensor, Tensor]:
    """Which pairs of positions a path may have (B, U, S), and which targets are real (B, U).

    From the last target position on, padding included, a path is at the last source position.
    """
    _, n_target, n_source = log_p.shape
    beyond = (source_lengths > (jump + 1) * target_lengths) | (source_lengths < 1)
    if beyond.any():
        lengths = ", ".join(
            f"{source_lengths[row]} to {target_lengths[row]}" for row in beyond.nonzero()[:, 0].tolist()
        )
        raise ValueError(
            f"no path of jumps over {jump} leads from so many source to so many target positions: {lengths}"
        )
    sources, targets = source_lengths.to(log_p.device), target_lengths.to(log_p.device)
    source, target = (torch.arange(size, device=log_p.device) for size in (n_source, n_target))
    within = length_mask(sources, n_source)[:, None] & ((target > 0)[:, None] | (source <= jump))  # (B, U, S)
    last = (source == sources[:, None] - 1)[:, None]  # (B, 1, S)
    return within & ((target < targets[:, None] - 1)[..., None] | last), length_mask(targets, n_target)


def _by_time(log_p: Tensor, allowed: Tensor, real: Tensor) -> Tensor:
    """log_p as (U, S, B), so that shifted sources are contiguous; certain at padded targets, where they are allowed."""
    known = log_p.clamp(min=IMPOSSIBLE).masked_fill(~real[..., None], 0).masked_fill(~allowed, IMPOSSIBLE)
    return known.permute(1, 2, 0).contiguous()


def _sums(likely: Tensor, jump: int) -> Tensor:
    """Log-sums (U, S, B) over the paths from the first target position to each pair of positions, that included."""
    sums = [likely[0]]
    for here in likely[1:]:
        before = _before(sums[-1], jump)  # (2 + jump, S, B)
        most = before.amax(0)
        sums.append((before - most).exp_().sum(0).log_().add_(most).add_(here))
    return torch.stack(sums)


def _before(x: Tensor, jump: int) -> Tensor:
    """x (S, B) of the source positions that a path may come from, the farthest first: (2 + jump, S, B)."""
    return functional.pad(x, (0, 0, jump + 1, 0), value=IMPOSSIBLE).unfold(0, len(x), 1).transpose(1, 2)
