"""Wav files: made, resampled, joined."""

import io
from base64 import b64encode

import numpy as np
import pytest
import soundfile

from koeru.use.serving.query import RequestError
from koeru.use.serving.waves import joined, wav_bytes

TONE = np.sin(2 * np.pi * 220 * np.arange(22050) / 22050).astype(np.float32) * 0.5


def read(content: bytes):
    samples, rate = soundfile.read(io.BytesIO(content), dtype="int16", always_2d=True)
    assert soundfile.info(io.BytesIO(content)).subtype == "PCM_16"
    return samples, rate


def base64(samples: np.ndarray, rate: int = 22050) -> str:
    return b64encode(wav_bytes(samples, rate, rate, False)).decode()


def test_samples_are_a_mono_file_of_16_bits():
    samples, rate = read(wav_bytes(TONE, 22050, 22050, False))
    assert rate == 22050 and samples.shape == (22050, 1)
    assert np.abs(samples[:, 0] - TONE * 32767).max() < 2


def test_what_would_clip_is_turned_down():
    samples, _ = read(wav_bytes(4 * TONE, 22050, 22050, False))
    assert np.abs(samples[:, 0] / 32767 - 2 * TONE).max() < 1e-3


@pytest.mark.parametrize("rate", [8000, 24000, 48000])
def test_other_rates_sound_alike(rate):
    samples, found = read(wav_bytes(TONE, 22050, rate, True))
    assert found == rate and samples.shape[1] == 2 and abs(len(samples) - rate) <= 2
    assert (samples[:, 0] == samples[:, 1]).all()
    spectrum = np.abs(np.fft.rfft(samples[:, 0]))
    assert abs(np.argmax(spectrum) * rate / len(samples) - 220) < 1.5
    assert np.abs(samples).max() == pytest.approx(16384, rel=0.05)


def test_waves_are_joined_in_their_order():
    content = joined([base64(TONE[:100]), base64(TONE[100:250])])
    assert (read(content)[0] == read(wav_bytes(TONE[:250], 22050, 22050, False))[0]).all()


@pytest.mark.parametrize(
    ("waves", "message"),
    [
        ([], "and these are none"),
        (["?"], "wave 1 is no wav file in base64"),
        (["あ"], "wave 1 is no wav file"),
        ([base64(TONE), b64encode(b"RIFF").decode()], "wave 2 is no wav file in base64"),
        (
            [base64(TONE), base64(TONE, 24000)],
            "alike, and these are 22050 Hz with 1 channels, 24000 Hz with 1 channels",
        ),
    ],
)
def test_what_cannot_be_joined_is_told(waves, message):
    with pytest.raises(RequestError, match=message):
        joined(waves)


def test_other_formats_are_no_wav_files():
    content = io.BytesIO()
    soundfile.write(content, TONE, 22050, format="FLAC")
    with pytest.raises(RequestError, match="wave 1 is no wav file"):
        joined([b64encode(content.getvalue()).decode()])
