"""What an experiment's page shows of a voice that draws its prosody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import matplotlib
from matplotlib.figure import Figure

from koeru.families.acoustic.measure.prosody import SPREAD, UNEXPLAINED
from koeru.report.data import Picture
from koeru.report.drawing import NATURAL, PREDICTED, STYLE, WIDTH, svg
from koeru.report.measurement import Measurement, Metric


@dataclass(frozen=True)
class ProsodySection:
    """How far F0 of a phone varies between samples of a text at ``temperature``, and what the model leaves unexplained.

    ``picture`` shows the spread by temperature.
    """

    temperature: float
    spread: Metric
    unexplained: Metric
    picture: Picture


def prosody(found: Measurement) -> ProsodySection | None:
    """The section of what was measured of prosody; None where the voice draws none."""
    if "prosody" not in found.more:
        return None
    told, spread, unexplained = found.more["prosody"], found.metrics[SPREAD.key], found.metrics[UNEXPLAINED.key]
    by_temperature = {float(degree): cents for degree, cents in told["spread_cents_by_temperature"].items()}
    picture = Picture(
        spread_by_temperature(by_temperature, unexplained.value, told["temperature"]),
        "spread of F0 between samples over temperature, beside what is unexplained",
        "Spread of F0 between samples of the same text",
    )
    return ProsodySection(told["temperature"], spread, unexplained, picture)


def spread_by_temperature(spread: Mapping[float, float], unexplained: float, temperature: float) -> str:
    """Spread of F0 in cents over temperature, with the voice's own marked, and a line at what is unexplained."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(WIDTH, 2.4), layout="constrained")
        axes = figure.subplots()
        axes.plot(*zip(*sorted(spread.items()), strict=True), ".-", color=PREDICTED, markersize=7, label="samples")
        axes.plot(temperature, spread[temperature], "o", color=PREDICTED, markersize=9, label="as synthesised")
        axes.axhline(unexplained, color=NATURAL, ls="--", lw=1.2, label="unexplained")
        axes.set(xlabel="temperature", ylabel="F0 (cents)", ylim=(0, None))
        axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
        return svg(figure)
