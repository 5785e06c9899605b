"""What an experiment's page shows of a voice that is told who speaks, and in which emotion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from koeru.report.data import Picture
from koeru.report.drawing import FAINT, NATURAL, PREDICTED, STYLE, WIDTH, log_axis, svg

NAMED = 30  # groups; of more, there is no room for the names of emotions


@dataclass(frozen=True)
class GroupF0:
    """A speaker in an emotion: the mean F0 in Hz of the corpus, and of the voice."""

    speaker: str
    emotion: str
    corpus_hz: float
    voice_hz: float


@dataclass(frozen=True)
class Control:
    """Mean F0 as every speaker in every emotion; ``reversed`` are the pairs, lower and higher in the corpus, that the
    voice orders the other way round. ``texts`` is how many the voice said, ``margin_cents`` what a pair must differ by.
    """

    groups: Sequence[GroupF0]
    reversed: Sequence[tuple[str, str]]
    texts: int
    margin_cents: float
    picture: Picture


def control(content: Mapping[str, Any]) -> Control:
    """The section of control.json."""
    groups = [GroupF0(**row) for row in content["groups"]]
    order = {speaker: np.mean([g.corpus_hz for g in groups if g.speaker == speaker]) for speaker in _speakers(groups)}
    groups.sort(key=lambda group: (order[group.speaker], group.speaker, group.corpus_hz))
    wrong = [one for pairs in content["comparisons"].values() for one in pairs if not one["kept"]]
    return Control(
        groups,
        [(" ".join(one["lower"]), " ".join(one["higher"])) for one in wrong],
        len(content["texts"]),
        content["margin_cents"],
        Picture(mean_f0(groups), "mean F0 of corpus and voice by speaker and emotion", "Mean F0, corpus and voice"),
    )


def mean_f0(groups: Sequence[GroupF0]) -> str:
    """Mean F0 in Hz of the corpus and of the voice, side by side for every group, in the order they come in."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(WIDTH, 2.9), layout="constrained")
        axes = figure.subplots()
        places, start = [], 0.0
        for speaker, own in groupby(groups, key=lambda group: group.speaker):
            own = list(own)
            here = start + np.arange(len(own))
            places += here.tolist()
            for name, colour in (("corpus_hz", NATURAL), ("voice_hz", PREDICTED)):
                axes.plot(here, [getattr(group, name) for group in own], ".-", color=colour, markersize=7, lw=1)
            if len(groups) <= NAMED:
                axes.annotate(speaker, (here.mean(), 1.02), xycoords=axes.get_xaxis_transform(), ha="center")
            start = here[-1] + 2
            axes.axvline(start - 1, color=FAINT, lw=0.8)
        log_axis(axes, "y", subs=(1, 1.25, 1.5, 2, 2.5, 3, 3.5, 4, 5, 6, 8))
        axes.set(ylabel="mean F0 (Hz)", xlim=(-0.7, places[-1] + 0.7))
        labels = [group.emotion for group in groups] if len(groups) <= NAMED else []
        axes.set_xticks(places if labels else [], labels)
        axes.tick_params(axis="x", rotation=30 if len(groups) > 8 else 0)
        lines = axes.get_lines()
        axes.legend(lines[:2], ["corpus", "voice"], loc="center left", bbox_to_anchor=(1.0, 0.5))
        return svg(figure)


def _speakers(groups: Sequence[GroupF0]) -> list[str]:
    return list(dict.fromkeys(group.speaker for group in groups))
