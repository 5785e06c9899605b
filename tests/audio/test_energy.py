"""Frame energy."""

import numpy as np
import pytest

from koeru.audio.energy import log_energy
from koeru.audio.mel import MelSpec, log_mel, stft_power


def test_energy_has_the_frames_of_the_mel(voice):
    wav = voice(1.01)
    energy = log_energy(wav, 1024, 256, 1024)
    assert energy.dtype == np.float32 and energy.shape == log_mel(wav, MelSpec()).shape[:1]


def test_energy_is_the_norm_of_the_magnitude(voice):
    wav = voice(0.5)
    norm = np.linalg.norm(np.sqrt(stft_power(wav.astype(np.float64), 1024, 256, 1024)), axis=1)
    np.testing.assert_allclose(log_energy(wav, 1024, 256, 1024), np.log(norm), atol=1e-5)


@pytest.mark.parametrize("gain", [0.5, 0.01])
def test_a_gain_shifts_the_log(voice, gain):
    wav = voice(0.5)
    shift = log_energy(wav * np.float32(gain), 1024, 256, 1024) - log_energy(wav, 1024, 256, 1024)
    np.testing.assert_allclose(shift, np.log(gain), atol=1e-5)


def test_digital_silence_is_the_floor():
    energy = log_energy(np.zeros(4096, dtype=np.float32), 1024, 256, 1024)
    np.testing.assert_allclose(energy, np.log(1e-5), rtol=1e-6)
