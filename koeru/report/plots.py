"""Plots as data URIs, ready for ``<img src>``: SVG for lines, PNG for mel pictures.

Every function draws on a Figure of its own (no pyplot, no global state) and gives the same bytes for the
same data. Labels are Latin only, as no Japanese font is assumed; Japanese text belongs in the HTML.
"""

from collections.abc import Mapping, Sequence

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from koeru.report.drawing import (
    BLUE,
    FAINT,
    NATURAL,
    PREDICTED,
    STYLE,
    VERMILION,
    WIDTH,
    log_axis,
    png,
    svg,
)

UNITS = {"local_prosody": "nats a phone", "global_prosody": "nats an utterance"}  # of negative log-likelihoods
FEW = 60  # points that can be told apart
PICTURE_SIDES = {"left": 0.065, "right": 0.915}  # mel and F0 pictures share their time axis


def loss_curves(rows: Sequence[Mapping[str, float]], x: str = "step") -> str:
    """One panel for each part of the loss, train and dev in each.

    ``rows`` are log lines such as ``{"step": 50, "epoch": 2, "train/mel": 0.7, "dev/mel": 0.6}``; a row may hold some
    of the keys only. ``x`` is "step" or "epoch". Likelihoods can be negative: only positive losses have log axes.
    Raises ValueError without any loss.
    """
    parts = list(dict.fromkeys(key.split("/", 1)[1] for row in rows for key in row if _is_loss(key)))
    if not parts:
        raise ValueError('no row holds a loss: keys are "train/<part>" and "dev/<part>"')
    columns = min(3, len(parts))
    lines = -(-len(parts) // columns)
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(WIDTH, 0.45 + 2.0 * lines), layout="constrained")
        grid = figure.subplots(lines, columns, squeeze=False)
        for axes, part in zip(grid.flat, parts, strict=False):
            values: list[float] = []
            for split, colour in (("train", BLUE), ("dev", VERMILION)):
                name = f"{split}/{part}"
                points = [(row[x], row[name]) for row in rows if name in row]
                if points:
                    marker = "." if split == "dev" and len(points) <= FEW else ""
                    axes.plot(*zip(*points, strict=True), color=colour, label=split, marker=marker, markersize=4)
                    values += [value for _, value in points]
            axes.set_title(f"{part} ({UNITS[part]})" if part in UNITS else part)
            if min(values) > 0 and max(values) > 10 * min(values):
                log_axis(axes, "y", subs=(1, 2, 5))
            axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        for axes in list(grid.flat)[len(parts) :]:
            axes.set_axis_off()
        for axes in grid[-1, :]:
            axes.set_xlabel(x)
        grid[0, 0].legend(loc="upper right")
        return svg(figure)


def mel_pair(natural: np.ndarray, predicted: np.ndarray, hop_s: float, durations: Sequence[int] | None = None) -> str:
    """Natural log-mel (T, M) above the predicted one (T', M), in one colour scale, over time in s.

    ``hop_s`` is hop_length / sample_rate. ``durations`` (P,) in frames draws the phone boundaries.
    """
    low = min(float(np.percentile(mel, 1)) for mel in (natural, predicted))
    high = max(float(mel.max()) for mel in (natural, predicted))
    with matplotlib.rc_context(STYLE | {"axes.grid": False}):
        figure = Figure(figsize=(WIDTH, 3.6), dpi=110)
        figure.subplots_adjust(**PICTURE_SIDES, top=0.94, bottom=0.12, hspace=0.26)
        panels = figure.subplots(2, 1, sharex=True)
        for axes, mel, title in zip(panels, (natural, predicted), ("natural", "predicted"), strict=True):
            image = axes.imshow(
                mel.T,
                origin="lower",
                aspect="auto",
                interpolation="nearest",
                cmap="magma",
                vmin=low,
                vmax=high,
                extent=(0, len(mel) * hop_s, 0, mel.shape[1]),
            )
            if durations is not None:
                axes.vlines(_boundaries(durations, hop_s), 0, mel.shape[1], color="white", lw=0.4, alpha=0.5)
            axes.set_title(title)
            axes.set_ylabel("mel band")
        panels[1].set(xlabel="time (s)", xlim=(0, max(len(natural), len(predicted)) * hop_s))
        bar = figure.colorbar(image, cax=figure.add_axes((0.93, 0.12, 0.012, 0.82)))
        bar.set_label("natural log", labelpad=2)
        bar.outline.set_visible(False)
        return png(figure)


def f0_contours(
    natural: np.ndarray,
    predicted: np.ndarray,
    voiced: np.ndarray,
    hop_s: float,
    phones: Sequence[str] | None = None,
    durations: Sequence[int] | None = None,
) -> str:
    """Natural and predicted F0 in Hz on a log axis, from log F0 (T,) in natural log of Hz.

    Both are drawn where the natural voice is voiced (T,), which is where the metric looks; the predicted
    contour goes on faintly between. ``phones`` and ``durations`` (P,) label the time axis above.
    """
    mask = voiced.astype(bool)
    time = (np.arange(len(natural)) + 0.5) * hop_s
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(WIDTH, 2.3))
        figure.subplots_adjust(**PICTURE_SIDES, top=0.87, bottom=0.2)
        axes = figure.subplots()
        axes.plot(time, np.exp(predicted), color=PREDICTED, alpha=0.25, lw=1)
        for log_f0, colour, label in ((natural, NATURAL, "natural"), (predicted, PREDICTED, "predicted")):
            axes.plot(time, np.where(mask, np.exp(log_f0), np.nan), color=colour, label=label, lw=1.8)
        log_axis(axes, "y")
        axes.set(xlabel="time (s)", ylabel="F0 (Hz)", xlim=(0, len(natural) * hop_s))
        axes.legend(ncols=1, loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=7.5, handlelength=1)
        if durations is not None:
            for boundary in _boundaries(durations, hop_s):
                axes.axvline(boundary, color=FAINT, lw=0.6, zorder=0)
            starts = np.concatenate([[0], np.cumsum(durations)[:-1]])
            for phone, start, n_frames in zip(phones or (), starts, durations, strict=True):
                middle = (start + n_frames / 2) * hop_s
                axes.annotate(phone, (middle, 1.02), xycoords=axes.get_xaxis_transform(), ha="center", fontsize=6.5)
        return svg(figure)


def _boundaries(durations: Sequence[int], hop_s: float) -> np.ndarray:
    return np.cumsum(durations)[:-1] * hop_s


def _is_loss(key: str) -> bool:
    return key.startswith(("train/", "dev/"))
