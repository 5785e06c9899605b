import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koeru.families.vc.measure.distance import (
    CEPSTRUM,
    DURATION,
    F0,
    QUANTITIES,
    RATIO,
    VOICING,
    Heard,
    distances,
)
from koeru.report.metrics import CENTS, STATISTICS, pooled

BANDS = 80


def speech(n_frames, seed=0):
    """Smooth spectra that go on changing, as speech has them, and a contour of F0, a third of it unvoiced."""
    chance = np.random.default_rng(seed)
    knots = chance.normal(0, 2, (n_frames // 5 + 2, BANDS))
    at = np.arange(n_frames) / 5
    mel = np.stack([np.interp(at, np.arange(len(knots)), band) for band in knots.T], axis=1)
    log_f0 = np.log(200) + 0.2 * np.sin(np.arange(n_frames) / 9)
    return Heard(mel.astype(np.float32), log_f0.astype(np.float32), np.arange(n_frames) % 30 < 20)


def values(made, target):
    parts = distances(made, target)
    assert parts.keys() == {quantity.key for quantity in QUANTITIES}
    return {quantity.key: pooled([parts[quantity.key]], STATISTICS[quantity.statistic]) for quantity in QUANTITIES}


def test_what_is_the_same_has_no_distance():
    found = values(speech(120), speech(120))
    assert found.pop(RATIO.key) == 1
    assert found == dict.fromkeys(found, 0)


@settings(max_examples=20, deadline=None)
@given(st.floats(-900, 900))
def test_a_shift_of_f0_is_found_in_cents(cents):
    target = speech(100)
    made = Heard(target.mel, target.log_f0 + cents / CENTS, target.voiced)
    found = values(made, target)
    assert found[F0.key] == pytest.approx(abs(cents), abs=0.05)
    assert found[CEPSTRUM.key] == found[VOICING.key] == found[DURATION.key] == 0


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000), st.floats(0.6, 1.8))
def test_a_copy_in_other_time_is_near_but_for_its_duration(seed, factor):
    """Where frames are only repeated or left out, the alignment finds those that are left."""
    target, chance = speech(150, seed), np.random.default_rng(seed)
    at = np.sort(chance.choice(150, round(150 * factor), replace=factor > 1))
    made = Heard(target.mel[at], target.log_f0[at], target.voiced[at])
    found, other = values(made, target), values(speech(150, seed + 1), target)
    assert found[CEPSTRUM.key] < 0.2 * other[CEPSTRUM.key]
    assert found[F0.key] < 40 and found[VOICING.key] < 0.1
    assert found[DURATION.key] == pytest.approx(abs(len(at) / 150 - 1))
    assert found[RATIO.key] == pytest.approx(len(at) / 150)


def test_a_ripple_of_the_spectrum_has_its_distance_in_db():
    """Of one cepstral term by 1 in ln amplitude, the root mean square over bands is 20 / ln 10 * sqrt(1 / 2) dB."""
    target = speech(60)
    ripple = np.cos(np.pi * 3 * (np.arange(BANDS) + 0.5) / BANDS)
    made = Heard(target.mel + ripple.astype(np.float32), target.log_f0, target.voiced)
    assert values(made, target)[CEPSTRUM.key] == pytest.approx(10 / np.log(10) * np.sqrt(2), rel=1e-4)


def test_the_level_has_no_distance_and_neither_have_terms_beyond_the_last():
    target = speech(60)
    fine = np.cos(np.pi * 30 * (np.arange(BANDS) + 0.5) / BANDS)
    made = Heard(target.mel + 3 + fine.astype(np.float32), target.log_f0, target.voiced)
    assert values(made, target)[CEPSTRUM.key] == pytest.approx(0, abs=1e-4)


def test_voicing_is_counted_where_the_two_differ_and_f0_where_both_are_voiced():
    target = speech(90)
    made = Heard(target.mel, target.log_f0 + 1, target.voiced.copy())
    made.voiced[:9] = False  # of the first 20, which are voiced
    parts = distances(made, target)
    assert parts[VOICING.key] == (9, 90)
    assert parts[F0.key].count == target.voiced.sum() - 9
    silent = Heard(target.mel, target.log_f0, np.zeros(90, dtype=bool))
    assert distances(silent, target)[F0.key] == (0, 0)


def test_ratios_pool_by_length_and_errors_by_pair():
    target = speech(100)
    parts = [distances(speech(n), target) for n in (80, 120)]
    assert pooled([part[RATIO.key] for part in parts]) == 1
    assert pooled([part[DURATION.key] for part in parts]) == pytest.approx(0.2)


def test_features_as_the_store_has_them():
    own = speech(40)
    arrays = {"mel": own.mel, "log_f0": own.log_f0, "voiced": own.voiced.astype(np.uint8), "log_energy": own.log_f0}
    assert distances(Heard.of(arrays), own)[VOICING.key] == (0, 40)
    assert Heard.of(arrays).voiced.dtype == bool
