"""The way through two sequences is the cheapest within its band, and takes the memory of the band."""

import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koeru.audio.warping import warp

SHAPES = st.tuples(st.integers(1, 12), st.integers(1, 12))


def random(shape, seed, width=3):
    rng = np.random.default_rng(seed)
    return tuple(rng.standard_normal((n, width)).astype(np.float32) for n in shape)


def in_band(i, j, n, m, half_width):
    """Whether the line from corner to corner crosses a cell, or one of its row at most half_width beside it."""
    return i * m // n - half_width <= j < -(-(i + 1) * m // n) + half_width


def cheapest(a, b, half_width, penalty):
    """The same by its definition, cell by cell."""
    n, m = len(a), len(b)
    total = np.full((n + 1, m + 1), np.inf)
    for i in range(n):
        for j in range(m):
            if in_band(i, j, n, m, half_width):
                own = np.linalg.norm(a[i] - b[j])
                beside = min(total[i, j + 1], total[i + 1, j]) + own + penalty
                total[i + 1, j + 1] = min(beside, total[i, j] + 2 * own) if i or j else 2 * own
    return total[n, m] / (n + m)


def cost_of(found, a, b, penalty):
    """What a way costs, step by step."""
    total = 2 * np.linalg.norm(a[0] - b[0])
    for (i, j), (k, m) in pairwise(zip(found.rows, found.columns, strict=True)):
        own = np.linalg.norm(a[k] - b[m])
        total += 2 * own if k > i and m > j else own + penalty
    return total / (len(a) + len(b))


@settings(deadline=None, max_examples=80)
@given(shape=SHAPES, half_width=st.integers(0, 12), penalty=st.sampled_from([0.0, 0.3]), seed=st.integers(0, 2**16))
def test_the_way_is_the_cheapest_in_its_band(shape, half_width, penalty, seed):
    a, b = random(shape, seed)
    found = warp(a, b, half_width, penalty)
    assert found.cost == pytest.approx(cheapest(a, b, half_width, penalty), rel=1e-5)
    assert found.cost == pytest.approx(cost_of(found, a, b, penalty), rel=1e-5)
    assert (found.rows[0], found.columns[0]) == (0, 0)
    assert (found.rows[-1], found.columns[-1]) == (shape[0] - 1, shape[1] - 1)
    steps = np.stack([np.diff(found.rows), np.diff(found.columns)])
    assert ((steps == 0) | (steps == 1)).all() and steps.any(axis=0).all()
    assert all(in_band(i, j, *shape, half_width) for i, j in zip(found.rows, found.columns, strict=True))


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (40, 1), (3, 200), (200, 3)])
def test_the_corners_are_connected_whatever_the_slope(shape):
    a, b = random(shape, 0)
    found = warp(a, b, 0)
    assert np.isfinite(found.cost)
    assert set(found.rows) == set(range(shape[0])) and set(found.columns) == set(range(shape[1]))


def test_a_known_warp_is_found():
    rng = np.random.default_rng(1)
    b = rng.standard_normal((60, 8)).astype(np.float32)
    repeats = rng.integers(1, 4, len(b))
    found = warp(np.repeat(b, repeats, axis=0), b, 60)
    assert found.cost == pytest.approx(0, abs=1e-6)
    assert np.array_equal(found.columns, np.repeat(np.arange(len(b)), repeats))


def test_a_way_along_the_edge_of_the_band_is_told():
    """Half of the one is at its beginning, of the other at its end: the way leaves the line by a quarter of all."""
    a = np.repeat(np.array([[0.0], [1.0]], np.float32), [90, 10], axis=0)
    b = a[::-1] * -1 + 1
    assert warp(a, b, 20).at_edge
    assert not warp(a, b, 99).at_edge
    assert not warp(a, a, 5).at_edge
    assert warp(a, b, 99).cost == 0 < warp(a, b, 20).cost


def test_a_penalty_makes_the_way_straighter():
    a, b = random((80, 80), 2)
    assert len(warp(a, b, 80, penalty=2.0).rows) < len(warp(a, b, 80).rows)


def test_what_cannot_be_aligned_is_refused():
    a, b = random((4, 5), 0)
    for one, other in ((a[:0], b), (a, b[:0]), (a, b[:, :2])):
        with pytest.raises(ValueError, match="same features"):
            warp(one, other, 3)


MEMORY = """
import numpy as np
from koeru.audio.warping import warp

def peak_kib():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))

few = np.zeros((50, 4), np.float32)
warp(few, few, 50)
many = np.random.default_rng(0).standard_normal((20_000, 4)).astype(np.float32)
before = peak_kib()
warp(many, many, 100)
print((peak_kib() - before) / 1024)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the system tells its peak memory in /proc")
def test_memory_is_linear_in_the_band():
    """20,000 frames and 20,000: a byte a cell of the band is 4 MiB, all cells would be 381 MiB."""
    done = subprocess.run([sys.executable, "-c", MEMORY], capture_output=True, text=True, check=True)
    assert float(done.stdout) < 12
