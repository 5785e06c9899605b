"""Spectra in torch: the same mel as the data have, and a distance that is one."""

import numpy as np
import pytest
import torch

from koeru.audio import mel
from koeru.audio.mel import MelSpec
from koeru.nn.spectra import log_mel, stft_distance

SPECS = {
    "of the data": MelSpec(),
    "full band": MelSpec(fmax=11025),
    "another rate": MelSpec(
        sample_rate=16000, n_fft=512, hop_length=200, win_length=400, n_mels=40, fmin=60, fmax=8000
    ),
    "odd paddings": MelSpec(n_fft=1024, hop_length=255, win_length=600, n_mels=20),
}


def speech(samples=12_345, count=3):
    """Voices of a few harmonics with noise, of different loudness, with silence in one: (count, samples)."""
    rng = np.random.default_rng(0)
    time = np.arange(samples) / 22050
    f0 = 120 + 60 * rng.random((count, 1))
    voiced = sum(np.sin(2 * np.pi * k * f0 * time) / k for k in range(1, 20))
    wav = (voiced * 0.2 + rng.normal(0, 0.01, (count, samples))) * np.array([[1.0], [0.1], [0.01]])[:count]
    wav[0, 2000:5000] = 0
    return wav.clip(-1, 1).astype(np.float32)


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_the_mel_of_the_loss_is_that_of_the_data(spec):
    wavs = speech()
    found = log_mel(torch.from_numpy(wavs), spec).numpy()
    assert found.shape == (3, wavs.shape[1] // spec.hop_length, spec.n_mels)
    for own, wav in zip(found, wavs, strict=True):
        np.testing.assert_allclose(own, mel.log_mel(wav, spec), atol=1e-4)


def test_the_full_band_hears_what_the_data_do_not():
    """A tone above 8000 Hz is in no band of the data, and in the last ones of the loss."""
    tone = torch.sin(2 * np.pi * 9500 * torch.arange(8192) / 22050)[None] * 0.5
    data, loss = (log_mel(tone, SPECS[name])[0, 10:-10] for name in ("of the data", "full band"))
    assert data.max() < -5 < 0 < loss.max() + 2 and loss.mean(0).argmax() > 70


def test_the_mel_is_computed_in_float32_whatever_the_precision_around_it():
    wav = torch.from_numpy(speech())
    plain = log_mel(wav, MelSpec())
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(log_mel(wav, MelSpec()), plain)
        assert torch.equal(stft_distance(wav, wav * 0.5), stft_distance(wav, wav * 0.5).float())
    assert log_mel(wav.bfloat16(), MelSpec()).dtype == torch.float32


def test_gradients_of_the_mel_are_its_slopes():
    wav = (torch.randn(1, 2048, generator=torch.Generator().manual_seed(1)) * 0.1).double().requires_grad_()
    spec = MelSpec(n_fft=256, hop_length=64, win_length=256, n_mels=10)
    log_mel(wav, spec).sum().backward()
    rng = torch.Generator().manual_seed(0)
    direction = torch.randn(wav.shape, generator=rng, dtype=torch.double)
    with torch.no_grad():
        up, down = (log_mel(wav + step * direction, spec).double().sum() for step in (1e-4, -1e-4))
    assert (wav.grad * direction).sum().item() == pytest.approx(((up - down) / 2e-4).item(), rel=0.02)


def test_the_stft_distance_is_0_of_equal_waves_and_grows_as_they_part():
    wavs, noise = torch.from_numpy(speech()), torch.randn(3, 12_345, generator=torch.Generator().manual_seed(0))
    assert stft_distance(wavs, wavs).tolist() == [0, 0, 0]
    found = torch.stack([stft_distance(wavs + share * noise, wavs) for share in (0.001, 0.01, 0.1, 0.5)])  # (4, B)
    assert (found > 0).all() and (found.diff(dim=0) > 0).all()


def test_every_wave_has_a_distance_of_its_own():
    wavs = torch.from_numpy(speech())
    other = wavs * torch.tensor([[1.0], [0.5], [0.25]])
    found = stft_distance(other, wavs)
    assert found[0] == 0 < found[1] < found[2]
    for row in range(3):
        torch.testing.assert_close(stft_distance(other[row : row + 1], wavs[row : row + 1])[0], found[row])


def test_half_the_amplitude_is_half_of_the_spectrum_and_ln_2():
    """Spectral convergence is |S - S / 2| / |S| = 1 / 2, the distance of the logs is ln 2 wherever there is sound."""
    noise = torch.randn(1, 12_345, generator=torch.Generator().manual_seed(0)) * 0.1
    assert stft_distance(noise * 0.5, noise).item() == pytest.approx(0.5 + np.log(2), rel=1e-3)


def test_what_is_made_of_a_pause_weighs_no_more_than_speech():
    noise = torch.randn(1, 12_345, generator=torch.Generator().manual_seed(0))
    of_speech = stft_distance(noise * 0.2, noise * 0.1).item()  # twice as loud
    of_a_pause = stft_distance(noise * 2e-4, noise * 1e-4).item()
    assert of_a_pause < of_speech == pytest.approx(1 + np.log(2), rel=1e-3)
    assert stft_distance(noise * 0.02, noise * 0.01).item() == pytest.approx(of_speech, rel=0.02)


def test_silence_and_its_gradient_are_finite():
    wav = torch.zeros(1, 8192, requires_grad=True)
    (stft_distance(wav, torch.from_numpy(speech(8192, 1))).sum() + log_mel(wav, MelSpec()).sum()).backward()
    assert wav.grad.isfinite().all()
