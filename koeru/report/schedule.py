"""The learning rate of a run as a picture: warm-up, cap, anneal points and the end of the run."""

import math
from collections.abc import Sequence

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from koeru.report.drawing import BLUE, FAINT, GREEN, INK, PURPLE, STYLE, VERMILION, WIDTH, log_axis, svg, svg_file
from koeru.training.schedule import Schedule, capped_at, learning_rate


def schedule_file(schedule: Schedule, ends: Sequence[int], first_step: int = 1) -> bytes:
    """The drawing of `schedule_figure` as the content of an SVG file."""
    with matplotlib.rc_context(STYLE):
        return svg_file(schedule_figure(schedule, ends, first_step))


def schedule_picture(schedule: Schedule, ends: Sequence[int], first_step: int = 1) -> str:
    """The drawing of `schedule_figure` as a data URI."""
    with matplotlib.rc_context(STYLE):
        return svg(schedule_figure(schedule, ends, first_step))


def schedule_figure(schedule: Schedule, ends: Sequence[int], first_step: int = 1) -> Figure:
    """The learning rate over the steps of a run, and on, faintly, to what comes only after its end.

    `ends` are the last steps of its epochs. Both axes are logarithmic: warm-up, decay and annealing are straight lines
    at any length of the run.
    """
    last_step = ends[-1]
    peak = math.ceil(min(schedule.warmup_steps, capped_at(schedule)))
    left = first_step if first_step > 1 else max(1.0, min(peak, last_step) / 30)
    right = 1.2 * max(last_step, schedule.warmup_steps, *schedule.anneal_steps)
    figure = Figure(figsize=(WIDTH, 2.9), layout="constrained")
    axes = figure.subplots()
    axes.set(yscale="log", xlim=(left, right), xlabel="step", ylabel="learning rate")
    log_axis(axes, "x", subs=(1, 2, 5) if right < 1000 * left else (1,))
    for begin, end, style in ((left, last_step, {}), (last_step + 1, right, {"ls": ":", "alpha": 0.6})):
        steps = _steps(schedule, begin, end)
        axes.plot(steps, [learning_rate(step, schedule) for step in steps], color=BLUE, **style)
    axes.axvspan(last_step, right, color=FAINT, alpha=0.35, lw=0)
    marks = [(last_step, "end of the run", INK, "-"), (schedule.warmup_steps, "warm-up", GREEN, "--")]
    if not math.isinf(capped_at(schedule)):
        marks.append((capped_at(schedule), "cap", PURPLE, "--"))
    marks += [(step, "anneal", VERMILION, "--") for step in schedule.anneal_steps]
    for step in dict.fromkeys(step for step, *_ in marks if step >= left):
        here = [mark for mark in marks if mark[0] == step]  # one line and one text, where several things happen
        text = f"{', '.join(name for _, name, *_ in here)}: {math.ceil(step)}"
        above = _is_low(axes, learning_rate(math.floor(step) + 1, schedule))
        _mark(axes, step, text, *here[0][2:], above=above)
    _name_epochs(axes, ends)
    return figure


def _steps(schedule: Schedule, begin: float, end: float) -> list[int]:
    """Steps from `begin` to `end` that show all bends of the curve, evenly spaced on a logarithmic axis."""
    even = np.geomspace(begin, max(begin, end), 300).round().astype(int).tolist()
    bends = [bend for step in schedule.anneal_steps for bend in (step, step + 1) if begin <= bend <= end]
    return sorted({*even, *bends})


def _is_low(axes: Axes, rate: float) -> bool:
    """Whether a learning rate lies in the lower half of the picture."""
    return np.log(rate) < np.log(axes.get_ylim()).mean()


def _mark(axes: Axes, step: float, text: str, colour: str, style: str, above: bool) -> None:
    """A vertical line with its name beside it, above or below the curve."""
    axes.axvline(step, color=colour, ls=style, lw=1)
    axes.annotate(
        text,
        (step, 0.96 if above else 0.04),
        xytext=(2, 0),
        xycoords=axes.get_xaxis_transform(),
        textcoords="offset points",
        rotation=90,
        va="top" if above else "bottom",
        fontsize=7.5,
        color=colour,
    )


def _name_epochs(axes: Axes, ends: Sequence[int]) -> None:
    """A second axis on top: the last steps of some epochs, as many as there is room for."""
    left, right = np.log(axes.get_xlim())
    named: dict[int, int] = {}
    for epoch in (unit * 10**power for power in range(7) for unit in (1, 2, 5)):
        room_from = np.log(max(named.values())) + 0.03 * (right - left) if named else left
        if epoch <= len(ends) and np.log(ends[epoch - 1]) > room_from:
            named[epoch] = ends[epoch - 1]
    axis = axes.secondary_xaxis("top")
    axis.set_xticks(list(named.values()), [str(epoch) for epoch in named])
    axis.set_xticks([], minor=True)
    axis.set_xlabel("epoch")
