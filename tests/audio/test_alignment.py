"""How alike two utterances sound: a sentence is nearer to itself by another voice than to another sentence."""

from itertools import product

import numpy as np
import pytest

from koeru.audio.alignment import CEPSTRA, cepstra, cepstral_distance
from koeru.audio.mel import MelSpec, log_mel
from koeru.stand_in.voice import SAMPLE_RATE, speak

SAID = ("母が朝ご飯を作る。", "父が駅まで歩く。", "兄が手紙を書く。")
SPEC = MelSpec(sample_rate=SAMPLE_RATE, n_fft=1024, hop_length=256, win_length=1024, n_mels=80, fmin=0, fmax=8000)


@pytest.fixture(scope="module")
def mels():
    """Of each sentence by two voices."""
    return {
        (voice, text): log_mel((speak(text, voice, "Normal").samples / 32768).astype(np.float32), SPEC)
        for voice, text in product(("Teacher", "MStudent"), SAID)
    }


def test_the_same_sentence_by_another_voice_is_the_nearest(mels):
    for text in SAID:
        distances = {said: cepstral_distance(mels["Teacher", text], mels["MStudent", said]) for said in SAID}
        assert min(distances, key=distances.get) == text, distances


def test_tempo_level_and_channel_are_no_distance(mels):
    mel = mels["Teacher", SAID[0]]
    slower = np.repeat(mel, 2, axis=0)
    coloured = mel + 1.5 + np.linspace(-0.5, 0.5, mel.shape[1])
    other = cepstral_distance(mel, mels["Teacher", SAID[1]])
    assert cepstral_distance(mel, mel) == pytest.approx(0, abs=1e-3)
    assert cepstral_distance(mel, coloured) == pytest.approx(0, abs=1e-3)
    assert cepstral_distance(mel, slower) < 0.3 * other
    assert cepstral_distance(mel, slower) == pytest.approx(cepstral_distance(slower, mel))


def test_cepstra_are_orthonormal():
    """So distances of cepstra are distances of smoothed spectra."""
    mel = np.random.default_rng(0).standard_normal((7, CEPSTRA + 1))
    assert np.linalg.norm(cepstra(mel), axis=1) == pytest.approx(np.linalg.norm(mel, axis=1))
    assert np.allclose(cepstra(mel, first=1), cepstra(mel)[:, 1:])


def test_hours_take_no_more_memory_than_minutes():
    """What is longer is looked at in coarser steps."""
    rng = np.random.default_rng(0)
    long = rng.standard_normal((40_000, 20)).astype(np.float32)
    assert cepstral_distance(long, long[:20_000]) > 0
