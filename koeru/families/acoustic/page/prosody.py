"""What an experiment's page shows of a voice that draws its prosody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib
from matplotlib.figure import Figure

from koeru.families.acoustic.page.data import Prosody
from koeru.report.data import Metric, Picture
from koeru.report.drawing import NATURAL, PREDICTED, STYLE, WIDTH, svg

LIKELIHOODS = {
    "local_prosody_log_likelihood": ("Prosody of phones", "nats a phone"),
    "global_prosody_log_likelihood": ("Prosody of utterances", "nats"),
}


def prosody_metrics(result: Mapping[str, Any]) -> list[Metric]:
    """The headline numbers of prosody in metrics.json: none where the voice draws none."""
    likelihoods = [
        Metric(
            key,
            label,
            result[key],
            tuple(result["intervals_95"][key]),
            unit,
            2,
            "higher",
            "Log-likelihood of the true prosody. It compares only with models of the same, frozen extractor.",
        )
        for key, (label, unit) in LIKELIHOODS.items()
        if key in result
    ]
    if "f0_spread_ratio" not in result:
        return likelihoods
    ratio = Metric(
        "f0_spread_ratio",
        "Spread of F0 / unexplained",
        result["f0_spread_ratio"],
        tuple(result["intervals_95"]["f0_spread_ratio"]),
        digits=2,
        better="nearer to 1",
        about="How far F0 varies between samples of a text, over how far the truth is from their mean.",
    )
    return [*likelihoods, ratio]


def prosody(result: Mapping[str, Any]) -> Prosody | None:
    """The section of metrics.json's prosody; None where the voice draws none."""
    if "f0_spread_ratio" not in result:
        return None
    by_temperature = {float(degree): cents for degree, cents in result["f0_spread_by_temperature"].items()}
    intervals = result["intervals_95"]
    picture = Picture(
        spread_by_temperature(by_temperature, result["f0_unexplained_cents"], result["temperature"]),
        "spread of F0 between samples over temperature, beside what is unexplained",
        "Spread of F0 between samples of the same text",
    )
    return Prosody(
        result["temperature"],
        result["f0_spread_cents"],
        tuple(intervals["f0_spread_cents"]),
        result["f0_unexplained_cents"],
        tuple(intervals["f0_unexplained_cents"]),
        picture,
    )


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
