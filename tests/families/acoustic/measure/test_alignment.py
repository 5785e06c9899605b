"""The shift between two mels of an utterance, and when it holds for all of them."""

import numpy as np
import pytest

from koeru.families.acoustic.measure.alignment import CLEAR, MOST, Alignment, best_shift, common_shift

SHIFTS = range(-MOST, MOST + 1)


def speech(n_frames: int = 60, seed: int = 0) -> np.ndarray:
    """Something like a log-mel (T, M): steps as of phones, on a steep average spectrum."""
    rng = np.random.default_rng(seed)
    phones = rng.normal(0, 1.5, (n_frames // 4 + 1, 20)).repeat(4, axis=0)[:n_frames]
    return (phones + np.linspace(-1, -9, 20)).astype(np.float32)


def noise(like: np.ndarray, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 0.5, like.shape).astype(np.float32)


def moved(mel: np.ndarray, shift: int) -> np.ndarray:
    """The mel that comes `shift` frames late; its first or last frame fills the gap."""
    return mel[np.clip(np.arange(len(mel)) - shift, 0, len(mel) - 1)]


@pytest.mark.parametrize("shift", SHIFTS)
def test_a_noisy_copy_lies_where_it_was_moved_to(shift):
    natural = speech()
    found = best_shift(natural, moved(natural + noise(natural), shift))
    assert found.shift == shift
    assert found.correlations.shape == (2 * MOST + 1,)
    assert found.correlations.argmax() == shift + MOST and found.clear


def test_the_other_way_round_is_the_other_direction():
    natural = speech()
    made = moved(natural, 1)
    assert (best_shift(natural, made).shift, best_shift(made, natural).shift) == (1, -1)


@pytest.mark.parametrize("shift", SHIFTS)
def test_it_is_the_correlation_of_what_a_band_has_beside_its_mean(shift):
    natural, made = speech(), speech(seed=0) + noise(speech())
    fixed, other = natural[MOST:-MOST].astype(float), made[MOST + shift : len(made) - MOST + shift].astype(float)
    fixed, other = fixed - fixed.mean(axis=0), other - other.mean(axis=0)
    expected = np.corrcoef(fixed.ravel(), other.ravel())[0, 1]
    assert best_shift(natural, made).correlations[shift + MOST] == pytest.approx(expected, abs=1e-12)


def test_neither_the_average_spectrum_nor_the_level_decides():
    natural, made = speech(), moved(speech() + noise(speech()), 1)
    found = best_shift(natural, made)
    elsewhere = 3 * made + np.linspace(40, -40, 20)
    np.testing.assert_allclose(best_shift(natural, elsewhere).correlations, found.correlations, atol=1e-6)
    same_spectrum = natural.mean(axis=0) + noise(natural)
    assert np.corrcoef(natural.ravel(), same_spectrum.ravel())[0, 1] > 0.5
    assert abs(best_shift(natural, same_spectrum).correlations).max() < 0.2


@pytest.mark.parametrize("n_frames", range(0, 2 * MOST + 2))
def test_an_utterance_too_short_for_the_shifts_tells_none(n_frames):
    natural = speech()[:n_frames]
    found = best_shift(natural, natural)
    assert found.shift is None and not found.clear
    assert found.correlations.tolist() == [0] * (2 * MOST + 1)


def test_two_frames_beside_the_shifts_are_enough():
    natural = np.random.default_rng(2).normal(size=(2 * MOST + 2, 8))
    assert best_shift(natural, moved(natural, 1)).shift == 1


@pytest.mark.parametrize("which", ["natural", "made", "both"])
def test_a_mel_that_never_changes_tells_no_shift(which):
    mels = {"natural": speech(), "made": speech()}
    for name in mels if which == "both" else [which]:
        mels[name] = np.full_like(mels[name], -11.3)
    found = best_shift(**mels)
    assert found.shift is None and not found.correlations.any()


def test_of_equal_correlations_the_smallest_shift_counts():
    natural = np.tile([[1.0, 2.0], [2.0, 1.0]], (10, 1))  # every second shift is the same
    assert best_shift(natural, natural).shift == 0
    assert best_shift(natural, moved(natural, 1)).shift in (-1, 1)


def test_mels_of_other_frames_are_refused():
    with pytest.raises(ValueError, match="different frames"):
        best_shift(speech(60), speech(61))


def at(shift: int | None, correlation: float = 0.9) -> Alignment:
    correlations = np.zeros(2 * MOST + 1)
    if shift is not None:
        correlations[shift + MOST] = correlation
    return Alignment(shift, correlations)


@pytest.mark.parametrize("shift", sorted(set(SHIFTS) - {0}))
def test_a_shift_of_more_than_half_is_common(shift):
    assert common_shift([at(shift)] * 6 + [at(0)] * 5) == shift
    assert common_shift([at(shift)] * 5 + [at(0)] * 5) == 0


def test_without_utterances_and_without_a_common_one_the_shift_is_0():
    assert common_shift([]) == 0
    assert common_shift([at(None)] * 5) == 0
    assert common_shift([at(0)] * 5) == 0
    assert common_shift([at(1)] * 4 + [at(-1)] * 4) == 0


def test_mels_that_are_hardly_alike_have_no_say():
    """As those of a model that has learned nothing, which may all lean to one side."""
    assert common_shift([at(1, CLEAR - 0.01)] * 10) == 0
    assert common_shift([at(1, CLEAR - 0.01)] * 10 + [at(1)] * 9) == 0, "a few that are alike speak for the others"
    assert common_shift([at(1, CLEAR)] * 10) == 1


def test_utterances_that_tell_nothing_do_not_count():
    assert common_shift([at(1)] * 2 + [at(None)] * 10) == 1
