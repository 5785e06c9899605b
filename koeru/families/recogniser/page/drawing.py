"""What a recogniser hears, as a picture: the mel, and below it the probabilities of its classes over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from koeru.families.recogniser.ctc import BLANK, SEPARATOR
from koeru.report.drawing import FAINT, INK, SERIES, STYLE, WIDTH, png

SIDES = {"left": 0.065, "right": 0.985, "bottom": 0.11, "top": 0.93, "hspace": 0.12}
SEEN = 0.05  # a separator that is nowhere as probable is not drawn
NAMED = 0.3  # a label is named where it is likeliest and this probable


@dataclass(frozen=True)
class Spike:
    """A run of frames in which one label is the likeliest, and where in it that is most so."""

    label: int
    start: int
    stop: int
    peak: int


def spikes(log_probs: np.ndarray) -> list[Spike]:
    """The labels of the best path through log-posteriors (S, C), blanks left out, each as the run that says it."""
    path = log_probs.argmax(1)
    edges = [0, *(np.flatnonzero(np.diff(path)) + 1).tolist(), len(path)]
    found = []
    for start, stop in pairwise(edges):
        label = int(path[start])
        if label != BLANK:
            found.append(Spike(label, start, stop, start + int(log_probs[start:stop, label].argmax())))
    return found


def heard(mel: np.ndarray, log_probs: np.ndarray, names: Sequence[str], hop_s: float, stride: int) -> str:
    """A mel (T, M) and log-posteriors (S, C) with the names of their classes over the same time, as a data URI."""
    seconds = len(mel) * hop_s
    times = (np.arange(len(log_probs)) * stride + 0.5) * hop_s
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(WIDTH, 3.8))
        above, below = figure.subplots(2, 1, sharex=True, gridspec_kw=SIDES | {"height_ratios": (1, 1.1)})
        above.imshow(mel.T, origin="lower", aspect="auto", cmap="magma", extent=(0, seconds, 0, mel.shape[1]))
        above.set(ylabel="mel band", xlim=(0, seconds))
        above.grid(False)
        probabilities = np.exp(log_probs)
        below.fill_between(times, probabilities[:, BLANK], color=FAINT, lw=0, label="blank")
        if probabilities[:, SEPARATOR].max() > SEEN:
            below.plot(times, probabilities[:, SEPARATOR], color=INK, lw=0.8, ls=":", label="separator")
        found = spikes(log_probs)
        for label in sorted({spike.label for spike in found if spike.label != SEPARATOR}):
            below.plot(times, probabilities[:, label], color=SERIES[label % len(SERIES)], lw=1)
        for spike in found:
            height = probabilities[spike.peak, spike.label]
            if height >= NAMED:
                where = (times[spike.peak], 1.04)
                below.text(*where, names[spike.label], ha="center", va="bottom", fontsize=6.5, clip_on=True)
        below.set(ylabel="probability", xlabel="s", ylim=(0, 1.16), yticks=(0, 0.5, 1))
        figure.legend(loc="upper right", ncols=2, fontsize=7, borderaxespad=0.1)
        return png(figure)
