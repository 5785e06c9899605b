"""How values are distributed among speakers, and what is kept of each, as data URIs: for 1 speaker or for 100."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import ArrayLike, NDArray

from koeru.report.drawing import BLUE, EXCLUDED, INK, KEPT, SERIES, SKY, STYLE, WIDTH, log_axis, svg
from koeru.report.page import measured

MAX_HISTOGRAMS = 6  # groups; beyond them, bars of quantiles
MAX_ROWS = 24  # groups; beyond them, one picture of all, ranked
NAMED = 9  # of the ranking, evenly spaced
MAX_BARS = 20
SHORTEST = 0.1  # seconds, from which an axis is logarithmic


@dataclass(frozen=True)
class Weighted:
    """The values of a group (N,), and how often each occurs (N,)."""

    values: NDArray[np.float64]
    counts: NDArray[np.float64]

    @classmethod
    def of(cls, values: ArrayLike, counts: ArrayLike | None) -> Weighted:
        """The finite values, each once unless `counts` says otherwise."""
        values = np.asarray(values, dtype=np.float64)
        if counts is None:
            values = values[np.isfinite(values)]
            return cls(values, np.broadcast_to(1.0, len(values)))  # which takes no memory
        counts = np.asarray(counts, dtype=np.float64)
        known = np.isfinite(values) & (counts > 0)
        return cls(values[known], counts[known])

    def quantiles(self, *shares: float) -> list[float]:
        """Linear between neighbours, as numpy.percentile is where all values occur once."""
        order = np.argsort(self.values, kind="stable")
        last = np.cumsum(self.counts[order]) - 1  # the rank of the last occurrence of each
        ranks = np.array(shares) * last[-1]
        below, above = np.floor(ranks), np.ceil(ranks)
        low, high = (self.values[order[np.searchsorted(last, rank)]] for rank in (below, above))
        return (low + (high - low) * (ranks - below)).tolist()

    def shares(self, edges: NDArray[np.float64]) -> NDArray[np.float64]:
        """Per cent of the values in each bin (N,) between edges (N + 1,)."""
        return 100 * np.histogram(self.values, edges, weights=self.counts)[0] / self.counts.sum()


def histogram(
    values: Mapping[str, ArrayLike],
    label: str,
    log: bool = False,
    counts: Mapping[str, ArrayLike] | None = None,
) -> str:
    """How values are distributed in each group (speaker, or "all"), on a common axis called ``label``.

    Up to six groups are drawn as histograms of the share in each bin; up to 24 as bars of their quantiles (5–95 %,
    25–75 %, median); more as one picture, ranked by their medians. ``counts`` says how often each value of a group
    occurs, ``log`` is for F0 in Hz. Raises ValueError where no group has a value.
    """
    groups = {name: Weighted.of(own, counts and counts[name]) for name, own in values.items()}
    groups = {name: group for name, group in groups.items() if len(group.values)}
    if not groups:
        raise ValueError(f"no values of {label} to draw")
    draw = _histograms if len(groups) <= MAX_HISTOGRAMS else _bars if len(groups) <= MAX_ROWS else _ranked
    with matplotlib.rc_context(STYLE | {"axes.grid.axis": "x"}):
        return svg(draw(groups, label, log))


def account_bars(rows: Sequence[tuple[str, float, float]]) -> str:
    """Seconds kept and excluded, one bar a row: (label, kept in s, excluded in s).

    Of more than 20 rows, those with the most excluded are drawn.
    """
    if len(rows) > MAX_BARS:
        rows = sorted(rows, key=lambda row: -row[2])[:MAX_BARS]
    total = max(kept + excluded for _, kept, excluded in rows) or 1.0
    with matplotlib.rc_context(STYLE | {"axes.grid.axis": "x", "axes.spines.left": False}):
        figure = Figure(figsize=(WIDTH, 0.95 + 0.3 * len(rows)), layout="constrained")
        axes = figure.subplots()
        for y, (_, kept, excluded) in enumerate(rows):
            first = y == 0
            axes.barh(y, kept / 60, color=KEPT, height=0.62, label="kept" if first else None)
            axes.barh(
                y, excluded / 60, left=kept / 60, color=EXCLUDED, height=0.62, label="excluded" if first else None
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
        return svg(figure)


def over_thresholds(
    thresholds: Sequence[float],
    panels: Mapping[str, Mapping[str, Sequence[float]]],
    marked: Sequence[float],
    chosen: float,
) -> str:
    """Panels side by side over thresholds in dBFS, by their titles: a line a group; seconds have an axis that knows 0.

    ``marked`` thresholds are dashed lines; ``chosen`` is the one that is set, at the edge where it lies beyond.
    """
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(WIDTH, 3.0), layout="constrained")
        for axes, (title, groups) in zip(figure.subplots(1, len(panels)), panels.items(), strict=True):
            for (name, values), colour in zip(groups.items(), SERIES, strict=False):
                axes.plot(thresholds, values, color=colour, label=name, marker="o", markersize=3)
            for threshold in marked:
                axes.axvline(threshold, color=INK, lw=0.9, ls="--", zorder=1)
            axes.axvline(min(max(chosen, thresholds[0]), thresholds[-1]), color=INK, lw=3, alpha=0.25, zorder=0)
            if title.endswith("(s)"):
                axes.set_yscale("symlog", linthresh=SHORTEST)
                axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.7g}"))
                axes.set_ylim(0, 2 * max(SHORTEST, *(max(values) for values in groups.values())))
            axes.set_title(title, fontsize=8.5)
            axes.set_xlabel("threshold (dBFS)")
        figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=len(groups))
        return svg(figure)


def _histograms(groups: Mapping[str, Weighted], label: str, log: bool) -> Figure:
    low = min(group.values.min() for group in groups.values())
    high = max(group.values.max() for group in groups.values())
    if low == high:
        low, high = (low / 1.01, high * 1.01) if log else (low - 0.5, high + 0.5)
    most = max(group.counts.sum() for group in groups.values())
    bins = int(np.clip(2 * np.cbrt(most), 10, 60))  # Rice's rule
    edges = np.geomspace(low, high, bins + 1) if log else np.linspace(low, high, bins + 1)
    figure = Figure(figsize=(WIDTH / 2, 0.6 + 0.9 * len(groups)), layout="constrained")
    panels = figure.subplots(len(groups), 1, sharex=True, squeeze=False)[:, 0]
    for axes, (name, group), colour in zip(panels, groups.items(), SERIES, strict=False):
        n = group.counts.sum()
        axes.hist(edges[:-1], bins=edges, weights=group.shares(edges), color=colour, alpha=0.85)
        (median,) = group.quantiles(0.5)
        axes.axvline(median, color=INK, lw=1, ls=":")
        axes.set_title(f"{name}: median {measured(median, '')}, n = {n:,.0f}", fontsize=8.5)
        axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:.0f} %"))
        axes.yaxis.set_major_locator(MaxNLocator(2))
    _finish_value_axis(panels[-1], label, log)
    return figure


def _bars(groups: Mapping[str, Weighted], label: str, log: bool) -> Figure:
    figure = Figure(figsize=(WIDTH / 2, 0.6 + 0.17 * len(groups)), layout="constrained")
    axes = figure.subplots()
    for y, group in enumerate(groups.values()):
        q05, q25, q50, q75, q95 = group.quantiles(0.05, 0.25, 0.5, 0.75, 0.95)
        axes.plot([q05, q95], [y, y], color=SKY, lw=1)
        axes.plot([q25, q75], [y, y], color=BLUE, lw=4, solid_capstyle="butt")
        axes.plot(q50, y, "o", color="white", markersize=2.5)
    axes.set_yticks(range(len(groups)), list(groups), fontsize=7)
    axes.invert_yaxis()
    _finish_value_axis(axes, label, log)
    return figure


def _ranked(groups: Mapping[str, Weighted], label: str, log: bool) -> Figure:
    """Speakers from the lowest to the highest median: bands of 5–95 % and 25–75 %, and some of their names."""
    rows = {name: group.quantiles(0.05, 0.25, 0.5, 0.75, 0.95) for name, group in groups.items()}
    names = sorted(rows, key=lambda name: rows[name][2])
    q05, q25, q50, q75, q95 = np.array([rows[name] for name in names]).T
    rank = np.arange(len(names))
    figure = Figure(figsize=(WIDTH / 2, 4.0), layout="constrained")
    axes = figure.subplots()
    axes.fill_betweenx(rank, q05, q95, color=SKY, alpha=0.3, lw=0)
    axes.fill_betweenx(rank, q25, q75, color=BLUE, alpha=0.4, lw=0)
    axes.plot(q50, rank, color=INK, lw=1.2)
    named = np.linspace(0, len(names) - 1, NAMED).round().astype(int)
    axes.set_yticks(named, [names[i] for i in named], fontsize=7)
    axes.set_title(f"{len(names)} speakers by their medians; 25–75 % and 5–95 % of each", fontsize=8.5)
    axes.margins(y=0.02)
    axes.invert_yaxis()
    _finish_value_axis(axes, label, log)
    return figure


def _finish_value_axis(axes: Axes, label: str, log: bool) -> None:
    axes.set_xlabel(label)
    if log:
        log_axis(axes, "x")
