"""Greedy and beam search against all paths there are."""

import itertools

import numpy as np
from ctc_paths import N_CLASSES, collapsed, posteriors
from hypothesis import given, settings
from hypothesis import strategies as st

from koeru.families.recogniser.ctc import SEPARATOR
from koeru.families.recogniser.decoding import beam, errors, greedy


def told(labels):
    return [label for label in labels if label != SEPARATOR]


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 5), st.integers(0, 10_000))
def test_both_are_what_all_paths_say(n_frames, seed):
    log_probs = posteriors(1, n_frames, seed)[0].numpy() * 2
    sums, best = {}, (-np.inf, ())
    for path in itertools.product(range(N_CLASSES), repeat=n_frames):
        likelihood = sum(frame[label] for frame, label in zip(log_probs, path, strict=True))
        labels = tuple(collapsed(path))
        sums[labels] = np.logaddexp(sums.get(labels, -np.inf), likelihood)
        best = max(best, (likelihood, labels))
    assert greedy(log_probs) == told(best[1])
    assert beam(log_probs, 10_000, -np.inf) == told(max(sums, key=sums.get))


def test_a_beam_finds_what_is_said_in_many_ways():
    frame = np.log([0.4, 0.0001, 0.35, 0.2499])  # the best path is blank, the likeliest labels are not
    assert greedy(np.stack([frame, frame])) == []
    assert beam(np.stack([frame, frame]), 4) == [2]


def test_errors():
    assert errors([2, 3], [2, 3]) == 0
    assert errors([2, 2], [2, 3]) == 1
    assert errors([], [2, 3]) == 2
    assert errors([2, 9, 3], [2, 3]) == 1
