"""What an experiment's page shows of pitch accents: the minimal pairs of a language, as each speaker says them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from koeru.families.acoustic.measure.accent import MARGIN, Contrast, by_speaker
from koeru.report.data import Picture
from koeru.report.drawing import BLUE, GREEN, STYLE, VERMILION, WIDTH, svg


@dataclass(frozen=True)
class Accents:
    """Minimal pairs by speaker; `margin`, in cents, is what tells them apart."""

    by_speaker: Mapping[str, Sequence[Contrast]]
    picture: Picture
    margin: float = MARGIN


def accents(content: Sequence[Mapping[str, Any]]) -> Accents:
    """The section of accents.json."""
    found = by_speaker([Contrast(**row) for row in content])
    return Accents(found, Picture(steps(found), "steps of F0 in minimal pairs by speaker", "Steps of F0 by speaker"))


def steps(found: Mapping[str, Sequence[Contrast]]) -> str:
    """For each speaker the F0 steps in cents of minimal pairs, as an SVG.

    A pair passes below the dashed line, where the word that falls does so by the margin further than its partner.
    """
    values = np.array([(c.falling_cents, c.partner_cents) for pairs in found.values() for c in pairs])  # (pairs, 2)
    pad = 60 + 0.03 * np.ptp(values)
    limits = (float(values.min()) - pad, float(values.max()) + pad)
    columns = min(3, len(found))
    lines = -(-len(found) // columns)
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(WIDTH, 3.1 * lines), layout="constrained")
        grid = figure.subplots(lines, columns, sharex=True, sharey=True, squeeze=False)
        for axes, (speaker, pairs) in zip(grid.flat, found.items(), strict=False):
            axes.fill_between(limits, limits[0] - 1e4, np.array(limits) - MARGIN, color=GREEN, alpha=0.08, lw=0)
            axes.plot(limits, np.array(limits) - MARGIN, "--", color=GREEN, lw=1)
            for passed, colour, marker in ((True, BLUE, "o"), (False, VERMILION, "X")):
                own = [(c.partner_cents, c.falling_cents) for c in pairs if c.passed == passed]
                axes.scatter(*np.reshape(own, (-1, 2)).T, s=24, c=colour, marker=marker, alpha=0.8, lw=0, zorder=3)
            axes.set_title(f"{speaker}: {sum(c.passed for c in pairs)} of {len(pairs)} pairs")
            axes.set(xlim=limits, ylim=limits, aspect="equal")
        for axes in list(grid.flat)[len(found) :]:
            axes.set_axis_off()
        figure.supxlabel("step of the partner (cents)", fontsize=9)
        figure.supylabel("step of the word that falls (cents)", fontsize=9)
        return svg(figure)
