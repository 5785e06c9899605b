"""The parts of a page about drawn prosody."""

import re
from dataclasses import replace

import pytest

from koeru.families.acoustic.page.data import Sample
from koeru.families.acoustic.page.page import experiment_page
from koeru.families.acoustic.page.prosody import prosody, prosody_metrics, spread_by_temperature


def text(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))


def test_a_voice_that_draws_nothing_has_no_section():
    plain = {"mel_l1": 0.4, "intervals_95": {}}
    assert prosody(plain) is None and prosody_metrics(plain) == []


def test_only_likelihoods_that_are_modelled_are_headlines(prosody_result):
    found = {metric.key: metric for metric in prosody_metrics(prosody_result)}
    assert found.keys() == {"local_prosody_log_likelihood", "f0_spread_ratio"}
    assert found["f0_spread_ratio"].better == "nearer to 1" and found["f0_spread_ratio"].interval == (0.75, 0.9)
    assert "frozen extractor" in found["local_prosody_log_likelihood"].about


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
