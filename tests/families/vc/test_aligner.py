from dataclasses import dataclass, replace

import pytest
import torch
from paths import path_likelihood
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from koeru.families.vc.aligner import Aligner
from koeru.nn.layers import length_mask
from koeru.nn.monotonic import IMPOSSIBLE, forward_sum, search

HIDDEN, N_TARGET, SIZE, JUMP = 8, 12, 16, 2


@dataclass
class Pairs:
    sources: Tensor  # (B, S, HIDDEN)
    targets: Tensor  # (B, U, N_TARGET)
    durations: Tensor  # (B, S): the truth
    source_lengths: Tensor
    target_lengths: Tensor

    @property
    def masks(self) -> tuple[Tensor, Tensor]:
        of_source = length_mask(self.source_lengths, self.sources.shape[1])
        return of_source, length_mask(self.target_lengths, self.targets.shape[1])

    def log_p(self, aligner: Aligner) -> Tensor:
        of_source, of_target = self.masks
        return aligner(self.sources, of_source, self.targets, of_target)


def make_pairs(n: int, seed: int = 0) -> Pairs:
    """Smooth random sources; each target is a linear map of its source, the same for all, warped, with noise."""
    linear_map = torch.randn(HIDDEN, N_TARGET, generator=torch.Generator().manual_seed(100)) / HIDDEN**0.5
    generator = torch.Generator().manual_seed(seed)
    sources, targets, durations = [], [], []
    for _ in range(n):
        length = int(torch.randint(15, 40, (), generator=generator))
        noise = torch.randn(length + 2, HIDDEN, generator=generator)
        sources.append((noise[:-2] + 2 * noise[1:-1] + noise[2:]) / 6**0.5)
        durations.append(torch.randint(0, 4, (length,), generator=generator))
        durations[-1][::3] = 1  # so that no more than `JUMP` are passed over
        warped = (sources[-1] @ linear_map).repeat_interleave(durations[-1], dim=0)
        targets.append(warped + 0.2 * torch.randn(warped.shape, generator=generator))
    counts = (torch.tensor([len(row) for row in rows]) for rows in (sources, targets))
    return Pairs(*(pad_sequence(rows, batch_first=True) for rows in (sources, targets, durations)), *counts)


def boundaries_found(aligner: Aligner, pairs: Pairs) -> float:
    """The share of source frames that end within one target frame of where they do."""
    found = search(pairs.log_p(aligner), pairs.source_lengths, pairs.target_lengths, JUMP)
    errors = (found.cumsum(1) - pairs.durations.cumsum(1)).abs()
    return (errors <= 1)[pairs.masks[0]].float().mean().item()


def test_it_learns_alignments_without_a_teacher():
    torch.manual_seed(0)
    aligner, pairs, held_out = Aligner(HIDDEN, N_TARGET, SIZE), make_pairs(16), make_pairs(8, seed=1)
    assert boundaries_found(aligner, pairs) < 0.6
    optimizer = torch.optim.Adam(aligner.parameters(), 1e-2)
    for _ in range(40):
        optimizer.zero_grad()
        losses = forward_sum(pairs.log_p(aligner), pairs.source_lengths, pairs.target_lengths, JUMP)
        (losses / pairs.target_lengths).mean().backward()
        optimizer.step()
    assert boundaries_found(aligner, pairs) > 0.95
    assert boundaries_found(aligner, held_out) > 0.95


def test_every_parameter_learns_from_the_sum_and_from_the_likeliest_path():
    pairs = make_pairs(3)
    lengths = pairs.source_lengths, pairs.target_lengths
    for loss in (
        lambda log_p: forward_sum(log_p, *lengths, JUMP),
        lambda log_p: -path_likelihood(log_p, search(log_p, *lengths, JUMP), pairs.target_lengths),
    ):
        aligner = Aligner(HIDDEN, N_TARGET, SIZE)
        loss(pairs.log_p(aligner)).sum().backward()
        gradients = [parameter.grad for parameter in aligner.parameters()]
        assert all(gradient.isfinite().all() for gradient in gradients)
        assert sum(bool(gradient.any()) for gradient in gradients) == len(gradients)


def test_padding_changes_nothing_and_is_impossible():
    aligner, pairs = Aligner(HIDDEN, N_TARGET, SIZE), make_pairs(3)
    of_source, of_target = pairs.masks
    loud = replace(
        pairs,
        sources=pairs.sources.masked_fill(~of_source[..., None], 1e3),
        targets=pairs.targets.masked_fill(~of_target[..., None], 1e3),
    )
    log_p = loud.log_p(aligner)
    for row, (n_source, n_target) in enumerate(zip(pairs.source_lengths, pairs.target_lengths, strict=True)):
        sources, targets = pairs.sources[row : row + 1, :n_source], pairs.targets[row : row + 1, :n_target]
        alone = aligner(sources, torch.ones(1, n_source, dtype=bool), targets, torch.ones(1, n_target, dtype=bool))
        torch.testing.assert_close(log_p[row, :n_target, :n_source], alone[0], rtol=1e-4, atol=1e-4)
        assert (log_p[row, n_target:] == IMPOSSIBLE).all() and (log_p[row, :, n_source:] == IMPOSSIBLE).all()


@pytest.mark.parametrize(("n_source", "n_target"), [(12, 24), (12, 12), (24, 12)])
def test_where_it_knows_nothing_both_go_on_evenly(n_source, n_target):
    aligner = Aligner(HIDDEN, N_TARGET, SIZE)
    for parameter in aligner.parameters():
        parameter.data.zero_()
    masks = torch.ones(1, n_source, dtype=bool), torch.ones(1, n_target, dtype=bool)
    log_p = aligner(torch.randn(1, n_source, HIDDEN), masks[0], torch.randn(1, n_target, N_TARGET), masks[1])
    durations = search(log_p, torch.tensor([n_source]), torch.tensor([n_target]), JUMP)
    even = torch.arange(1, n_source + 1) * n_target / n_source
    assert ((durations.cumsum(1) - even).abs() <= 1).all()


def test_scores_are_in_float32_whatever_the_precision_around_it():
    pairs = make_pairs(2)
    with torch.autocast("cpu", torch.bfloat16):
        log_p = pairs.log_p(Aligner(HIDDEN, N_TARGET, SIZE))
    assert log_p.dtype == torch.float32
