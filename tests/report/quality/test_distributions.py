import base64
import re
import tracemalloc
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from koeru.report.quality.distributions import MAX_BARS, Weighted, account_bars, histogram

RNG = np.random.default_rng(0)


def svg(source: str) -> str:
    head, payload = source.split(",", 1)
    assert head == "data:image/svg+xml;base64"
    text = base64.b64decode(payload).decode()
    assert ET.fromstring(text).tag.endswith("svg")
    return text


def comments(text: str) -> list[str]:
    """What is written in a picture: matplotlib notes every text in a comment."""
    return [found.strip() for found in re.findall("<!--(.*?)-->", text)]


def size(text: str) -> tuple[float, float]:
    root = ET.fromstring(text)
    return tuple(float(root.get(side).removesuffix("pt")) for side in ("width", "height"))


def groups(number: int) -> dict[str, np.ndarray]:
    return {f"jvs{i:03d}": RNG.normal(i, 1, 50) for i in range(number)}


def test_each_of_a_few_groups_has_a_histogram():
    text = svg(histogram({"A": RNG.gamma(3, 1, 99), "B": np.array([])}, "duration (s)"))
    told = [t for t in comments(text) if "median" in t]
    assert len(told) == 1 and told[0].startswith("A: median") and "n = 99" in told[0]
    assert "duration (s)" in comments(text)


def test_one_value_is_drawn():
    assert "A: median 120, n = 5" in comments(svg(histogram({"A": np.full(5, 120.0)}, "F0 (Hz)", log=True)))
    assert "A: median 11,025, n = 5" in comments(svg(histogram({"A": np.full(5, 11025.0)}, "bandwidth (Hz)")))


@pytest.mark.parametrize("number", [7, 24, 100])
def test_many_groups_stay_readable(number):
    """A name for each, or for some of many, and a picture that fits a screen."""
    text = svg(histogram(groups(number), "F0 (Hz)"))
    named = [t for t in comments(text) if t.startswith("jvs")]
    assert len(named) == (number if number <= 24 else 9)
    assert {"jvs000", f"jvs{number - 1:03d}"} <= set(named)
    assert size(text)[1] < 450
    colours = set(re.findall("#[0-9a-f]{6}", text))
    assert len(colours) < 12


def test_counts_stand_for_repeated_values():
    values, counts = np.array([100.0, 200.0, 300.0]), np.array([1, 7, 2])
    once = histogram({"A": np.repeat(values, counts)}, "F0 (Hz)", log=True)
    assert histogram({"A": values}, "F0 (Hz)", True, {"A": counts}) == once


@given(st.lists(st.tuples(st.floats(-100, 100), st.integers(1, 9)), min_size=1, max_size=20), st.floats(0, 1))
def test_quantiles_are_those_of_the_repeated_values(pairs, share):
    values, counts = map(np.array, zip(*pairs, strict=True))
    wanted = np.percentile(np.repeat(values, counts), 100 * share)
    assert Weighted.of(values, counts).quantiles(share) == pytest.approx([wanted], abs=1e-9)


def test_nothing_to_draw_is_an_error():
    with pytest.raises(ValueError, match="no values of duration"):
        histogram({"A": []}, "duration")


def test_of_many_speakers_those_who_lost_most_are_drawn():
    assert comments(svg(account_bars([("wav", 60.0, 1.0), ("mel", 0.0, 0.0)]))).count("all kept") == 1
    rows = [(f"jvs{i:03d}", 60.0, float(i)) for i in range(100)]
    named = [t for t in comments(svg(account_bars(rows))) if t.startswith("jvs")]
    assert named == [f"jvs{i:03d}" for i in range(99, 99 - MAX_BARS, -1)]


def test_drawing_takes_some_bytes_a_value():
    def peak(count: int) -> int:
        values = RNG.normal(5, 1, count).astype(np.float32)
        tracemalloc.start()
        try:
            histogram({"A": values}, "level (dBFS)")
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(20_000)  # what is imported or compiled once
    few, many = (min(peak(count) for _ in range(2)) for count in (20_000, 320_000))
    assert (many - few) / 300_000 < 60
