"""How the error of a vocoder falls."""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from koeru.report.drawing import BLUE, GREEN, STYLE, VERMILION, WIDTH, log_axis, svg
from koeru.report.plots import FEW


def mel_errors(rows: Sequence[Mapping[str, Any]], start: float, best: int) -> str:
    """The mel error of a vocoder over epochs: of the dev split, with the best epoch marked, and of training clips.

    ``rows`` are log lines such as ``{"epoch": 2, "train": {"mel": 0.4}, "dev": {"mel": 0.5}}``; ``start`` is the error
    on the dev split before the first step, which is drawn at epoch 0.
    """
    epochs = [row["epoch"] for row in rows]
    train, dev = ([row[split]["mel"] for row in rows] for split in ("train", "dev"))
    lowest, low, high = dev[epochs.index(best)], min(*train, *dev, start), max(*train, *dev, start)
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(WIDTH, 2.9), layout="constrained")
        axes = figure.subplots()
        points = {"marker": "." if len(rows) <= FEW else "", "markersize": 4}
        axes.plot(epochs, train, color=BLUE, alpha=0.55, label="train", **points)
        axes.plot([0, *epochs], [start, *dev], color=VERMILION, label="dev", **points)
        axes.plot(0, start, "s", color=VERMILION, markersize=6, label=f"start: {start:.3f}")
        axes.axhline(lowest, color=GREEN, lw=0.8, ls="--", zorder=1)
        axes.plot(best, lowest, "o", color=GREEN, markersize=7, label=f"best, epoch {best}: {lowest:.3f}", zorder=4)
        if high > 4 * low > 0:
            log_axis(axes, "y", subs=(1, 2, 5) if high > 40 * low else (1, 1.5, 2, 3, 5, 7))
        axes.xaxis.set_major_locator(MaxNLocator(10, integer=True))
        axes.set(xlabel="epoch", ylabel="mel error (neper)")
        axes.legend(loc="upper right")
        return svg(figure)
