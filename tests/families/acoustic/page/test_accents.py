"""The parts of a page about minimal pairs."""

from dataclasses import replace

import pytest
from document import Document, is_svg

from koeru.families.acoustic.measure.accent import Contrast
from koeru.families.acoustic.page.accents import accents, steps
from koeru.families.acoustic.page.page import experiment_page


def test_a_pair_passes_where_the_word_that_falls_does_so_by_more_than_the_margin():
    steps = [(-400.0, 0.0), (-100.0, 0.0), (-100.1, 0.0), (50.0, 0.0)]
    told = {"speaker": "A", "pair": ["雨", "飴", "アメ"], "carrier": "{}"}
    content = [told | {"falling_cents": own, "partner_cents": other} for own, other in steps]
    assert [one.passed for one in accents(content).by_speaker["A"]] == [True, False, True, False]


def test_pairs_are_counted_by_speaker_in_the_language_of_the_voice(experiment):
    page = experiment_page(replace(experiment, lang="xx"))
    for speaker in ("Teacher", "MStudent", "FStudent"):
        assert f"{speaker} 2 1 0.50" in Document(page).text
    assert '<td lang="xx">箸／橋</td>' in page and "All 6 pairs" in page
    assert 'id="accent"' not in experiment_page(replace(experiment, accents=None))


@pytest.mark.parametrize("speakers", ["A", "ABCD"])
def test_steps_are_drawn_whoever_passes(speakers):
    found = {s: [Contrast(s, ("a", "b", "c"), "{}", step, 10.0) for step in (-300.0, 40.0)] for s in speakers}
    assert is_svg(steps(found)) and is_svg(steps({s: own[:1] for s, own in found.items()}))
