import dataclasses

import numpy as np
import pytest
import torch

from koeru.models.fastspeech2 import FastSpeech2
from koeru.models.losses import losses, masked_mean


@pytest.fixture
def output_and_batch(make_config, make_batch):
    torch.manual_seed(0)
    batch = make_batch([6, 3, 8])
    return FastSpeech2(make_config())(batch), batch


def test_parts_are_means_over_real_positions(output_and_batch):
    output, batch = output_and_batch
    total, parts = losses(output, batch)

    def mean(values, lengths):
        rows = [row[:length] for row, length in zip(values.detach().numpy(), lengths, strict=True)]
        return np.concatenate(rows).mean(dtype=np.float64)

    phones, frames = batch.phone_lengths.tolist(), batch.durations.sum(1).tolist()
    expected = {
        "mel": mean((output.mel - batch.mels).abs(), frames),
        "mel_postnet": mean((output.mel_postnet - batch.mels).abs(), frames),
        "pitch": mean((output.pitch - batch.pitch) ** 2, phones),
        "energy": mean((output.energy - batch.energy) ** 2, phones),
        "duration": mean((output.log_durations - torch.log(batch.durations + 1)) ** 2, phones),
    }
    assert {name: part.value.item() for name, part in parts.items()} == pytest.approx(expected, rel=1e-5)
    assert total.item() == pytest.approx(sum(expected.values()), rel=1e-5)


def test_sums_and_counts_of_utterances_join_to_those_of_their_batch(make_config, make_batch):
    model = FastSpeech2(make_config()).eval()
    batch = make_batch([6, 3, 8])
    _, together = losses(model(batch), batch)
    tensors = {f.name: getattr(batch, f.name) for f in dataclasses.fields(batch) if f.name != "ids"}
    rows = []
    for b in range(3):
        row = {name: v[b : b + 1] if torch.is_tensor(v) else v for name, v in tensors.items()}
        single = type(batch)(ids=(batch.ids[b],), **row)
        rows.append(losses(model(single), single)[1])
    for name, part in together.items():
        assert sum(row[name].sum for row in rows).item() == pytest.approx(part.sum.item(), rel=1e-5)
        assert sum(row[name].count for row in rows).item() == part.count.item()


def test_a_perfect_prediction_costs_nothing(output_and_batch):
    output, batch = output_and_batch
    perfect = dataclasses.replace(
        output,
        mel=batch.mels,
        mel_postnet=batch.mels,
        pitch=batch.pitch,
        energy=batch.energy,
        log_durations=torch.log(batch.durations + 1.0),
    )
    assert losses(perfect, batch)[0].item() == pytest.approx(0, abs=1e-6)


def test_masked_mean_ignores_what_is_masked():
    values = torch.tensor([[1.0, 2.0, float("nan")], [3.0, float("inf"), 1e9]])
    mask = torch.tensor([[True, True, False], [True, False, False]])
    assert masked_mean(values, mask).value.item() == 2.0
    assert masked_mean(values[..., None].expand(-1, -1, 4), mask).value.item() == 2.0
