import xml.etree.ElementTree as ET

import matplotlib
import numpy as np
import pytest

from koeru.config.training import Supervised
from koeru.report.schedule import schedule_figure, schedule_file, schedule_picture
from koeru.training.schedule import learning_rate

RUNS = {
    "reference": (Supervised(), [1374 * epoch for epoch in range(1, 501)]),
    "nothing comes": (Supervised(), [139 * epoch for epoch in range(1, 501)]),
    "shorter than its warm-up": (Supervised(), [1, 2]),
    "below its cap": (Supervised(max_lr_scale=1.0, anneal_steps=()), [5000]),
    "a warm-up of one step": (Supervised(warmup_steps=1, anneal_steps=(1, 2, 3)), [1]),
    "continued": (Supervised(), [34750 + 139 * epoch for epoch in range(1, 251)], 34751),
}


@pytest.mark.parametrize("name", RUNS)
def test_every_run_can_be_drawn_and_the_same_run_gives_the_same_file(name):
    drawn = schedule_file(*RUNS[name])
    assert ET.fromstring(drawn).tag.endswith("svg") and drawn == schedule_file(*RUNS[name])
    assert schedule_picture(*RUNS[name]).startswith("data:image/svg+xml")


@pytest.mark.parametrize("name", RUNS)
def test_what_is_drawn_is_the_learning_rate_of_the_run_and_of_what_follows(name):
    schedule, ends, *_ = RUNS[name]
    during, after = schedule_figure(*RUNS[name]).axes[0].lines[:2]
    for line in (during, after):
        steps, rates = line.get_data()
        assert np.allclose(rates, [learning_rate(int(step), schedule) for step in steps], rtol=1e-12)
    assert max(during.get_xdata()) == ends[-1] < min(after.get_xdata())


def test_warm_up_cap_anneal_points_and_the_end_are_marked():
    axes = schedule_figure(*RUNS["nothing comes"]).axes[0]
    marks = {text.get_text(): text.xy[0] for text in axes.texts}
    assert marks == {
        "end of the run: 69500": 69500,
        "warm-up: 2000": 2000,
        "cap: 1432": pytest.approx(1431.08, abs=0.01),
        "anneal: 150000": 150_000,
        "anneal: 200000": 200_000,
        "anneal: 250000": 250_000,
    }
    left, right = axes.get_xlim()
    assert all(left < step < right for step in marks.values())


def test_the_style_of_other_pictures_is_left_alone():
    before = dict(matplotlib.rcParams)
    schedule_picture(*RUNS["reference"])
    assert dict(matplotlib.rcParams) == before
