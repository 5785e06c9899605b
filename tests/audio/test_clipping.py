"""Flat tops are found at any level and in any format; the tops of waves that were not cut off are none."""

import numpy as np
import pytest
import soundfile
from fakes.speech import spoken

from koeru.audio.clipping import clipped_share
from koeru.audio.files import inspect
from koeru.stand_in.voice import SAMPLE_RATE, resample

HERTZ = (8000, 22050, 48000)


@pytest.fixture(scope="module")
def voices():
    """Recordings of two voices by sample rate, their peaks at full scale 1."""
    texts = ("うん。", "窓を開ける。")
    spoke = [spoken(text, who).samples / 32768 for who in ("Teacher", "MStudent") for text in texts]
    made = {hz: [resample(wave, SAMPLE_RATE, hz) for wave in spoke] for hz in HERTZ}
    return {hz: [wave / np.abs(wave).max() for wave in waves] for hz, waves in made.items()}


def in_file(path, samples, rate, subtype):
    """What is clipped of samples that were written to a file, which cuts off what is beyond its scale."""
    soundfile.write(path, samples, rate, subtype=subtype)
    return inspect(path).clipped


def step(bits: int) -> float:
    return 2.0 ** (1 - bits)


def rounded(samples, bits: int):
    return np.clip(np.round(samples / step(bits)), -1 / step(bits), 1 / step(bits) - 1) * step(bits)


def test_what_is_counted():
    """Runs of three or more at the highest and the lowest value, of each channel, whatever these values are."""
    one = np.array([0.0, 0.4, 0.4, 0.4, 0.0, 0.4, 0.4, -0.3, -0.3, -0.3, -0.3, 0.1, 0.1, 0.1])
    assert clipped_share(one[:, None], 8000, step(16)) == 7 / 14
    two = np.stack([one, np.linspace(-1, 1, 14)], axis=1)
    assert clipped_share(two, 8000, step(16)) == 7 / 28
    assert clipped_share(np.zeros((9, 1)), 8000, step(16)) == clipped_share(np.zeros((0, 1)), 8000, step(16)) == 0
    assert clipped_share(np.full((9, 1), np.iinfo(np.int16).min, np.int16), 8000, 1.0) == 1


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "ULAW"])
@pytest.mark.parametrize("hz", HERTZ)
def test_speech_that_touches_full_scale_is_not_clipped(voices, tmp_path, hz, subtype):
    for wave in voices[hz]:
        assert in_file(tmp_path / "a.wav", wave, hz, subtype) < 1e-4


@pytest.mark.parametrize("hz", HERTZ)
def test_a_sine_at_full_scale_is_not_clipped(tmp_path, hz):
    sine = np.sin(2 * np.pi * 250 * np.arange(hz) / hz)
    for subtype in ("PCM_U8", "PCM_16", "PCM_24", "FLOAT"):
        assert in_file(tmp_path / "a.wav", sine, hz, subtype) == 0


@pytest.mark.parametrize(("bits", "below_db"), [(8, 20), (8, 34), (16, 60), (16, 80)])
@pytest.mark.parametrize("hz", HERTZ)
def test_the_few_values_of_a_soft_recording_are_no_flat_tops(voices, hz, bits, below_db):
    for wave in voices[hz]:
        soft = rounded(wave * 10 ** (-below_db / 20), bits)
        assert clipped_share(soft[:, None], hz, step(bits)) == 0


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "FLOAT", "PCM_U8"])
@pytest.mark.parametrize(("hz", "least"), [(8000, 0.1), (22050, 0.6), (48000, 0.6)])
def test_what_was_overdriven_is_clipped(voices, tmp_path, hz, least, subtype):
    """Most of what was cut off is in runs: less at low rates, where tops are short, and of 8 bits, which round them."""
    for wave in voices[hz]:
        cut_off = np.mean(np.abs(wave * 3) >= 1)
        clipped = in_file(tmp_path / "a.wav", np.clip(wave * 3, -1, 1), hz, subtype)
        assert least * (0.5 if subtype == "PCM_U8" else 1) * cut_off < clipped <= cut_off + 1e-3


@pytest.mark.parametrize("level", [0.5, 0.1, 1.6])
def test_what_was_turned_up_or_down_since_stays_clipped(voices, tmp_path, level):
    for wave in voices[48000]:
        flat = np.clip(wave * 3, -1, 1)
        subtype = "FLOAT" if level > 1 else "PCM_16"
        at_full_scale = in_file(tmp_path / "a.wav", flat, 48000, subtype)
        assert in_file(tmp_path / "b.wav", flat * level, 48000, subtype) == pytest.approx(at_full_scale, rel=0.1)
