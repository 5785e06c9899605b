"""A manner changes what it names, by as much as it says, and nothing else."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from koeru.data.contour import Contour
from koeru.use.manner import Manner

PHONES = ("sil", "k", "a", "pau", "a", "sil")


def contour(durations, log_f0=None) -> Contour:
    durations = np.array(durations)
    log_f0 = np.linspace(5, 5.5, len(durations)) if log_f0 is None else np.array(log_f0)
    return Contour(log_f0, np.repeat(log_f0, durations), np.zeros(len(durations)), durations, durations * 1.0)


def told(manner: Manner, own: Contour):
    return manner.told(own, PHONES, {"a"}, {"sil", "pau"})


OWN = contour([4, 3, 6, 9, 7, 5])


def test_as_it_is_nothing_changes():
    asked = told(Manner(), OWN)
    assert np.array_equal(asked.durations, OWN.durations) and asked.log_f0 is None and asked.log_energy is None


@given(
    durations=st.lists(st.integers(0, 60), min_size=6, max_size=6),
    speed=st.floats(0.25, 4),
    pause=st.floats(0, 10),
)
def test_speed_is_exact_to_a_frame_a_phone_and_in_all(durations, speed, pause):
    own = contour(durations)
    asked = told(Manner(speed=speed, pause=pause), own).durations
    wanted = own.durations / speed * np.array([1, 1, 1, pause, 1, 1])
    assert (np.abs(asked - wanted) <= 1 + 1e-9).all()
    assert ((asked > 0) == (own.durations > 0)).all()
    if (wanted >= 1).all():
        assert asked.sum() == pytest.approx(wanted.sum(), abs=0.5 + 1e-6)


def test_pitch_is_in_semitones_and_pitch_range_about_the_mean_of_the_vowels():
    np.testing.assert_allclose(told(Manner(pitch=12), OWN).log_f0, OWN.log_f0 + np.log(2))
    flat = told(Manner(pitch_range=0), OWN).log_f0
    mean = (OWN.log_f0[2] * 6 + OWN.log_f0[4] * 7) / 13
    np.testing.assert_allclose(flat, mean)
    twice = told(Manner(pitch_range=2), OWN).log_f0
    np.testing.assert_allclose(twice - mean, 2 * (OWN.log_f0 - mean))
    assert np.isfinite(told(Manner(pitch_range=2), contour([1, 1, 0, 1, 0, 1])).log_f0).all(), "without a vowel"


def test_energy_is_in_decibels_of_amplitude():
    np.testing.assert_allclose(told(Manner(energy=-20), OWN).log_energy, OWN.log_energy - np.log(10))


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("speed", 0.1, "speed: 0.1 is not from 0.25 to 4 times"),
        ("pitch", 20, "pitch: 20 is not from -12 to 12 semitones"),
        ("pause", -1, "pause: -1 is not from 0 to 10 times"),
        ("energy", float("nan"), "energy: nan is not from -40 to 20 dB"),
    ],
)
def test_beyond_its_bounds_a_wish_is_refused_in_words(option, value, words):
    with pytest.raises(ValueError, match=words):
        Manner(**{option: value})
