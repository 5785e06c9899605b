"""Frame energy."""

import numpy as np
import pytest

from koeru.audio.energy import level_dbfs, log_energy
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


@pytest.mark.parametrize("win_length", [1024, 512])
@pytest.mark.parametrize("level", [-12.0, -60.0])
def test_the_level_of_a_frame_is_that_of_its_samples(win_length, level):
    time = np.arange(22050) / 22050
    sounds = {"sine": np.sin(2 * np.pi * 440 * time), "noise": np.random.default_rng(0).standard_normal(len(time))}
    for name, sound in sounds.items():
        wav = (sound / np.sqrt(np.mean(sound**2)) * 10 ** (level / 20)).astype(np.float32)
        found = level_dbfs(log_energy(wav, 1024, 256, win_length), 1024, win_length)[4:-4]
        mean = 10 * np.log10(np.mean(10 ** (found / 10)))
        assert mean == pytest.approx(level, abs=0.01 if name == "sine" else 0.3), name
