"""Silence detection on signals whose silences are known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koeru.audio.silence import Segment, find_segments

RATE = 22050
SETTINGS = {"silence_thresh_h": -50, "silence_thresh_t": -45, "min_silence_len": 200, "keep_silence": 50}


def sound(*stretches: tuple[float, float], rate: int = RATE) -> np.ndarray:
    """Noise of the given (seconds, dBFS) stretches, int16."""
    rng = np.random.default_rng(0)
    parts = [10 ** (level / 20) * rng.standard_normal(round(length * rate)) for length, level in stretches]
    return np.clip(np.round(np.concatenate(parts) * 32768), -32768, 32767).astype(np.int16)


def seconds(*samples: int) -> list[float]:
    return [n / RATE for n in samples]


def test_head_and_tail_go_and_the_pause_is_marked():
    wav = sound((0.3, -70), (1, -20), (0.5, -60), (1, -20), (0.4, -70))
    [segment] = find_segments(wav, RATE, **SETTINGS)
    assert seconds(segment.start, segment.stop) == pytest.approx([0.25, 2.85], abs=0.011)
    [pause] = segment.silences
    assert seconds(*pause) == pytest.approx([1.3, 1.8], abs=0.021)


def test_split_cuts_in_the_middle_of_the_pause():
    wav = sound((0.3, -70), (1, -20), (0.5, -60), (1, -20), (0.3, -60), (0.5, -20))
    [whole] = find_segments(wav, RATE, **SETTINGS)
    parts = find_segments(wav, RATE, **SETTINGS, inner="split")
    assert [part.start for part in parts[1:]] == [part.stop for part in parts[:-1]]
    assert (parts[0].start, parts[-1].stop) == (whole.start, whole.stop)
    assert seconds(*(part.stop for part in parts)) == pytest.approx([1.55, 2.95, 3.6], abs=0.02)
    assert all(part.silences == () for part in parts)


def test_a_pause_shorter_than_min_silence_len_is_speech():
    wav = sound((1, -20), (0.15, -70), (1, -20))
    assert find_segments(wav, RATE, **SETTINGS) == [Segment(0, len(wav))]


def test_each_threshold_has_its_own_end():
    wav = sound((0.5, -48), (1, -20), (0.5, -48))  # between the thresholds: head stays, tail goes
    [segment] = find_segments(wav, RATE, **SETTINGS)
    assert segment.start == 0 and segment.silences == ()
    assert seconds(segment.stop) == pytest.approx([1.55], abs=0.011)


@pytest.mark.parametrize("wav", [sound((1, -70)), np.zeros(RATE, np.int16), np.zeros(0, np.int16)])
def test_nothing_loud_is_no_segment(wav):
    assert find_segments(wav, RATE, **SETTINGS) == []


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0.02, 0.6), st.sampled_from([-80, -47, -30, -15])), min_size=1, max_size=8),
    st.sampled_from([16000, 22050, 44100]),
    st.sampled_from(["mark", "split"]),
    st.integers(0, 300),
)
def test_segments_are_in_order_and_inside_the_wav(stretches, rate, inner, keep_silence):
    wav = sound(*stretches, rate=rate)
    wanted = SETTINGS | {"keep_silence": keep_silence}
    segments = find_segments(wav, rate, **wanted, inner=inner)
    edges = [edge for segment in segments for edge in (segment.start, segment.stop)]
    assert edges == sorted(edges) and all(0 <= edge <= len(wav) for edge in edges)
    for segment in segments:
        assert segment.start < segment.stop
        assert all(segment.start <= start < stop <= segment.stop for start, stop in segment.silences)


@given(st.integers(0, 400), st.integers(0, 400))
@settings(max_examples=20, deadline=None)
def test_keeping_more_silence_never_shortens(less, more):
    wav = sound((0.4, -80), (0.5, -20), (0.4, -80))
    short, long = (find_segments(wav, RATE, **SETTINGS | {"keep_silence": keep})[0] for keep in sorted((less, more)))
    assert long.start <= short.start and short.stop <= long.stop


def test_wrong_input_is_refused():
    with pytest.raises(ValueError, match="16 bit"):
        find_segments(np.zeros(100), RATE, **SETTINGS)
    with pytest.raises(ValueError, match="min_silence_len"):
        find_segments(np.zeros(100, np.int16), RATE, **SETTINGS | {"min_silence_len": 0})
