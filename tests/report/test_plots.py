import base64
import random

import matplotlib
import numpy as np
import pytest
from document import is_svg

from koeru.report import plots

RNG = np.random.default_rng(0)
ROWS = [{"step": s, "train/mel": 5 / (s + 1)} | ({"dev/mel": 0.5} if s % 5 == 0 else {}) for s in range(20)]
LOG_F0 = np.log(200 + 20 * np.sin(np.arange(50) / 5))
VOICED = np.arange(50) % 10 < 7

SVG = {
    "loss": lambda: plots.loss_curves(ROWS),
    "one row": lambda: plots.loss_curves([{"epoch": 1, "dev/mel": 0.0}], x="epoch"),
    "likelihoods": lambda: plots.loss_curves([{"step": s, "train/local_prosody": 40.0 - 9 * s} for s in range(9)]),
    "f0": lambda: plots.f0_contours(LOG_F0, LOG_F0 + 0.1, VOICED, 256 / 22050, ["a", "k"], [20, 30]),
    "unvoiced": lambda: plots.f0_contours(LOG_F0, LOG_F0, VOICED & False, 256 / 22050),
}


@pytest.mark.parametrize("name", SVG)
def test_lines_are_svg(name: str):
    assert is_svg(SVG[name]())


def test_mel_is_png():
    mel = RNG.normal(size=(40, 80))
    head, payload = plots.mel_pair(mel, mel[:38], 256 / 22050, [10, 30]).split(",", 1)
    assert head == "data:image/png;base64" and base64.b64decode(payload).startswith(b"\x89PNG")


def test_same_data_same_bytes_and_no_global_state():
    before = dict(matplotlib.rcParams)
    first = plots.loss_curves(ROWS)
    random.seed(5)
    assert plots.loss_curves(ROWS) == first
    assert dict(matplotlib.rcParams) == before


def test_nothing_to_draw_is_an_error():
    with pytest.raises(ValueError, match="no row holds a loss"):
        plots.loss_curves([{"step": 1}])
