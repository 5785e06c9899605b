"""What a threshold silences within speech, held against pydub, which head and tail are trimmed by."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koeru.audio.muting import ABOVE, THRESHOLDS, find_muted, quiet, silenced
from koeru.audio.silence import AudioSegment

RATE = 22050
LEVELS = (-110, -95, -88, -80, -72, -62, -45, -25)


def sound(*stretches: tuple[float, float], rate: int = RATE) -> np.ndarray:
    """Noise of the given (seconds, dBFS) stretches, int16."""
    rng = np.random.default_rng(0)
    parts = [10 ** (level / 20) * rng.standard_normal(round(length * rate)) for length, level in stretches]
    return np.clip(np.round(np.concatenate(parts) * 32768), -32768, 32767).astype(np.int16)


STRETCHES = st.lists(st.tuples(st.floats(0.02, 0.4), st.sampled_from(LEVELS)), min_size=1, max_size=8)


@settings(max_examples=40)
@given(STRETCHES, st.sampled_from(THRESHOLDS), st.sampled_from([10, 20, 50]), st.floats(0, 0.3))
def test_a_chunk_is_muted_where_pydub_finds_it_silent(stretches, threshold, size, start):
    """At a rate at which all chunks are whole samples, so that both see the same ones."""
    wav = sound(*stretches, rate=16000)
    first = int(start * len(wav) / 16) * 16
    muted = find_muted(wav, (first, len(wav)), 16000, size, threshold)
    zero = np.zeros(len(wav), bool)
    for begin, end in muted:
        assert begin < end and not zero[max(0, begin - 1) : end].any()  # in order, and none meets the next
        zero[begin:end] = True
    length = size * 16
    for at in range(first, len(wav), length):
        chunk = wav[at : at + length]
        rms = AudioSegment(chunk.tobytes(), sample_width=2, frame_rate=16000, channels=1).rms
        silent = len(chunk) == length and rms <= 32768 * 10 ** (threshold / 20)
        assert zero[at : at + length].all() if silent else not zero[at : at + length].any()


@settings(max_examples=40)
@given(STRETCHES, st.sampled_from([16000, 22050, 44100]), st.sampled_from([10, 50]), st.floats(0, 0.3))
def test_what_is_told_of_a_threshold_is_what_it_mutes(stretches, rate, size, start):
    wav = sound(*stretches, rate=rate)
    speech = (int(start * len(wav)), len(wav))
    told = quiet(wav, speech, rate, size)
    assert len(told.chunks) == len(THRESHOLDS) + 1 and len(told.peaks) == len(THRESHOLDS)
    assert sum(told.chunks) == int((speech[1] - speech[0]) / (size * rate / 1000))
    for i, threshold in enumerate(THRESHOLDS):
        muted = find_muted(wav, speech, rate, size, threshold)
        samples = sum(stop - start for start, stop in muted)
        assert sum(told.chunks[: i + 1]) * size / 1000 == pytest.approx(samples / rate, abs=len(muted) * 2 / rate)
        largest = max((np.abs(wav[start:stop].astype(int)).max() for start, stop in muted), default=0)
        assert max(told.peaks[: i + 1]) == largest


def test_minus_80_silences_what_minus_100_leaves():
    wav = sound((1, -20), (1.2, -86), (1, -20), (0.5, -200), (1, -20))
    speech = (0, len(wav))
    assert sum(b - a for a, b in find_muted(wav, speech, RATE, 50, -80)) / RATE == pytest.approx(1.7, abs=0.11)
    assert sum(b - a for a, b in find_muted(wav, speech, RATE, 50, -100)) / RATE == pytest.approx(0.5, abs=0.06)


@pytest.mark.parametrize("threshold", [-91, -95, -100, -110, -200])
def test_below_one_step_of_16_bits_all_thresholds_are_one(threshold):
    wav = sound((0.3, -20), (0.5, -94), (0.5, -88), (0.3, -20))
    assert find_muted(wav, (0, len(wav)), RATE, 50, threshold) == find_muted(wav, (0, len(wav)), RATE, 50, -100) != []


@pytest.mark.parametrize(("floor", "expected"), [(-95, -100), (-85, -90), (-72, -70), (-62, -60), (-30, None)])
def test_the_background_is_the_softest_part_without_digital_zeros(floor, expected):
    wav = sound((0.2, -200), (0.3, floor), (1.5, -20), (0.3, floor))
    place = quiet(wav, (RATE // 2, 2 * RATE), RATE, 50).background
    assert place == (len(THRESHOLDS) if expected is None else THRESHOLDS.index(expected))


def test_digital_silence_has_a_background_as_well():
    assert quiet(np.zeros(RATE, np.int16), (0, RATE), RATE, 50).background == 0


def test_two_thresholds_above_the_background_are_about_10_db():
    """By the levels that fall under each, whose lowest is that of a threshold and a step of 16 bits more."""
    steps = [int(32768 * 10 ** (threshold / 20)) for threshold in THRESHOLDS]
    assert len(set(steps)) == len(steps)  # no two act alike
    for softer, louder in zip(steps[1:], steps[1 + ABOVE :], strict=False):
        assert 9 < 20 * np.log10(louder / softer) < 15


@settings(max_examples=30)
@given(st.lists(st.integers(0, 1000), min_size=0, max_size=10, unique=True), st.integers(0, 999), st.integers(1, 400))
def test_a_part_of_the_muted_recording_is_the_muted_part(cuts, first, count):
    wav = np.arange(1, 1001, dtype=np.int16)
    ends = sorted(cuts)[: len(cuts) // 2 * 2]
    muted = list(zip(ends[::2], ends[1::2], strict=True))
    whole = silenced(wav, muted)
    assert (silenced(wav[first : first + count], np.array(muted), first) == whole[first : first + count]).all()
    zero = {i for start, stop in muted for i in range(start, stop)}
    assert set(np.flatnonzero(whole == 0)) == zero and (wav == np.arange(1, 1001)).all()


@pytest.mark.parametrize("stop", [100, 100 + RATE // 20])
def test_speech_shorter_than_a_chunk_is_left_as_it_is(stop):
    wav = np.zeros(RATE, np.int16)
    assert find_muted(wav, (100, stop), RATE, 50, -80) == []
    assert sum(quiet(wav, (100, stop), RATE, 50).chunks) == 0
