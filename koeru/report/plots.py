"""Plots as data URIs, ready for ``<img src>``: SVG for lines, PNG for mel pictures.

Every function draws on a Figure of its own (no pyplot, no global state) and gives the same bytes for the
same data. Labels are Latin only, as no Japanese font is assumed; Japanese text belongs in the HTML.
"""

import base64
import io
from collections.abc import Mapping, Sequence

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

# Okabe and Ito's palette (2008): told apart with any kind of colour vision.
BLUE, VERMILION, GREEN, PURPLE, SKY, ORANGE = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#56B4E9",
    "#E69F00",
)
NATURAL, PREDICTED, KEPT, EXCLUDED = BLUE, VERMILION, BLUE, VERMILION
SERIES = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY)
INK, FAINT = "#24292f", "#d0d7de"

STYLE = {
    "font.size": 9,
    "axes.titlesize": 9.5,
    "axes.titlelocation": "left",
    "axes.edgecolor": "#8c959f",
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#eaeef2",
    "text.color": INK,
    "xtick.color": "#57606a",
    "ytick.color": "#57606a",
    "legend.frameon": False,
    "lines.linewidth": 1.4,
    "figure.facecolor": "white",
    "svg.hashsalt": "koeru",  # without it, ids in the SVG are random
}
MAX_ROWS = 6  # beyond it, histograms give way to quantile bars
WIDTH = 9.0  # inches
PICTURE_SIDES = {"left": 0.065, "right": 0.915}  # mel and F0 pictures share their time axis


