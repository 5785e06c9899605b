import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from koeru.report.metrics import (
    Part,
    bootstrap,
    mel_l1,
    paired_ratio,
    pooled,
    root_mean,
    squared_cents,
)

RNG = np.random.default_rng(3)


@given(st.integers(1, 40), st.floats(-5, 5))
def test_mel_l1_of_equal_is_zero_and_of_a_shift_is_the_shift(frames: int, shift: float):
    mel = RNG.normal(size=(frames, 80))
    assert mel_l1(mel, mel).total == 0
    part = mel_l1(mel + shift, mel)
    assert part.count == frames * 80
    assert pooled([part]) == pytest.approx(abs(shift))


def test_pooling_equals_one_long_utterance():
    a, b = (RNG.normal(size=(t, 80)) for t in (7, 31))
    parts = [mel_l1(a, a * 0), mel_l1(b, b * 0)]
    joined = np.concatenate([a, b])
    assert pooled(parts) == pytest.approx(pooled([mel_l1(joined, joined * 0)]))


def test_an_octave_is_1200_cents_and_only_voiced_frames_count():
    natural = np.log(np.full(10, 200.0))
    predicted = natural + np.log(2.0)
    predicted[5:] = 99.0
    voiced = np.arange(10) < 5
    part = squared_cents(predicted, natural, voiced.astype(np.uint8))
    assert part.count == 5
    assert pooled([part], root_mean) == pytest.approx(1200.0)


def test_shapes_must_agree():
    with pytest.raises(ValueError, match=r"\(3, 80\).*\(4, 80\)"):
        mel_l1(np.zeros((3, 80)), np.zeros((4, 80)))
    with pytest.raises(ValueError, match="differ in shape"):
        squared_cents(np.zeros(3), np.zeros(3), np.zeros(1))


def test_results_are_plain_numbers():
    part = mel_l1(np.ones((2, 3), np.float32), np.zeros((2, 3), np.float32))
    values = [part.total, pooled([part]), *bootstrap([part])]
    assert all(type(value) is float for value in values) and type(part.count) is int


def test_bootstrap_covers_about_95_percent():
    hits = 0
    for trial in range(200):
        rng = np.random.default_rng(trial)
        parts = [Part(float(rng.normal(2.0, 0.5) * 10), 10) for _ in range(60)]
        low, high = bootstrap(parts, n=300, seed=trial)
        assert low < high
        hits += low <= 2.0 <= high
    assert 0.88 <= hits / 200 <= 0.99


def test_bootstrap_is_deterministic_and_narrows_with_more_utterances():
    few, many = ([Part(float(v), 1) for v in RNG.normal(5, 1, size)] for size in (20, 2000))
    assert bootstrap(few) == bootstrap(few)
    assert np.diff(bootstrap(many)) < np.diff(bootstrap(few)) / 4


def test_utterances_without_a_value_change_nothing_but_all_of_them_is_an_error():
    parts = [Part(4.0, 2), Part(9.0, 3)]
    assert bootstrap([*parts, Part(0.0, 0)]) == bootstrap(parts)
    with pytest.raises(ValueError, match="no utterance holds a value"):
        pooled([Part(0.0, 0)])


@given(st.floats(0.1, 3.0))
def test_ratio_of_a_scaled_copy_is_certain(scale: float):
    baseline = [Part(float(v), 10) for v in RNG.uniform(1, 2, 30)]
    scaled = [Part(scale * part.total, part.count) for part in baseline]
    assert paired_ratio(scaled, baseline) == pytest.approx((scale, scale))


def test_a_paired_ratio_weighs_each_by_values_of_its_own():
    half = [Part(part.total / 2, part.count // 2) for part in (Part(float(n), 10) for n in range(1, 20))]
    whole = [Part(2 * part.total, 2 * part.count) for part in half]
    assert paired_ratio(half, whole, 100) == pytest.approx((1, 1))
    some = [Part(3.0, 3), Part(0.0, 5), Part(0.0, 0), *[Part(1.0, 2)] * 20]
    low, high = paired_ratio(some, [Part(2.0, 2)] * 23, 200)
    assert 0.3 < low < 0.54 < high < 0.8


def test_there_is_no_ratio_to_nothing():
    assert paired_ratio([Part(1.0, 1)] * 3, [Part(0.0, 1)] * 2 + [Part(1.0, 1)], 200) is None
    assert paired_ratio([Part(0.0, 0)] * 3, [Part(1.0, 1)] * 3, 20) is None
    assert paired_ratio([], []) is None
    with pytest.raises(ValueError, match="no pairs"):
        paired_ratio([Part(1.0, 1)], [])
