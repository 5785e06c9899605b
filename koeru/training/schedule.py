"""The learning rate as a pure function of the step: warm-up, capped peak, decay, annealing."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Schedule:
    """Settings of the schedule. Everything is counted in steps (one batch, one update), never in epochs."""

    base_lr: float = 256**-0.5
    warmup_steps: int = 2000
    max_lr_scale: float | None = 0.016  # cap of the factor on base_lr; None: no cap
    anneal_steps: tuple[int, ...] = (150_000, 200_000, 250_000)
    anneal_rate: float = 0.3


def learning_rate(step: int, schedule: Schedule) -> float:
    """The learning rate of step `step` (from 1).

    With warm-up N, the factor on base_lr is min(s^-1/2, N^-3/2 s) (Vaswani et al. 2017, eq. 3), until it
    reaches the cap m; from there, at s = m N^3/2, it decays as s^-1/2 (N^1/2 m)^3/2, which is m at that step.
    Every anneal step that is passed multiplies it by anneal_rate.
    """
    if step < 1:
        raise ValueError(f"steps are counted from 1, not {step}")
    n, cap = schedule.warmup_steps, schedule.max_lr_scale
    scale = min(step**-0.5, n**-1.5 * step)
    if cap is not None and cap < n**-0.5 and step > cap * n**1.5:
        scale = step**-0.5 * (n**0.5 * cap) ** 1.5
    passed = sum(step > anneal for anneal in schedule.anneal_steps)
    return schedule.base_lr * scale * schedule.anneal_rate**passed
