import itertools
import subprocess
import sys

import numpy as np
import pytest
import pyworld

from koeru.stand_in import voice
from koeru.stand_in.voice import EMOTIONS, PEAK, SAMPLE_RATE, SPEAKERS, Manner, speak

SENTENCE = "雨の朝、飴を二つ買いましたか？"
WAYS = [*((speaker, "Normal") for speaker in SPEAKERS), *(("Teacher", emotion) for emotion in EMOTIONS)]


@pytest.fixture(scope="module")
def speeches():
    return {way: speak(SENTENCE, *way) for way in dict.fromkeys(WAYS)}


def log_f0(speech):
    f0, times = pyworld.dio(speech.samples.astype(float), SAMPLE_RATE, f0_floor=60, f0_ceil=700)
    return np.log(f0, where=f0 > 0, out=np.full(len(f0), np.nan)), times


def level_db(speech):
    return 20 * np.log10(np.sqrt(np.mean(speech.samples.astype(float) ** 2)))


def test_the_phones_fill_the_sound_exactly(speeches):
    expected = voice.phones(voice.full_context(SENTENCE))
    for speech in speeches.values():
        starts, ends, phones = zip(*speech.intervals, strict=True)
        assert list(phones) == expected and "pau" in phones
        assert starts[0] == 0 and starts[1:] == ends[:-1]
        assert ends[-1] == len(speech.samples) / SAMPLE_RATE
        assert all(start < end for start, end in zip(starts, ends, strict=True))


def test_what_is_heard_in_a_phone_is_that_phone(speeches):
    for speech in speeches.values():
        curve, times = log_f0(speech)
        full_scale = speech.samples / 32768
        loudness = {}
        for start, end, phone in speech.intervals:
            inside = full_scale[int(start * SAMPLE_RATE) : int(end * SAMPLE_RATE)]
            loudness.setdefault(phone, []).append(np.sqrt(np.mean(inside**2)))
            if phone in "aeo" and end - start > 0.06:
                assert np.isfinite(np.interp((start + end) / 2, times, curve))
        assert 30 * max(loudness["sil"] + loudness["pau"]) < min(loudness["a"])


def test_the_same_arguments_give_the_same_samples(speeches):
    again = speak(SENTENCE, "MStudent", "Normal")
    assert np.array_equal(again.samples, speeches["MStudent", "Normal"].samples)
    assert again.intervals == speeches["MStudent", "Normal"].intervals


def test_a_manner_sets_tempo_pitch_and_level(speeches):
    plain = speeches["Teacher", "Normal"]
    for (speaker, emotion), speech in speeches.items():
        manner = SPEAKERS[speaker] + EMOTIONS[emotion]
        assert speech.seconds * manner.rate == pytest.approx(plain.seconds, rel=1e-3)
        shift = np.nanmedian(log_f0(speech)[0]) - np.nanmedian(log_f0(plain)[0])
        assert 12 * shift / np.log(2) == pytest.approx(manner.semitones, abs=0.6)
        louder = level_db(speech) - level_db(plain)
        assert louder == pytest.approx(manner.gain - SPEAKERS["Teacher"].gain, abs=1)


def test_no_two_emotions_sound_alike():
    for one, other in itertools.combinations(EMOTIONS.values(), 2):
        assert abs(one.semitones - other.semitones) >= 1
        assert abs(one.gain - other.gain) >= 2
        assert abs(one.rate - other.rate) >= 0.03


def test_nothing_clips_however_loud_the_voice(monkeypatch, speeches):
    assert not any(speech.guarded for speech in speeches.values())
    monkeypatch.setitem(voice.EMOTIONS, "Angry", Manner(1.1, 0, 40))
    loud = speak("石です。", "FStudent", "Angry")
    assert loud.guarded
    assert np.abs(loud.samples.astype(int)).max() == pytest.approx(PEAK * 32767, abs=1)


@pytest.mark.parametrize("text", ["", "。！", "😀"])
def test_what_cannot_be_spoken_is_an_error(text):
    with pytest.raises(ValueError, match="cannot speak"):
        speak(text)


def test_stdout_belongs_to_the_caller():
    command = [sys.executable, "-c", "import koeru.stand_in.voice"]
    said = subprocess.run(command, capture_output=True, check=True)
    assert said.stdout == b""
