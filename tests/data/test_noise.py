"""Noise is of a name alone, and of the distributions that it is said to have."""

import numpy as np
import pytest

from koeru.data.noise import mixture_noise


def test_the_same_name_has_the_same_noise_and_another_another():
    one, again, other = (mixture_noise(name, 4, 3, 2) for name in ("0 a", "0 a", "1 a"))
    assert all(np.array_equal(a, b) for a, b in zip(one, again, strict=True))
    assert not any(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_a_longer_utterance_begins_alike():
    short, long = mixture_noise("a", 4, 3, 2), mixture_noise("a", 9, 3, 2)
    assert all(np.array_equal(a, b[:4]) for a, b in zip(short, long, strict=True))


def test_it_is_standard():
    gumbel, normal = mixture_noise("a", 100_000, 2, 2)
    assert gumbel.dtype == normal.dtype == np.float32
    assert gumbel.mean() == pytest.approx(np.euler_gamma, abs=0.01)
    assert gumbel.var() == pytest.approx(np.pi**2 / 6, rel=0.02)
    assert normal.mean() == pytest.approx(0, abs=0.01) and normal.var() == pytest.approx(1, rel=0.02)
    assert abs(np.corrcoef(gumbel[:, 0], normal[:, 0])[0, 1]) < 0.01
