"""Likelihoods and spreads of prosody, by voices whose spread is known."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from koeru.families.acoustic.measure.prosody import (
    LIKELIHOODS,
    TEMPERATURES,
    compared,
    measure,
    measure_prosody,
    spread_of,
    voiced_phones,
)
from koeru.report.measurement import Measurement
from koeru.report.metrics import CENTS, Part, bootstrap_difference, pooled, root_mean

LOCAL, GLOBAL = (quantity.key for quantity in LIKELIHOODS)
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


def told_of(parts: list, temperature: float, resamples: int) -> Measurement:
    """What is told of utterances with these shares."""
    found = Measurement()
    for number, part in enumerate(parts):
        found.add({"id": f"u{number}", "speaker": "A", "emotion": "Normal"}, part.at(temperature))
    measure_prosody(found, parts, temperature, "x", resamples)
    return found


@pytest.mark.parametrize("samples", [2, 8, 30])
def test_a_calibrated_voice_has_a_ratio_of_1_whatever_the_number_of_samples(samples):
    metrics = told_of(measured(80.0, 80.0, 200, samples), 1.0, 200).metrics
    ratio = metrics["f0_spread_ratio"]
    assert ratio.value == pytest.approx(1.0, abs=0.15)
    assert ratio.interval_95[0] < 1 < ratio.interval_95[1]
    assert metrics["f0_spread_cents"].value == pytest.approx(80, rel=0.15)
    assert metrics["f0_unexplained_cents"].value == pytest.approx(80, rel=0.15)


def test_the_ratio_tells_how_far_the_spread_is_from_what_is_unexplained():
    metrics = told_of(measured(40.0, 120.0), 1.0, 200).metrics
    ratio = metrics["f0_spread_ratio"]
    assert ratio.value == pytest.approx(1 / 3, rel=0.2) and ratio.interval_95[1] < 0.5
    assert ratio.value == metrics["f0_spread_cents"].value / metrics["f0_unexplained_cents"].value


def test_a_voice_that_varies_far_too_much_or_never_is_measured_all_the_same():
    wild = told_of(measured(3000.0, 5.0, 10), 1.0, 50).metrics["f0_spread_ratio"]
    assert wild.value > 3 and np.isfinite([*wild.interval_95, wild.value]).all()
    still = told_of(measured(80.0, 80.0, 10, temperature=0.0), 0.0, 50).metrics["f0_spread_ratio"]
    assert still.value == pytest.approx(0, abs=1e-6) and still.interval_95 == pytest.approx((0, 0), abs=1e-6)


def test_the_spread_is_told_by_temperature_and_at_that_of_the_voice():
    found = told_of(measured(80.0, 80.0, temperature=0.7), 0.7, 20)
    told = found.more["prosody"]["spread_cents_by_temperature"]
    assert [float(degree) for degree in told] == sorted({*TEMPERATURES, 0.7})
    assert list(told.values()) == sorted(told.values()) and told["0"] == pytest.approx(0, abs=1e-6)
    assert found.metrics["f0_spread_cents"].value == told["0.7"] == pytest.approx(0.7 * told["1"])


def test_likelihoods_are_means_of_phones_and_of_utterances():
    metrics = told_of(measured(80.0, 80.0, 5), 1.0, 20).metrics
    assert [metrics[key].value for key in (LOCAL, GLOBAL)] == [-3.0, -3.0]
    assert metrics[LOCAL].interval_95 == pytest.approx((-3.0, -3.0))


def test_a_part_that_is_not_modelled_is_absent():
    parts = measured(80.0, 80.0, 3)
    only = [type(part)({GLOBAL: Part(1.0, 1)}, part.spread, part.unexplained) for part in parts]
    found = told_of(only, 1.0, 20)
    assert LOCAL not in found.metrics and found.metrics[GLOBAL].value == 1.0


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


def told(gain: float = 0.0, extractor: str = "same", seed: int = 0) -> Measurement:
    """What is measured of an experiment that finds each utterance likelier by some nats a phone, or a little more."""
    hard, own = np.random.default_rng(9), np.random.default_rng(seed)
    found = Measurement(more={"prosody": {"extractor": extractor}})
    for number in range(40):
        part = Part(20 * (hard.normal() * 3 + gain + 0.1 * own.normal()), 20)
        found.add({"id": f"u{number}", "speaker": "A", "emotion": "Normal"}, {LOCAL: part})
    found.pool(LIKELIHOODS, 20)
    return found


def test_the_better_of_two_experiments_is_told_apart_though_utterances_differ_more():
    difference, (low, high) = compared(told(0.3, seed=1), told(seed=2), LOCAL)
    assert difference == pytest.approx(0.3, abs=0.1) and 0 < low < difference < high < 0.5
    swapped, interval = compared(told(seed=2), told(0.3, seed=1), LOCAL)
    assert swapped == -difference and interval == pytest.approx((-high, -low))


def test_equal_experiments_do_not_differ():
    difference, (low, high) = compared(told(seed=1), told(seed=2), LOCAL)
    assert low < 0 < high and abs(difference) < 0.1


def test_what_cannot_be_compared_is_refused_in_words():
    with pytest.raises(ValueError, match=r"different extractors.*train\.freeze"):
        compared(told(extractor="a"), told(extractor="b"), LOCAL)
    with pytest.raises(ValueError, match=f"{GLOBAL}: the first experiment does not model it"):
        compared(told(), told(), GLOBAL)
    fewer = told()
    del fewer.rows["u3"]
    with pytest.raises(ValueError, match="different utterances"):
        compared(told(), fewer, LOCAL)
    with pytest.raises(ValueError, match="different utterances or values"):
        bootstrap_difference([Part(1.0, 2)], [Part(1.0, 3)])
