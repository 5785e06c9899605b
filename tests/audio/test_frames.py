"""Properties of the frame rule over random alignments."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from koeru.audio.frames import boundaries_to_frames, durations, n_frames

hops = st.integers(1, 600)
lengths = st.integers(0, 100_000)


@st.composite
def alignments(draw):
    """Sorted boundaries, some outside the segment, as trimming silence leaves them."""
    n_samples = draw(lengths)
    inner = st.floats(-1000, n_samples + 1000)
    return sorted(draw(st.lists(inner, min_size=2, max_size=40))), n_samples


@given(alignments(), hops)
def test_durations_sum_to_the_frames(alignment, hop_length):
    boundaries, n_samples = alignment
    frames = durations(boundaries, n_samples, hop_length)
    assert len(frames) == len(boundaries) - 1
    assert sum(frames) == n_samples // hop_length
    assert min(frames) >= 0


@given(alignments(), hops)
def test_inner_boundaries_lie_within_half_a_hop_of_where_they_belong(alignment, hop_length):
    boundaries, n_samples = alignment
    frames = boundaries_to_frames(boundaries, n_samples, hop_length)
    expected = np.clip(np.array(boundaries) / hop_length, 0, n_samples // hop_length)
    assert (np.abs(np.array(frames) - expected)[1:-1] <= 0.5 + 1e-9).all()


@given(alignments(), hops)
def test_frames_are_the_rule_written_with_numpy(alignment, hop_length):
    boundaries, n_samples = alignment
    total = n_samples // hop_length
    expected = np.clip(np.floor(np.array(boundaries) / hop_length + 0.5), 0, total)
    expected[0], expected[-1] = 0, total
    assert boundaries_to_frames(boundaries, n_samples, hop_length) == expected.tolist()


@given(alignments(), hops, st.integers(0, 5))
def test_splitting_a_phone_conserves_its_duration(alignment, hop_length, at):
    boundaries, n_samples = alignment
    at = min(at, len(boundaries) - 2)
    middle = (boundaries[at] + boundaries[at + 1]) / 2
    split = durations([*boundaries[: at + 1], middle, *boundaries[at + 1 :]], n_samples, hop_length)
    assert split[at] + split[at + 1] == durations(boundaries, n_samples, hop_length)[at]


def test_halves_round_up():
    assert boundaries_to_frames([0, 128, 384, 1024], 1024, 256) == [0, 1, 2, 4]
    assert boundaries_to_frames([0, 127.9, 1024], 1024, 256) == [0, 0, 4]


@pytest.mark.parametrize(
    ("boundaries", "words"),
    [([0], "at least 2"), ([0, np.nan, 5], "boundary 1"), ([0, 9, 5], "boundary 2"), ([0, np.inf], "boundary 1")],
)
def test_wrong_boundaries_are_refused(boundaries, words):
    with pytest.raises(ValueError, match=words):
        boundaries_to_frames(boundaries, 1000, 256)


@pytest.mark.parametrize(("n_samples", "hop_length"), [(-1, 256), (100, 0)])
def test_impossible_framings_are_refused(n_samples, hop_length):
    with pytest.raises(ValueError, match="no frames"):
        n_frames(n_samples, hop_length)
