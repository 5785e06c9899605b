import base64
import random
import xml.etree.ElementTree as ET

import matplotlib
import numpy as np
import pytest

from koeru.families.acoustic.measure.accent import Contrast
from koeru.families.acoustic.page.accents import steps
from koeru.families.vocoder.page.plots import mel_errors
from koeru.report import plots

RNG = np.random.default_rng(0)
ROWS = [{"step": s, "train/mel": 5 / (s + 1)} | ({"dev/mel": 0.5} if s % 5 == 0 else {}) for s in range(20)]
LOG_F0 = np.log(200 + 20 * np.sin(np.arange(50) / 5))
VOICED = np.arange(50) % 10 < 7
PAIRS = {s: [Contrast(s, ("a", "b", "c"), "{}", step, 10.0) for step in (-300.0, 40.0)] for s in ("A", "B", "C", "D")}

EPOCHS = [{"epoch": e, "train": {"mel": 4 / e}, "dev": {"mel": 5 / e}} for e in range(1, 9)]

SVG = {
    "loss": lambda: plots.loss_curves(ROWS),
    "one row": lambda: plots.loss_curves([{"epoch": 1, "dev/mel": 0.0}], x="epoch"),
    "likelihoods": lambda: plots.loss_curves([{"step": s, "train/local_prosody": 40.0 - 9 * s} for s in range(9)]),
    "f0": lambda: plots.f0_contours(LOG_F0, LOG_F0 + 0.1, VOICED, 256 / 22050, ["a", "k"], [20, 30]),
    "unvoiced": lambda: plots.f0_contours(LOG_F0, LOG_F0, VOICED & False, 256 / 22050),
    "accent": lambda: steps(PAIRS),
    "vocoder": lambda: mel_errors(EPOCHS, 9.0, 8),
    "vocoder, one epoch": lambda: mel_errors(EPOCHS[:1], 9.0, 1),
    "vocoder of many epochs": lambda: mel_errors(100 * EPOCHS, 0.4, 3),
}


@pytest.mark.parametrize("name", SVG)
def test_lines_are_svg(name: str):
    head, payload = SVG[name]().split(",", 1)
    assert head == "data:image/svg+xml;base64"
    assert ET.fromstring(base64.b64decode(payload)).tag.endswith("svg")


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
