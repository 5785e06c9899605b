"""The mel spectrogram against librosa's filters and torch's STFT, and its framing."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from koeru.audio.mel import MelSpec, hz_to_mel, log_mel, mel_basis, mel_to_hz, stft_magnitude

# Made once with librosa 0.11.0: for fmax in (8000, 11025), key f"fmax{fmax}" is
# librosa.filters.mel(sr=22050, n_fft=1024, n_mels=80, fmin=0, fmax=fmax) as float32.
GOLDEN = Path(__file__).parent / "data" / "mel_basis_librosa.npz"

specs = [
    MelSpec(),
    MelSpec(fmax=11025.0),
    MelSpec(hop_length=200, win_length=800, n_mels=40, fmin=60.0),
    MelSpec(sample_rate=24000, n_fft=2048, hop_length=300, win_length=1200, fmax=12000.0),
]


def by_torch(wav: np.ndarray, spec: MelSpec) -> np.ndarray:
    """The same by HiFi-GAN's recipe on torch in float64, (T, M)."""
    pad = (spec.n_fft - spec.hop_length) // 2
    padded = torch.nn.functional.pad(torch.from_numpy(wav).double()[None, None], (pad, pad), mode="reflect")
    spectrum = torch.stft(
        padded[0, 0],
        spec.n_fft,
        spec.hop_length,
        spec.win_length,
        torch.hann_window(spec.win_length, dtype=torch.float64),
        center=False,
        return_complex=True,
    )
    magnitude = torch.sqrt(spectrum.real**2 + spectrum.imag**2 + 1e-9)  # (F, T)
    mel = torch.from_numpy(mel_basis(spec).copy()).double() @ magnitude
    return torch.log(torch.clamp(mel, min=1e-5)).T.numpy()


@pytest.mark.parametrize("fmax", [8000, 11025])
def test_filters_are_librosas(fmax):
    with np.load(GOLDEN) as golden:
        np.testing.assert_allclose(mel_basis(MelSpec(fmax=fmax)), golden[f"fmax{fmax}"], atol=1e-8, rtol=1e-5)


def test_filters_are_made_once_and_cannot_be_changed():
    assert mel_basis(MelSpec()) is mel_basis(MelSpec())
    with pytest.raises(ValueError, match="read-only"):
        mel_basis(MelSpec())[0, 0] = 1


@given(st.floats(0, 20000))
def test_mel_scale_is_invertible(hz):
    assert mel_to_hz(hz_to_mel(hz)) == pytest.approx(hz, abs=1e-6)


@pytest.mark.parametrize("spec", specs)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_log_mel_is_torchs(voice, spec, dtype):
    wav = voice(1.3).astype(dtype)
    ours = log_mel(wav, spec)
    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours, by_torch(wav, spec), atol=1e-4)


@settings(deadline=None)
@given(st.integers(513, 20000), st.sampled_from([128, 200, 256, 300]))
def test_there_are_as_many_frames_as_hops(n_samples, hop_length):
    wav = np.zeros(n_samples, dtype=np.float32)
    assert log_mel(wav, MelSpec(hop_length=hop_length)).shape == (n_samples // hop_length, 80)


def test_frame_k_sees_what_happens_at_its_centre():
    wav = np.zeros(256 * 20, dtype=np.float32)
    wav[256 * 7 + 128] = 1
    energy = stft_magnitude(wav, 1024, 256, 1024).sum(axis=1)
    assert energy.argmax() == 7
    np.testing.assert_allclose(energy[6], energy[8], rtol=1e-5)


def test_silence_is_the_floor_and_nothing_lies_below():
    mel = log_mel(np.zeros(4096, dtype=np.float32), MelSpec())
    assert np.isfinite(mel).all() and mel.min() >= np.log(np.float32(1e-5))


def test_too_short_a_signal_is_refused():
    assert log_mel(np.zeros(385, dtype=np.float32), MelSpec()).shape == (1, 80)
    with pytest.raises(ValueError, match=r"384 samples are too few.*shortest.*385"):
        log_mel(np.zeros(384, dtype=np.float32), MelSpec())


@pytest.mark.parametrize("wav", [np.zeros(5000, dtype=np.int16), np.zeros((2, 5000), dtype=np.float32)])
def test_other_than_mono_floats_are_refused(wav):
    with pytest.raises(ValueError, match="mono waveform of floats"):
        log_mel(wav, MelSpec())


@pytest.mark.parametrize(
    "values", [{"fmax": 12000.0}, {"fmin": 9000.0}, {"hop_length": 0}, {"win_length": 2048}, {"n_mels": 0}]
)
def test_impossible_specs_are_refused(values):
    with pytest.raises(ValueError, match="mel:"):
        MelSpec(**values)
