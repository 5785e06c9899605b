"""The learning rate as a pure function of the step: warm-up, capped peak, decay, annealing; what never comes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

NEAR = 1.05  # times the peak: a cap that lies no higher above it cuts off nothing that is worth a word


class Schedule(Protocol):
    """The leaves of a section `train` that are a schedule. All is counted in steps (one batch), never in epochs."""

    @property
    def base_lr(self) -> float: ...

    @property
    def warmup_steps(self) -> int: ...

    @property
    def max_lr_scale(self) -> float:
        """The cap of the factor on base_lr."""
        ...

    @property
    def decay(self) -> str:
        """What follows the warm-up: "inverse_sqrt", or "none"."""
        ...

    @property
    def anneal_steps(self) -> Sequence[int]: ...

    @property
    def anneal_rate(self) -> float: ...


def capped_at(schedule: Schedule) -> float:
    """Where the warm-up reaches the cap m: s = m N^3/2, in steps; inf where its peak N^-1/2 lies below the cap.

    A rate that is held has none: it rises to it.
    """
    cap, n = schedule.max_lr_scale, schedule.warmup_steps
    return math.inf if schedule.decay == "none" or cap > n**-0.5 else cap * n**1.5


def learning_rate(step: int, schedule: Schedule) -> float:
    """The learning rate of step `step` (from 1).

    With warm-up N, the factor on base_lr is min(s^-1/2, N^-3/2 s) (Vaswani et al. 2017, eq. 3), until it
    reaches the cap m; from there, at s = m N^3/2, it decays as s^-1/2 (N^1/2 m)^3/2, which is m at that step.
    Every anneal step that is passed multiplies it by anneal_rate. With decay "none" the factor is m min(s / N, 1).
    """
    if step < 1:
        raise ValueError(f"steps are counted from 1, not {step}")
    n, cap = schedule.warmup_steps, schedule.max_lr_scale
    scale = cap * min(step / n, 1) if schedule.decay == "none" else min(step**-0.5, n**-1.5 * step)
    if step > capped_at(schedule):
        scale = step**-0.5 * (n**0.5 * cap) ** 1.5
    passed = sum(step > anneal for anneal in schedule.anneal_steps)
    return schedule.base_lr * scale * schedule.anneal_rate**passed


def schedule_warnings(schedule: Schedule, last_step: int, *, exact: bool = True) -> list[str]:
    """What of the schedule a run never sees that ends with step `last_step`, in words with a remedy.

    One warning each for a warm-up that is longer than the run, a cap that is never reached, and anneal points that
    never come (one at s first acts on step s + 1). What lies before a run that continues the steps of its parent is in
    force from its beginning, so the end alone decides. With `exact` false the end is an estimate, and told as such.
    """
    end = f"the run ends at {'' if exact else 'about '}step {last_step}"
    n, cap, reached = schedule.warmup_steps, schedule.max_lr_scale, capped_at(schedule)
    found = []
    if n > last_step:
        eased = f" (the cap ends its climb at step {math.ceil(reached)})" if reached <= last_step else ""
        found.append(
            f"train.warmup_steps: the warm-up of {n} steps is longer than the run{eased}: {end}; "
            "a step is one batch, not an epoch: shorten the warm-up or train longer"
        )
    if schedule.decay != "none" and math.isinf(reached) and cap > NEAR * n**-0.5:
        found.append(
            f"train.max_lr_scale: the cap {cap:g} is never reached: with train.warmup_steps {n} the factor on "
            f"train.base_lr peaks at {n}^-1/2 = {n**-0.5:.3g}; lower the cap, or shorten the warm-up"
        )
    elif last_step < reached < math.inf:
        found.append(
            f"train.max_lr_scale: the cap {cap:g} is never reached: it would be at step {math.ceil(reached)} "
            f"({cap:g} · {n}^3/2), and {end}; shorten the warm-up, lower the cap or train longer"
        )
    if late := [str(step) for step in sorted(set(schedule.anneal_steps)) if step >= last_step]:
        found.append(
            f"train.anneal_steps: {_listed(late)} never {'comes' if len(late) == 1 else 'come'}: {end}; "
            "a step is one batch, not an epoch: choose earlier ones, or [] for none"
        )
    return found


def _listed(words: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))
