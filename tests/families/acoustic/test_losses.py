import dataclasses

import numpy as np
import pytest
import torch

from koeru.families.acoustic.losses import losses
from koeru.nn.losses import total_loss
from koeru.nn.prosody import ProsodyLikelihoods


@pytest.fixture(params=["phone", "frame"])
def output_and_batch(make_fastspeech2, make_batch, request):
    """Pitch is at one level, energy at the other."""
    torch.manual_seed(0)
    batch = make_batch([6, 3, 8])
    other = {"phone": "frame", "frame": "phone"}[request.param]
    return make_fastspeech2(pitch_level=request.param, energy_level=other)(batch), batch


def truth(output, batch):
    """The true pitch and energy, each of its level."""
    return {
        "pitch": batch.pitch if output.levels["pitch"] == "phone" else batch.frame_pitch,
        "energy": batch.energy if output.levels["energy"] == "phone" else batch.frame_energy,
    }


def mean(values, lengths):
    """Over the first lengths[b] of each row, by a loop."""
    rows = [row[:length] for row, length in zip(values.detach().numpy(), lengths, strict=True)]
    return np.concatenate(rows).mean(dtype=np.float64)


def test_parts_are_means_over_real_positions(output_and_batch):
    output, batch = output_and_batch
    parts, true = losses(output, batch), truth(output, batch)
    phones, frames = batch.phone_lengths.tolist(), batch.durations.sum(1).tolist()
    lengths = {"phone": phones, "frame": frames}
    expected = {
        "mel": mean((output.mel - batch.mels).abs(), frames),
        "mel_postnet": mean((output.mel_postnet - batch.mels).abs(), frames),
        "pitch": mean((output.pitch - true["pitch"]) ** 2, lengths[output.levels["pitch"]]),
        "energy": mean((output.energy - true["energy"]) ** 2, lengths[output.levels["energy"]]),
        "duration": mean((output.log_durations - torch.log(batch.durations + 1)) ** 2, phones),
    }
    assert {name: part.value.item() for name, part in parts.items()} == pytest.approx(expected, rel=1e-5)
    assert total_loss(parts, {}).item() == pytest.approx(sum(expected.values()), rel=1e-5)


def test_likelihoods_are_losses_over_what_has_a_prosody(output_and_batch):
    output, batch = output_and_batch
    plain = losses(output, batch)
    of_phones, of_utterances = torch.randn(batch.phones.shape), torch.randn(len(batch.ids))
    mask = output.phone_mask & (batch.durations > 0)
    known = ProsodyLikelihoods(of_phones, of_utterances, mask)
    parts = losses(dataclasses.replace(output, likelihoods=known), batch)
    assert parts.keys() - plain.keys() == {"local_prosody", "global_prosody"}
    assert parts["local_prosody"].value.item() == pytest.approx(-of_phones[mask].mean().item(), rel=1e-5)
    assert parts["global_prosody"].value.item() == pytest.approx(-of_utterances.mean().item(), rel=1e-5)
    assert parts["global_prosody"].count.item() == len(batch.ids)
    for missing in ("of_units", "of_utterances"):
        one = losses(dataclasses.replace(output, likelihoods=dataclasses.replace(known, **{missing: None})), batch)
        assert len(one) == len(plain) + 1


def test_the_total_weighs_its_parts(output_and_batch):
    parts = losses(*output_and_batch)
    without = sum(part.value for name, part in parts.items() if name not in ("mel", "pitch"))
    expected = without + 3 * parts["mel"].value + 0 * parts["pitch"].value
    torch.testing.assert_close(total_loss(parts, {"mel": 3.0, "pitch": 0.0, "nothing": 7.0}), expected)


def test_sums_and_counts_of_utterances_join_to_those_of_their_batch(make_fastspeech2, make_batch):
    model = make_fastspeech2(energy_level="frame").eval()
    batch = make_batch([6, 3, 8])
    together = losses(model(batch), batch)
    tensors = {f.name: getattr(batch, f.name) for f in dataclasses.fields(batch) if f.name != "ids"}
    rows = []
    for b in range(3):
        row = {name: v[b : b + 1] if torch.is_tensor(v) else v for name, v in tensors.items()}
        single = type(batch)(ids=(batch.ids[b],), **row)
        rows.append(losses(model(single), single))
    for name, part in together.items():
        assert sum(row[name].sum for row in rows).item() == pytest.approx(part.sum.item(), rel=1e-5)
        assert sum(row[name].count for row in rows).item() == part.count.item()


def test_a_perfect_prediction_costs_nothing(output_and_batch):
    output, batch = output_and_batch
    perfect = dataclasses.replace(
        output,
        mel=batch.mels,
        mel_postnet=batch.mels,
        **truth(output, batch),
        log_durations=torch.log(batch.durations + 1.0),
    )
    assert total_loss(losses(perfect, batch), {}).item() == pytest.approx(0, abs=1e-6)
