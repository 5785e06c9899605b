"""Likelihoods and spreads of prosody, by voices whose spread is known."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from koeru.families.acoustic.measure.prosody import (
    TEMPERATURES,
    compared,
    likelihoods_record,
    measure,
    prosody_metrics,
    spread_of,
    voiced_phones,
)
from koeru.report.metrics import CENTS, Part, bootstrap_difference, pooled, root_mean

DURATIONS = [3, 0, 4, 2, 5]
VOICED = np.array([0, 1, 1, 0, 1, 0, 0, 1, 0, 1, 1, 1, 0, 1])  # of the phone of four frames, one


class Drawn:
    """A voice of a known expectation of log F0, and deviation in cents at temperature 1."""

    def __init__(self, expected: np.ndarray, deviation: float) -> None:
        self.expected, self.deviation = expected, deviation

    def samples(self, record, natural, *, n, temperature, seed):
        rng = np.random.default_rng([seed, *record["id"].encode()])
        drawn = self.expected + temperature * self.deviation / CENTS * rng.normal(size=(n, len(self.expected)))
        return [SimpleNamespace(frame_log_f0=np.repeat(row, record["durations"])) for row in drawn]

    def likelihoods(self, record, natural):
        return {"local_prosody": Part(-12.0, 4), "global_prosody": Part(-3.0, 1)}


def measured(own: float, true: float, utterances: int = 60, samples: int = 8, temperature: float = 1.0) -> list:
    """Utterances whose truth strays by `true` cents from what the voice expects, which itself strays by `own`."""
    rng = np.random.default_rng(4)
    parts = []
    for number in range(utterances):
        expected = 5 + 0.3 * rng.normal(size=len(DURATIONS))
        truth = np.repeat(expected + true / CENTS * rng.normal(size=len(DURATIONS)), DURATIONS)
        record, natural = {"id": f"u{number}", "durations": DURATIONS}, {"log_f0": truth, "voiced": VOICED}
        parts.append(measure(Drawn(expected, own), record, natural, samples=samples, temperature=temperature))
    return parts


@pytest.mark.parametrize("samples", [2, 8, 30])
def test_a_calibrated_voice_has_a_ratio_of_1_whatever_the_number_of_samples(samples):
    values, intervals = prosody_metrics(measured(80.0, 80.0, 200, samples), 1.0, 200)
    assert values["f0_spread_ratio"] == pytest.approx(1.0, abs=0.15)
    low, high = intervals["f0_spread_ratio"]
    assert low < 1 < high
    assert values["f0_spread_cents"] == pytest.approx(80, rel=0.15)
    assert values["f0_unexplained_cents"] == pytest.approx(80, rel=0.15)


def test_the_ratio_tells_how_far_the_spread_is_from_what_is_unexplained():
    values, intervals = prosody_metrics(measured(40.0, 120.0), 1.0, 200)
    assert values["f0_spread_ratio"] == pytest.approx(1 / 3, rel=0.2)
    assert intervals["f0_spread_ratio"][1] < 0.5
    assert values["f0_spread_ratio"] == values["f0_spread_cents"] / values["f0_unexplained_cents"]


def test_a_voice_that_varies_far_too_much_or_never_is_measured_all_the_same():
    wild, intervals = prosody_metrics(measured(3000.0, 5.0, 10), 1.0, 50)
    assert wild["f0_spread_ratio"] > 3 and np.isfinite([*intervals["f0_spread_ratio"], wild["f0_spread_ratio"]]).all()
    still, intervals = prosody_metrics(measured(80.0, 80.0, 10, temperature=0.0), 0.0, 50)
    assert still["f0_spread_ratio"] == pytest.approx(0, abs=1e-6)
    assert intervals["f0_spread_ratio"] == pytest.approx((0, 0), abs=1e-6)


def test_the_spread_is_told_by_temperature_and_at_that_of_the_voice():
    values, _ = prosody_metrics(measured(80.0, 80.0, temperature=0.7), 0.7, 20)
    told = values["f0_spread_by_temperature"]
    assert [float(degree) for degree in told] == sorted({*TEMPERATURES, 0.7})
    assert list(told.values()) == sorted(told.values()) and told["0"] == pytest.approx(0, abs=1e-6)
    assert values["f0_spread_cents"] == told["0.7"] == pytest.approx(0.7 * told["1"])


def test_likelihoods_are_means_of_phones_and_of_utterances():
    values, intervals = prosody_metrics(measured(80.0, 80.0, 5), 1.0, 20)
    assert values["local_prosody_log_likelihood"] == -3.0
    assert values["global_prosody_log_likelihood"] == -3.0
    assert intervals["local_prosody_log_likelihood"] == pytest.approx((-3.0, -3.0))


def test_a_part_that_is_not_modelled_is_absent():
    parts = measured(80.0, 80.0, 3)
    only = [type(part)({"global_prosody": Part(1.0, 1)}, part.spread, part.unexplained) for part in parts]
    values, intervals = prosody_metrics(only, 1.0, 20)
    assert "local_prosody_log_likelihood" not in values | intervals
    assert likelihoods_record("x", dict(zip("abc", only, strict=True))).keys() == {"extractor", "global_prosody"}


# ---- phones --------------------------------------------------------------------------------------------------------


def test_a_phone_is_the_mean_of_its_voiced_frames_if_they_are_half_of_it():
    log_f0 = np.arange(14.0)
    np.testing.assert_allclose(voiced_phones(log_f0, VOICED, DURATIONS), [1.5, 7, (9 + 10 + 11 + 13) / 4])
    both = voiced_phones(np.stack([log_f0, log_f0 + 1]), VOICED.astype(np.uint8), DURATIONS)
    np.testing.assert_allclose(both[1] - both[0], 1)
    assert voiced_phones(log_f0, 0 * VOICED, DURATIONS).shape == (0,)


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=1, max_size=10))
def test_f0_that_is_held_for_each_phone_is_given_back(phones):
    durations = [duration for duration, _ in phones]
    voiced = np.repeat([voiced for _, voiced in phones], durations)
    values = np.arange(len(phones)) + 0.25
    kept = [value for value, (duration, voiced) in zip(values, phones, strict=True) if duration and voiced]
    np.testing.assert_allclose(voiced_phones(np.repeat(values, durations), voiced, durations), kept)


def test_a_voice_that_never_varies_leaves_its_whole_error_unexplained():
    truth = np.repeat(np.full(5, 5.0), DURATIONS)
    spread, rest = spread_of(np.tile(truth + 100 / CENTS, (4, 1)), truth, VOICED, DURATIONS)
    assert spread == pytest.approx((0, 3), abs=1e-9) and pooled([rest], root_mean) == pytest.approx(100)


# ---- two experiments -----------------------------------------------------------------------------------------------


def told(gain: float = 0.0, extractor: str = "same", seed: int = 0) -> dict:
    """prosody.json of an experiment that finds each utterance likelier by some nats a phone, give or take a little."""
    hard, own = np.random.default_rng(9), np.random.default_rng(seed)
    return {
        "extractor": extractor,
        "local_prosody": {f"u{i}": [20 * (hard.normal() * 3 + gain + 0.1 * own.normal()), 20] for i in range(40)},
    }


def test_the_better_of_two_experiments_is_told_apart_though_utterances_differ_more():
    difference, (low, high) = compared(told(0.3, seed=1), told(seed=2), "local_prosody")
    assert difference == pytest.approx(0.3, abs=0.1) and 0 < low < difference < high < 0.5
    swapped, interval = compared(told(seed=2), told(0.3, seed=1), "local_prosody")
    assert swapped == -difference and interval == pytest.approx((-high, -low))


def test_equal_experiments_do_not_differ():
    difference, (low, high) = compared(told(seed=1), told(seed=2), "local_prosody")
    assert low < 0 < high and abs(difference) < 0.1


def test_what_cannot_be_compared_is_refused_in_words():
    with pytest.raises(ValueError, match=r"different extractors.*train\.freeze"):
        compared(told(extractor="a"), told(extractor="b"), "local_prosody")
    with pytest.raises(ValueError, match="global_prosody: the first experiment does not model it"):
        compared(told(), told(), "global_prosody")
    fewer = told()
    del fewer["local_prosody"]["u3"]
    with pytest.raises(ValueError, match="different utterances"):
        compared(told(), fewer, "local_prosody")
    with pytest.raises(ValueError, match="different utterances or values"):
        bootstrap_difference([Part(1.0, 2)], [Part(1.0, 3)])
