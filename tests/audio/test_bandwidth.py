"""The band of speech is found whatever was sampled how since, and whatever noise was added to it."""

from itertools import pairwise

import numpy as np
import pytest
import soundfile
from fakes.speech import spoken

from koeru.audio.bandwidth import BAND_HZ, bandwidth_hz
from koeru.audio.files import read_wav, resample
from koeru.stand_in.voice import SAMPLE_RATE

RATE = 22050
SAID = {
    f"{speaker} {emotion}: {text}": (text, speaker, emotion)
    for speaker, emotion in (("Teacher", "Normal"), ("MStudent", "Sad"), ("FStudent", "Happy"))
    for text in ("うん。", "母が朝ご飯を作る。")
}


@pytest.fixture(params=SAID)
def speech(request):
    """int16 (N,) of 48 kHz, with speech up to 20 kHz."""
    return spoken(*SAID[request.param]).samples


@pytest.fixture
def heard(tmp_path):
    """heard(samples, rate, *rates): samples of the first rate, by SoX at one rate after the other; int16 (N,)."""

    def heard(samples, *rates, subtype="PCM_16"):
        for before, after in pairwise(rates):
            soundfile.write(tmp_path / "a.wav", samples, before, subtype=subtype)
            resample(tmp_path / "a.wav", tmp_path / "b.wav", after)
            samples, _ = read_wav(tmp_path / "b.wav")
        return samples

    return heard


def noise(n_samples: int, dbfs: float, seed: int = 0):
    return np.random.default_rng(seed).normal(size=n_samples) * 32768 * 10 ** (dbfs / 20)


def added(wav, other):
    return np.clip(np.round(wav + other), -32768, 32767).astype(np.int16)


def test_what_was_sampled_wide_is_wide(speech, heard):
    assert bandwidth_hz(heard(speech, SAMPLE_RATE, RATE), RATE) >= 10_500
    assert bandwidth_hz(speech, SAMPLE_RATE) >= 13_000


@pytest.mark.parametrize("rate", [8000, 11025, 16000])
def test_what_was_up_sampled_is_as_wide_as_it_was(speech, heard, rate):
    about = pytest.approx(rate / 2, abs=1.1 * BAND_HZ)
    for rates in ((RATE,), (48000, RATE), (44100, 48000, RATE)):
        assert bandwidth_hz(heard(speech, SAMPLE_RATE, rate, *rates), RATE) == about
    assert bandwidth_hz(heard(speech, SAMPLE_RATE, rate), rate) == about


def telephone(speech, heard):
    return heard(speech, SAMPLE_RATE, 8000, 48000)


@pytest.mark.parametrize("dbfs", [-96, -80, -60, -50])
def test_noise_that_is_always_there_is_no_speech(speech, heard, dbfs):
    wav = telephone(speech, heard)
    assert bandwidth_hz(heard(added(wav, noise(len(wav), dbfs)), 48000, RATE), RATE) < 4400


def test_nor_is_soft_noise_that_comes_and_goes_with_the_speech(speech, heard):
    """A noise gate, or the dither of an encoder that is not used in silence."""
    wav = telephone(speech, heard)
    level = np.sqrt(np.convolve(np.square(wav.astype(float)), np.ones(960) / 960, "same"))
    gated = added(wav, noise(len(wav), -80) * (level > level.max() / 50))
    assert bandwidth_hz(heard(gated, 48000, RATE), RATE) < 4400


def test_nor_is_the_rounding_of_soft_speech(speech, heard):
    soft = added(telephone(speech, heard) * 0.01, 0)
    assert bandwidth_hz(heard(soft, 48000, RATE), RATE) < 4400


def test_codecs_of_telephones_and_of_the_web(speech, heard, tmp_path):
    low = heard(speech, SAMPLE_RATE, 8000)
    assert bandwidth_hz(heard(low / 32768, 8000, RATE, subtype="ULAW"), RATE) < 4400
    for name, subtype in (("a.mp3", "MPEG_LAYER_III"), ("a.ogg", "VORBIS")):
        soundfile.write(tmp_path / name, telephone(speech, heard), 48000, subtype=subtype)
        coded = added(soundfile.read(tmp_path / name)[0] * 32768, 0)
        assert bandwidth_hz(heard(coded, 48000, RATE), RATE) < 4400
        soundfile.write(tmp_path / name, speech, 48000, subtype=subtype)
        coded = added(soundfile.read(tmp_path / name)[0] * 32768, 0)
        assert bandwidth_hz(heard(coded, 48000, RATE), RATE) >= 10_000


def test_long_pauses_and_soft_voices_change_nothing(speech, heard):
    padded = np.pad(speech, (SAMPLE_RATE, 20 * SAMPLE_RATE))
    wide = heard(added(padded, noise(len(padded), -70)), SAMPLE_RATE, RATE)
    assert bandwidth_hz(wide, RATE) >= 9500
    wav = np.pad(telephone(speech, heard), (48000, 20 * 48000))
    assert bandwidth_hz(heard(added(wav, noise(len(wav), -70)), 48000, RATE), RATE) < 4400
    assert bandwidth_hz(heard(added(speech * 0.1, 0), SAMPLE_RATE, RATE), RATE) >= 9500


@pytest.mark.parametrize(
    "wav",
    [
        np.zeros(3 * RATE),
        noise(3 * RATE, -40),
        noise(600 * RATE, -60),
        3000 + noise(3 * RATE, -80),
        3000 * np.sin(np.arange(3 * RATE) * 0.1),
        np.zeros(0),
        noise(RATE // 4, -20) * np.arange(RATE // 4),
    ],
    ids=["silence", "noise", "minutes of noise", "offset", "tone", "nothing", "too short"],
)
def test_where_there_is_no_speech_nothing_is_measured(wav):
    assert bandwidth_hz(added(wav, 0), RATE) is None


@pytest.mark.parametrize("rate", [4000, 8000, 24000, 44100, 96000])
def test_any_rate(rate):
    burst = added(np.concatenate([np.zeros(rate), noise(rate, -20), np.zeros(rate)]), 0)
    assert bandwidth_hz(burst, rate) == rate / 2


@pytest.mark.parametrize("samples", [0, 1, 1023, 1024, 1102, 2047, 2559, 2560, 5000])
def test_of_a_recording_that_is_too_short_nothing_is_told(samples):
    """The shortest have no frame, the others no tenth of a second, or too few."""
    noise = np.random.default_rng(0).integers(-9000, 9000, samples).astype(np.int16)
    assert bandwidth_hz(noise, RATE) is None
