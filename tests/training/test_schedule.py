import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koeru.training.schedule import Schedule, learning_rate

WARMUPS = st.integers(1, 10_000)
CAPS = st.none() | st.floats(1e-3, 1)
NO_ANNEAL = {"anneal_steps": ()}


@given(WARMUPS, CAPS, st.integers(1, 100_000))
def test_continuous(warmup, cap, step):
    schedule = Schedule(warmup_steps=warmup, max_lr_scale=cap, **NO_ANNEAL)
    before, after = learning_rate(step, schedule), learning_rate(step + 1, schedule)
    slope = schedule.base_lr * warmup**-1.5  # of the warm-up, the steepest there is
    assert abs(after - before) <= slope * (1 + 1e-9)


@given(WARMUPS)
def test_without_a_cap_the_peak_is_at_the_end_of_the_warm_up(warmup):
    schedule = Schedule(warmup_steps=warmup, max_lr_scale=None, **NO_ANNEAL)
    peak = learning_rate(warmup, schedule)
    assert peak == pytest.approx(schedule.base_lr * warmup**-0.5)
    assert all(learning_rate(step, schedule) < peak for step in {max(1, warmup // 2), warmup + 1} - {warmup})


@given(WARMUPS, st.floats(1e-3, 1), st.integers(1, 300_000))
def test_never_above_the_cap(warmup, cap, step):
    schedule = Schedule(warmup_steps=warmup, max_lr_scale=cap, **NO_ANNEAL)
    assert learning_rate(step, schedule) <= schedule.base_lr * min(cap, warmup**-0.5) * (1 + 1e-9)


@given(WARMUPS, st.floats(0.01, 0.99), st.floats(1, 1000))
def test_behind_the_cap_it_decays_as_the_inverse_root(warmup, share, beyond):
    cap = share * warmup**-0.5
    crossing = cap * warmup**1.5
    step = math.ceil(crossing * beyond) + 1
    schedule = Schedule(warmup_steps=warmup, max_lr_scale=cap, **NO_ANNEAL)
    assert learning_rate(step, schedule) == pytest.approx(schedule.base_lr * cap * (crossing / step) ** 0.5)


def test_the_reference_peaks_at_one_thousandth():
    schedule = Schedule()
    rates = [learning_rate(step, schedule) for step in range(1, 10_000)]
    assert max(rates) == pytest.approx(1e-3, rel=1e-3)


@given(st.lists(st.integers(1, 1000), max_size=4), st.integers(1, 1000))
def test_every_passed_anneal_step_multiplies(anneal_steps, step):
    plain = Schedule(**NO_ANNEAL)
    annealed = Schedule(anneal_steps=tuple(anneal_steps), anneal_rate=0.3)
    passed = len([anneal for anneal in anneal_steps if anneal < step])
    assert learning_rate(step, annealed) == pytest.approx(learning_rate(step, plain) * 0.3**passed)


def test_steps_count_from_one():
    with pytest.raises(ValueError, match="from 1"):
        learning_rate(0, Schedule())
