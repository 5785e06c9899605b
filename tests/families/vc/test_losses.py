from dataclasses import replace

import numpy as np
import pytest
import torch
from conversion_batches import make_conversion, make_pairs

from koeru.families.vc.batches import collate
from koeru.families.vc.losses import losses, poisson_deviance
from koeru.nn.losses import total_loss
from koeru.nn.prosody import ProsodyLikelihoods

LENGTHS = [(17, 23), (10, 7), (5, 9)]
FRAMES = [target for _, target in LENGTHS]


@pytest.fixture(params=[2, 3])
def output_and_batch(request):
    items = make_pairs(LENGTHS, request.param, (0, 8))
    batch = collate(items, request.param)
    return make_conversion(reduction_factor=request.param)(batch), batch


def mean(values, lengths):
    """Over the first lengths[b] of each row, by a loop."""
    rows = [row[:length] for row, length in zip(values.detach().numpy(), lengths, strict=True)]
    return np.concatenate(rows).mean(dtype=np.float64)


def test_parts_are_means_over_real_frames_and_no_other(output_and_batch):
    output, batch = output_and_batch
    parts = losses(output, batch)
    voiced, odds = batch.target_voiced, output.voicing.sigmoid()
    rate = output.log_durations.exp()
    deviance = 2 * (torch.xlogy(batch.durations, batch.durations / rate) - (batch.durations - rate))
    expected = {
        "mel": mean((output.mel - batch.target_mels).abs(), FRAMES),
        "mel_postnet": mean((output.mel_postnet - batch.target_mels).abs(), FRAMES),
        "pitch": mean((output.pitch - batch.target_pitch) ** 2, FRAMES),
        "energy": mean((output.energy - batch.target_energy) ** 2, FRAMES),
        "duration": mean(deviance, batch.source_lengths.tolist()),
        "voicing": mean(-torch.where(voiced, odds, 1 - odds).log(), FRAMES),
    }
    assert {name: part.value.item() for name, part in parts.items()} == pytest.approx(expected, rel=1e-4)
    assert total_loss(parts, {}).item() == pytest.approx(sum(expected.values()), rel=1e-4)


def test_what_fills_the_last_reduced_frame_up_counts_nowhere(output_and_batch):
    output, batch = output_and_batch
    parts = losses(output, batch)
    for b, n_frames in enumerate(FRAMES):
        for name in ("target_mels", "target_pitch", "target_energy"):
            getattr(batch, name)[b, n_frames:] = 1e3
        batch.target_voiced[b, n_frames:] ^= True
    assert {n: part.value for n, part in losses(output, batch).items()} == {n: part.value for n, part in parts.items()}


def test_likelihoods_are_losses_of_sentences_and_utterances(output_and_batch):
    output, batch = output_and_batch
    plain = losses(output, batch)
    of_units, of_utterances = torch.randn(batch.cuts.shape), torch.randn(len(batch.ids))
    mask = torch.rand(batch.cuts.shape) < 0.5
    mask[:, 0] = True
    known = ProsodyLikelihoods(of_units, of_utterances, mask)
    parts = losses(replace(output, likelihoods=known), batch)
    assert parts.keys() - plain.keys() == {"local_prosody", "global_prosody"}
    assert parts["local_prosody"].value.item() == pytest.approx(-of_units[mask].mean().item(), rel=1e-5)
    assert parts["global_prosody"].value.item() == pytest.approx(-of_utterances.mean().item(), rel=1e-5)
    assert parts["global_prosody"].count.item() == len(batch.ids)


def test_an_alignment_is_a_loss_by_reduced_frame_of_the_target(output_and_batch):
    output, batch = output_and_batch
    parts = losses(replace(output, alignment=torch.tensor([3.0, 4, 5])), batch)
    n_target = batch.target_lengths.sum().item()
    assert parts["alignment"].value.item() == pytest.approx(12 / n_target)


def test_sums_and_counts_of_pairs_join_to_those_of_their_batch():
    model, items = make_conversion("wgmm").eval(), make_pairs(LENGTHS, 3, (0, 8))
    together = losses(model(collate(items, 3)), collate(items, 3))
    rows = [losses(model(batch), batch) for batch in (collate([item], 3) for item in items)]
    for name, part in together.items():
        assert sum(row[name].sum for row in rows).item() == pytest.approx(part.sum.item(), rel=1e-4)
        assert sum(row[name].count for row in rows).item() == part.count.item()


def test_a_perfect_prediction_costs_nothing(output_and_batch):
    output, batch = output_and_batch
    perfect = replace(
        output,
        mel=batch.target_mels,
        mel_postnet=batch.target_mels,
        pitch=batch.target_pitch,
        energy=batch.target_energy,
        voicing=torch.where(batch.target_voiced, 99.0, -99.0),
        log_durations=batch.durations.clamp(min=1e-9).log(),
    )
    assert total_loss(losses(perfect, batch), {}).item() == pytest.approx(0, abs=1e-6)


def test_the_likeliest_duration_is_the_mean():
    counts = torch.tensor([0, 1, 1, 2, 5])
    rates = torch.linspace(0.2, 4, 381)
    costs = torch.stack([poisson_deviance(rate.log(), counts).mean() for rate in rates])
    assert rates[costs.argmin()].item() == pytest.approx(counts.float().mean().item(), abs=0.01)
    assert poisson_deviance(torch.tensor(2.0).log(), torch.tensor(2)).item() == pytest.approx(0, abs=1e-6)
