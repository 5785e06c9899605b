"""The parts of a page about drawn prosody."""

import re
from dataclasses import replace

import pytest

from koeru.families.acoustic.page.data import Sample
from koeru.families.acoustic.page.page import experiment_page
from koeru.families.acoustic.page.prosody import prosody, spread_by_temperature
from koeru.report.measurement import Measurement, Metric


def text(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))


def test_a_voice_that_draws_nothing_has_no_section():
    assert prosody(Measurement({"mel_l1": Metric("mel_l1", "Mel distance", 0.4)})) is None


def test_spread_and_unexplained_are_on_the_page(experiment):
    page = experiment_page(experiment)
    assert "temperature 0.7, F0 of a phone varies by 61 cents (95 %: 58 to 64)" in text(page)
    assert "the recording is 75 cents (95 %: 70 to 80) from their mean" in text(page)
    assert 'href="#prosody"' in page and 'id="prosody"' in page
    assert 'id="prosody"' not in experiment_page(replace(experiment, prosody=None))


def test_the_same_text_is_heard_again(experiment):
    page = experiment_page(experiment)
    players = re.findall(r'src="(samples/[^"]+)"', page)
    assert players[3:6] == ["samples/s1.wav", "samples/s1.sample2.wav", "samples/s1.sample3.wav"]
    assert "Synthesised, drawn again (2)" in page
    with pytest.raises(ValueError, match="A_1: audio"):
        Sample("A_1", "", "A", "Normal", None, None, None, None, again=["../elsewhere.wav"])


def test_the_curve_is_the_same_whatever_the_order_of_temperatures():
    spread = {1.0: 80.0, 0.0: 0.0, 0.5: 40.0}
    assert spread_by_temperature(spread, 70.0, 1.0) == spread_by_temperature(dict(sorted(spread.items())), 70.0, 1.0)
