"""Silence detection on signals whose silences are known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koeru.audio.silence import Segment, find_segments, level_dbfs, taken, trimmed

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
    assert find_segments(wav, RATE, **SETTINGS) == [Segment(0, len(wav), (0, len(wav)))]


@pytest.mark.parametrize("keep_silence", [0, 50, 120])
def test_in_larger_steps_less_is_trimmed_and_as_much_is_kept(keep_silence):
    wav = sound((0.33, -70), (1, -20), (0.53, -60), (1, -20), (0.34, -70))
    keep = SETTINGS | {"keep_silence": keep_silence}
    fine, coarse = (find_segments(wav, RATE, **keep, chunk_size=size)[0] for size in (10, 50))
    assert seconds(*fine.speech) == pytest.approx([0.33, 2.86], abs=0.001)
    assert seconds(*coarse.speech) == pytest.approx([0.3, 2.9], abs=0.001)  # whole steps from either end
    for found in (fine, coarse):
        edges = found.speech[0] - found.start, found.stop - found.speech[1]
        assert seconds(*edges) == pytest.approx([keep_silence / 1000] * 2, abs=0.001)
    [pause] = coarse.silences
    assert seconds(*pause) == pytest.approx([1.35, 1.85], abs=0.001)


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
        assert segments[0].start <= segment.speech[0] < segment.speech[1] <= segments[-1].stop
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
    for wrong in ({"min_silence_len": 0}, {"min_silence_len": 40, "chunk_size": 50}, {"chunk_size": 0}):
        with pytest.raises(ValueError, match="min_silence_len"):
            find_segments(np.zeros(100, np.int16), RATE, **SETTINGS | wrong)


# ---- what trimming took away ---------------------------------------------------------------------------------------


def removed(wav, rate=RATE, **settings):
    return taken(wav, trimmed(wav, find_segments(wav, rate, **SETTINGS | settings)), rate)


def test_where_nothing_was_removed_nothing_is_told():
    told = removed(sound((1, -20)))
    assert (told.seconds, told.energy_share, told.loudest_dbfs, told.loudest_at) == (0.0, 0.0, None, None)
    assert told.energy == pytest.approx(RATE * 10 ** (-20 / 10), rel=0.05)


def test_the_loudest_removed_stretch_is_found_where_it_is():
    wav = sound((0.4, -80), (0.05, -60), (0.3, -80), (1, -20), (0.6, -75))
    told = removed(wav)
    assert told.seconds == pytest.approx(0.75 + 0.6 - 2 * 0.05, abs=0.021)
    assert told.loudest_dbfs == pytest.approx(-60, abs=0.5)
    assert told.loudest_at / RATE == pytest.approx(0.4, abs=0.002)
    assert 0 < told.energy_share < 1e-4


def test_a_loud_tail_is_found_by_its_place_in_the_recording():
    wav = sound((0.5, -80), (1, -20), (0.5, -80), (0.05, -55), (0.3, -80))
    told = removed(wav)
    assert told.loudest_at / RATE == pytest.approx(2.0, abs=0.002)
    assert told.loudest_dbfs == pytest.approx(-55, abs=0.5)


def test_thresholds_that_eat_speech_show_in_the_energy():
    wav = sound((0.3, -80), (0.5, -30), (1, -20), (0.5, -30), (0.3, -80))
    assert removed(wav).energy_share < 1e-6
    eaten = removed(wav, silence_thresh_h=-25, silence_thresh_t=-25)
    assert eaten.energy_share == pytest.approx(0.09 / 1.1, rel=0.1)  # all of it but 50 ms on either side
    assert eaten.loudest_dbfs == pytest.approx(-30, abs=0.6)


def test_split_pieces_lose_nothing_between_them():
    wav = sound((0.3, -70), (1, -20), (0.5, -60), (1, -20), (0.4, -70))
    assert removed(wav, inner="split") == removed(wav)


def test_a_short_or_silent_head_is_one_stretch():
    wav = np.concatenate([np.zeros(1500, np.int16), sound((1, -20))])  # 68 ms, of which 50 are kept
    told = removed(wav)
    assert told.seconds == pytest.approx(0.018, abs=0.011)
    assert (told.loudest_dbfs, told.loudest_at, told.energy_share) == (-100.0, 0, 0.0)


def test_energy_is_that_of_what_was_kept_and_what_was_not():
    wav = sound((0.4, -60), (1, -20), (0.6, -70))
    [segment] = find_segments(wav, RATE, **SETTINGS)
    kept = wav[segment.start : segment.stop]
    told = removed(wav)
    assert told.energy * (1 - told.energy_share) == pytest.approx(np.sum(np.square(kept / 32768)), rel=1e-6)


def test_what_is_inside_is_told_like_what_was_trimmed():
    wav = sound((1, -20), (0.5, -60), (1, -20))
    told = taken(wav, [(RATE, RATE + RATE // 2)], RATE)
    assert (told.seconds, told.loudest_dbfs) == pytest.approx((0.5, -60), abs=0.5)
    assert told.energy_share == pytest.approx(0.5 * 10**-6 / (2 * 10**-2), rel=0.1)
    assert RATE <= told.loudest_at < RATE * 1.5
    assert taken(wav, [], RATE).loudest_dbfs is None


def test_levels():
    assert level_dbfs(np.full(100, -32768, np.int16)) == 0
    assert level_dbfs(sound((1, -30))) == pytest.approx(-30, abs=0.1)
    assert level_dbfs(np.zeros(100, np.int16)) == level_dbfs(np.zeros(0, np.int16)) == -100
