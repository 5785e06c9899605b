"""The spikes that a page tells of, and its picture."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from koeru.families.recogniser.decoding import greedy
from koeru.families.recogniser.page.drawing import heard, spikes


def posteriors(path, n_classes=5):
    """Log-posteriors whose best path is this one, surest in the middle of each run."""
    found = np.full((len(path), n_classes), 0.02)
    found[np.arange(len(path)), path] = 0.9
    return np.log(found / found.sum(1, keepdims=True))


@given(st.lists(st.integers(0, 4), min_size=1, max_size=30))
def test_spikes_are_the_runs_of_the_best_path(path):
    found = spikes(posteriors(path))
    frames = [0] * len(path)
    for spike in found:
        assert spike.start <= spike.peak < spike.stop
        frames[spike.start : spike.stop] = [spike.label] * (spike.stop - spike.start)
    assert frames == path
    assert [spike.label for spike in found if spike.label != 1] == greedy(posteriors(path))


def test_the_peak_is_where_a_label_is_likeliest():
    log_probs = posteriors([2, 2, 2, 0])
    log_probs[1] = np.log([0.01, 0.01, 0.96, 0.01, 0.01])
    assert [spike.peak for spike in spikes(log_probs)] == [1]


def test_the_same_data_give_the_same_picture():
    rng = np.random.default_rng(0)
    mel, log_probs = rng.normal(-5, 2, (8, 20)), posteriors([0, 2, 2, 1])
    drawn = [heard(mel, log_probs, ["-", "|", "a", "i", "u"], 0.0116, 2) for _ in range(2)]
    assert drawn[0] == drawn[1] and drawn[0].startswith("data:image/png;base64,")
