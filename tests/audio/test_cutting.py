"""Recordings are cut where they pause, nothing of the speech is lost, and no joint is heard."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from koeru.audio.cutting import LONG_PAUSE, find_pieces, joined
from koeru.audio.silence import Segment

RATE = 1000  # samples a second, so that a sample is a millisecond
KEEP = 100  # ms


def noise(seconds: float) -> np.ndarray:
    return np.random.default_rng(0).integers(-9000, 9000, round(seconds * RATE), dtype=np.int16)


def pieces(n_samples: int, *pauses: tuple[int, int], longest: float = 15.0):
    segment = Segment(0, n_samples, (0, n_samples), pauses)
    return find_pieces(noise(n_samples / RATE), [segment], RATE, KEEP, longest)


def bounds(found):
    return [(piece.start, piece.stop) for piece in found]


def test_what_is_short_is_one_piece_with_its_pauses():
    (whole,) = pieces(14_000, (5000, 5600))
    assert (whole.start, whole.stop, whole.silences, whole.abrupt) == (0, 14_000, ((5000, 5600),), False)
    assert whole.within == slice(0, 14_000)


def test_what_is_long_is_cut_at_the_pause_that_leaves_the_parts_most_alike():
    found = pieces(20_000, (2000, 2600), (9000, 9600), (14_000, 14_600))
    assert bounds(found) == [(0, 9100), (9500, 20_000)]
    assert [piece.silences for piece in found] == [((2000, 2600),), ((14_000, 14_600),)]
    assert not any(piece.abrupt for piece in found)


def test_a_pause_shorter_than_what_is_kept_of_it_twice_is_halved():
    assert bounds(pieces(20_000, (9000, 9120))) == [(0, 9060), (9060, 20_000)]


def test_a_long_pause_is_always_a_cut():
    long = round(LONG_PAUSE * RATE)
    assert bounds(pieces(6000, (1000, 1000 + long))) == [(0, 1100), (1000 + long - KEEP, 6000)]
    assert len(pieces(6000, (1000, 1000 + long - 1))) == 1


def test_without_a_pause_it_is_cut_at_the_softest_place():
    wav = noise(20)
    wav[11_000:11_050] //= 100
    found = find_pieces(wav, [Segment(0, 20_000, (0, 20_000))], RATE, KEEP)
    assert bounds(found) == [(0, 11_025), (11_025, 20_000)]
    assert [piece.abrupt for piece in found] == [False, True]


def test_segments_that_were_split_stay_apart():
    split = [Segment(300, 900, (300, 2000)), Segment(900, 2000, (300, 2000))]
    assert bounds(find_pieces(noise(3), split, RATE, KEEP)) == [(300, 900), (900, 2000)]


@given(st.lists(st.tuples(st.integers(60, 40_000), st.integers(200, 4000)), max_size=8), st.integers(60, 40_000))
def test_all_speech_is_in_some_piece_and_none_is_too_long(spoken, last):
    """What is in no piece, or in two, would be lost or said twice."""
    at, pauses = 0, []
    for length, pause in spoken:
        pauses.append((at + length, at + length + pause))
        at += length + pause
    n_samples = at + last
    found = pieces(n_samples, *pauses)
    assert found[0].start == 0 and found[-1].stop == n_samples
    silent = np.zeros(n_samples, bool)
    for start, stop in pauses:
        silent[start:stop] = True
    for one, other in pairwise(found):
        assert one.stop <= other.start and silent[one.stop : other.start].all()
    for piece in found:
        assert 0 < piece.n_samples <= 15 * RATE
        assert all(piece.start <= start < stop <= piece.stop for start, stop in piece.silences)


FADE = 32


def tone(n_samples: int, phase: float = 0.0) -> np.ndarray:
    return np.cos(np.arange(n_samples) / 7 + phase).astype(np.float32)


@pytest.mark.parametrize("blocks", [(500, 400, 300), (500,), (FADE, 500), (500, 3, 500), (3, 4, 5), ()])
def test_what_is_joined_is_as_long_as_its_parts_without_what_lies_over_each_other(blocks):
    made = np.concatenate([*joined([tone(n) for n in blocks], FADE), np.zeros(0)])
    over, known = 0, 0
    for n in blocks:
        own = min(FADE, known, n)
        over, known = over + own, min(FADE, known + n - own)
    assert len(made) == sum(blocks) - over


def test_a_joint_makes_no_click():
    parts = [tone(5000), tone(5000, 2.0), np.zeros(900, np.float32), tone(5000, 1.0)]
    made = np.concatenate(list(joined(parts, FADE)))
    steps = np.abs(np.diff(made))
    assert np.abs(np.diff(np.concatenate(parts))).max() > 0.5  # as they lie there is one
    assert steps.max() < 1.3 * np.abs(np.diff(parts[0])).max()
    np.testing.assert_array_equal(made[: 5000 - FADE], parts[0][:-FADE])


def test_a_fade_leaves_what_goes_on_as_it_is():
    whole = tone(3000)
    made = np.concatenate(list(joined([whole[:2000], whole[2000 - FADE :]], FADE)))
    np.testing.assert_allclose(made, whole, atol=1e-6)