def loss_curves(rows: Sequence[Mapping[str, float]], x: str = "step") -> str:
    """One panel for each part of the loss, train and dev in each.

    ``rows`` are log lines such as ``{"step": 50, "epoch": 2, "train/mel": 0.7, "dev/mel": 0.6, "lr": 1e-3}``;
    a row may hold some of the keys only. ``x`` is "step" or "epoch". Raises ValueError without any loss.
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
            for split, colour, style in (("train", BLUE, "-"), ("dev", VERMILION, ".-")):
                name = f"{split}/{part}"
                points = [(row[x], row[name]) for row in rows if name in row]
                if points:
                    axes.plot(*zip(*points, strict=True), style, color=colour, label=split, markersize=4)
                    values += [value for _, value in points]
            axes.set_title(part)
            if min(values) > 0 and max(values) > 10 * min(values):
                _log_axis(axes, "y", subs=(1, 2, 5))
            axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        for axes in list(grid.flat)[len(parts) :]:
            axes.set_axis_off()
        for axes in grid[-1, :]:
            axes.set_xlabel(x)
        grid[0, 0].legend(loc="upper right")
        return _svg(figure)


def learning_rate(rows: Sequence[Mapping[str, float]], x: str = "step") -> str:
    """The learning rate ("lr") over ``x``; rows as for ``loss_curves``."""
    points = [(row[x], row["lr"]) for row in rows if "lr" in row]
    if not points:
        raise ValueError('no row holds a learning rate: the key is "lr"')
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(WIDTH, 1.7), layout="constrained")
        axes = figure.subplots()
        axes.plot(*zip(*points, strict=True), color=BLUE)
        axes.set(xlabel=x, ylabel="learning rate", ylim=(0, None))
        axes.ticklabel_format(axis="y", style="sci", scilimits=(0, 0))
        axes.xaxis.set_major_locator(MaxNLocator(8, integer=True))
        return _svg(figure)


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
        return _png(figure)


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
        _log_axis(axes, "y")
        axes.set(xlabel="time (s)", ylabel="F0 (Hz)", xlim=(0, len(natural) * hop_s))
        axes.legend(ncols=1, loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=7.5, handlelength=1)
        if durations is not None:
            for boundary in _boundaries(durations, hop_s):
                axes.axvline(boundary, color=FAINT, lw=0.6, zorder=0)
            starts = np.concatenate([[0], np.cumsum(durations)[:-1]])
            for phone, start, n_frames in zip(phones or (), starts, durations, strict=True):
                middle = (start + n_frames / 2) * hop_s
                axes.annotate(phone, (middle, 1.02), xycoords=axes.get_xaxis_transform(), ha="center", fontsize=6.5)
        return _svg(figure)


def histogram(values: Mapping[str, np.ndarray], label: str, log: bool = False) -> str:
    """How values are distributed, one row a group (speaker, or "all"), on a common axis called ``label``.

    Up to six groups are drawn as histograms of the share in each bin; more as bars of their quantiles
    (5–95 %, 25–75 %, median). ``log`` is for F0 in Hz.
    """
    groups = {name: np.asarray(v, dtype=np.float64)[np.isfinite(v)] for name, v in values.items() if np.size(v)}
    if not groups:
        raise ValueError(f"no values of {label} to draw")
    if len(groups) > MAX_ROWS:
        return _quantiles(groups, label, log)
    everything = np.concatenate(list(groups.values()))
    low, high = np.percentile(everything, [0, 100])
    if low == high:
        low, high = (low / 1.01, high * 1.01) if log else (low - 0.5, high + 0.5)
    bins = int(np.clip(2 * np.cbrt(max(map(len, groups.values()))), 10, 60))  # Rice's rule
    edges = np.geomspace(low, high, bins + 1) if log else np.linspace(low, high, bins + 1)
    with matplotlib.rc_context(STYLE | {"axes.grid.axis": "x"}):
        figure = Figure(figsize=(WIDTH / 2, 0.6 + 0.9 * len(groups)), layout="constrained")
        panels = figure.subplots(len(groups), 1, sharex=True, squeeze=False)[:, 0]
        for axes, (name, v), colour in zip(panels, groups.items(), SERIES, strict=False):
            axes.hist(v, bins=edges, weights=np.full(len(v), 100 / len(v)), color=colour, alpha=0.85)
            axes.axvline(np.median(v), color=INK, lw=1, ls=":")
            axes.set_title(f"{name}: median {_minus(np.median(v))}, n = {len(v):,}", fontsize=8.5)
            axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:.0f} %"))
            axes.yaxis.set_major_locator(MaxNLocator(2))
        _finish_value_axis(panels[-1], label, log)
        return _svg(figure)


def accent_contrast(items: Mapping[str, Sequence[tuple[float, float]]], margin: float = 100.0) -> str:
    """For each speaker the F0 steps in cents of minimal pairs: (head-high word, its partner).

    A pair passes below the dashed line, where the head-high word falls ``margin`` cents further.
    """
    steps = np.array([step for pairs in items.values() for step in pairs], dtype=np.float64)  # (pairs, 2)
    pad = 60 + 0.03 * np.ptp(steps)
    limits = (float(steps.min()) - pad, float(steps.max()) + pad)
    columns = min(3, len(items))
    lines = -(-len(items) // columns)
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(WIDTH, 3.1 * lines), layout="constrained")
        grid = figure.subplots(lines, columns, sharex=True, sharey=True, squeeze=False)
        for axes, (speaker, pairs) in zip(grid.flat, items.items(), strict=False):
            head_high, partner = np.array(pairs, dtype=np.float64).T
            passed = head_high - partner < -margin
            axes.fill_between(limits, limits[0] - 1e4, np.array(limits) - margin, color=GREEN, alpha=0.08, lw=0)
            axes.plot(limits, np.array(limits) - margin, "--", color=GREEN, lw=1)
            for mask, colour, marker in ((passed, BLUE, "o"), (~passed, VERMILION, "X")):
                axes.scatter(partner[mask], head_high[mask], s=24, c=colour, marker=marker, alpha=0.8, lw=0, zorder=3)
            axes.set_title(f"{speaker}: {passed.sum()} of {len(pairs)} pairs")
            axes.set(xlim=limits, ylim=limits, aspect="equal")
        for axes in list(grid.flat)[len(items) :]:
            axes.set_axis_off()
        figure.supxlabel("step of the partner (cents)", fontsize=9)
        figure.supylabel("step of the head-high word (cents)", fontsize=9)
        return _svg(figure)


def account_bars(rows: Sequence[tuple[str, float, float]]) -> str:
    """Seconds kept and excluded, one bar a row: (label, kept in s, excluded in s)."""
    total = max(kept + excluded for _, kept, excluded in rows) or 1.0
    with matplotlib.rc_context(STYLE | {"axes.grid.axis": "x", "axes.spines.left": False}):
        figure = Figure(figsize=(WIDTH, 0.75 + 0.3 * len(rows)), layout="constrained")
        axes = figure.subplots()
        for y, (_, kept, excluded) in enumerate(rows):
            axes.barh(y, kept / 60, color=KEPT, height=0.62, label="kept" if y == 0 else None)
            axes.barh(
                y,
                excluded / 60,
                left=kept / 60,
                color=EXCLUDED,
                height=0.62,
                label="excluded" if y == 0 else None,
            )
            note = f"{excluded:,.1f} s excluded" if excluded else "all kept"
            axes.annotate(
                note, ((kept + excluded) / 60, y), (5, 0), textcoords="offset points", va="center", fontsize=8
            )
        axes.set_yticks(range(len(rows)), [label for label, _, _ in rows])
        axes.tick_params(axis="y", length=0)
        axes.set(xlabel="speech (min)", xlim=(0, total / 60 * 1.2))
        axes.invert_yaxis()
        axes.legend(ncols=2, loc="lower right", bbox_to_anchor=(1, 1), borderaxespad=0.1)
        return _svg(figure)


def _quantiles(groups: Mapping[str, np.ndarray], label: str, log: bool) -> str:
    with matplotlib.rc_context(STYLE | {"axes.grid.axis": "x"}):
        figure = Figure(figsize=(WIDTH / 2, 0.6 + 0.17 * len(groups)), layout="constrained")
        axes = figure.subplots()
        for y, v in enumerate(groups.values()):
            q05, q25, q50, q75, q95 = np.percentile(v, [5, 25, 50, 75, 95])
            axes.plot([q05, q95], [y, y], color=SKY, lw=1)
            axes.plot([q25, q75], [y, y], color=BLUE, lw=4, solid_capstyle="butt")
            axes.plot(q50, y, "o", color="white", markersize=2.5)
        axes.set_yticks(range(len(groups)), list(groups), fontsize=7)
        axes.invert_yaxis()
        _finish_value_axis(axes, label, log)
        return _svg(figure)


def _finish_value_axis(axes: Axes, label: str, log: bool) -> None:
    axes.set_xlabel(label)
    if log:
        _log_axis(axes, "x")


def _log_axis(axes: Axes, which: str, subs: Sequence[float] = (1, 1.5, 2, 3, 4, 5, 7)) -> None:
    """A log axis with plain numbers at ``subs`` of a decade: F0 and losses cover too little for 10^n."""
    axes.set(**{f"{which}scale": "log"})
    axis = {"x": axes.xaxis, "y": axes.yaxis}[which]
    axis.set_major_locator(LogLocator(subs=subs))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_locator(NullLocator())


def _minus(value: float) -> str:
    return f"{value:.3g}".replace("-", "−")


def _boundaries(durations: Sequence[int], hop_s: float) -> np.ndarray:
    return np.cumsum(durations)[:-1] * hop_s


def _is_loss(key: str) -> bool:
    return key.startswith(("train/", "dev/"))


def _svg(figure: Figure) -> str:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None})
    return _data_uri("image/svg+xml", buffer.getvalue())


def _png(figure: Figure) -> str:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return _data_uri("image/png", buffer.getvalue())


def _data_uri(kind: str, payload: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(payload).decode()}"
