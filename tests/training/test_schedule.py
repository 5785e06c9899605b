import math
import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tiny_training import changed

from koeru.config.training import Supervised
from koeru.training.schedule import NEAR, learning_rate, schedule_warnings

WARMUPS = st.integers(1, 10_000)
CAPS = st.floats(1e-3, 1)
ABOVE = 2.0  # a cap above the peak of any warm-up
NO_ANNEAL = {"anneal_steps": ()}


@given(WARMUPS, CAPS, st.integers(1, 100_000))
def test_continuous(warmup, cap, step):
    schedule = Supervised(warmup_steps=warmup, max_lr_scale=cap, **NO_ANNEAL)
    before, after = learning_rate(step, schedule), learning_rate(step + 1, schedule)
    slope = schedule.base_lr * warmup**-1.5  # of the warm-up, the steepest there is
    assert abs(after - before) <= slope * (1 + 1e-9)


@given(WARMUPS)
def test_below_the_cap_the_peak_is_at_the_end_of_the_warm_up(warmup):
    schedule = Supervised(warmup_steps=warmup, max_lr_scale=ABOVE, **NO_ANNEAL)
    peak = learning_rate(warmup, schedule)
    assert peak == pytest.approx(schedule.base_lr * warmup**-0.5)
    assert all(learning_rate(step, schedule) < peak for step in {max(1, warmup // 2), warmup + 1} - {warmup})


@given(WARMUPS, st.floats(1e-3, 1), st.integers(1, 300_000))
def test_never_above_the_cap(warmup, cap, step):
    schedule = Supervised(warmup_steps=warmup, max_lr_scale=cap, **NO_ANNEAL)
    assert learning_rate(step, schedule) <= schedule.base_lr * min(cap, warmup**-0.5) * (1 + 1e-9)


@given(WARMUPS, st.floats(0.01, 0.99), st.floats(1, 1000))
def test_behind_the_cap_it_decays_as_the_inverse_root(warmup, share, beyond):
    cap = share * warmup**-0.5
    crossing = cap * warmup**1.5
    step = math.ceil(crossing * beyond) + 1
    schedule = Supervised(warmup_steps=warmup, max_lr_scale=cap, **NO_ANNEAL)
    assert learning_rate(step, schedule) == pytest.approx(schedule.base_lr * cap * (crossing / step) ** 0.5)


def test_the_reference_peaks_at_one_thousandth():
    schedule = Supervised()
    rates = [learning_rate(step, schedule) for step in range(1, 10_000)]
    assert max(rates) == pytest.approx(1e-3, rel=1e-3)


@given(st.lists(st.integers(1, 1000), max_size=4), st.integers(1, 1000))
def test_every_passed_anneal_step_multiplies(anneal_steps, step):
    plain = Supervised(**NO_ANNEAL)
    annealed = Supervised(anneal_steps=tuple(anneal_steps), anneal_rate=0.3)
    passed = len([anneal for anneal in anneal_steps if anneal < step])
    assert learning_rate(step, annealed) == pytest.approx(learning_rate(step, plain) * 0.3**passed)


def test_steps_count_from_one():
    with pytest.raises(ValueError, match="from 1"):
        learning_rate(0, Supervised())


# ---- what a run never sees ---------------------------------------------------------------------------------------

SHORT, LAST = st.integers(1, 300), st.integers(1, 600)
CAPPED = {"max_lr_scale": 1e-6, "anneal_steps": ()}  # from the first step on


def leaves_warned_of(schedule, last_step):
    return {warning.split(":")[0] for warning in schedule_warnings(schedule, last_step)}


@given(SHORT, LAST)
def test_a_warm_up_is_warned_of_if_and_only_if_it_is_longer_than_the_run(warmup, last):
    found = leaves_warned_of(Supervised(warmup_steps=warmup, **CAPPED), last)
    assert found == ({"train.warmup_steps"} if warmup > last else set())


@given(SHORT, st.floats(0.01, 2), LAST)
def test_a_cap_is_warned_of_if_and_only_if_no_step_of_the_run_reaches_it(warmup, share, last):
    assume(not 1 < share <= NEAR)
    schedule = Supervised(warmup_steps=warmup, max_lr_scale=share * warmup**-0.5, anneal_steps=())
    highest = learning_rate(min(last, warmup), changed(schedule, max_lr_scale=ABOVE)) / schedule.base_lr
    assume(not math.isclose(highest, schedule.max_lr_scale))
    assert ("train.max_lr_scale" in leaves_warned_of(schedule, last)) == (highest < schedule.max_lr_scale)


@given(st.lists(st.integers(1, 600), max_size=4), LAST)
def test_an_anneal_point_is_named_if_and_only_if_the_last_rate_is_the_same_without_it(points, last):
    schedule = Supervised(warmup_steps=1, max_lr_scale=1.0, anneal_steps=tuple(points))
    rest = [step for step in points if learning_rate(last, changed(schedule, anneal_steps=(step,))) < last**-0.5 / 16]
    told = schedule_warnings(schedule, last)
    named = re.findall(r"\d+", told[0].partition(" never ")[0]) if told else []
    assert list(map(int, named)) == sorted({*points} - {*rest})


def test_a_cap_above_the_peak_is_never_reached_however_long_the_run():
    (told,) = schedule_warnings(Supervised(warmup_steps=4000, max_lr_scale=0.02), 10**7)
    assert told.startswith("train.max_lr_scale: the cap 0.02 is never reached: with train.warmup_steps 4000")
    assert "4000^-1/2 = 0.0158" in told


def test_a_warning_has_the_numbers_and_the_remedy():
    (annealing,) = schedule_warnings(Supervised(), 69500)
    assert annealing.startswith("train.anneal_steps: 150000, 200000 and 250000 never come")
    assert "step 69500" in annealing and "choose earlier ones, or []" in annealing
    warm_up, cap, _ = schedule_warnings(Supervised(), 900, exact=False)
    assert "the warm-up of 2000 steps is longer than the run: the run ends at about step 900" in warm_up
    assert "it would be at step 1432 (0.016 · 2000^3/2)" in cap
    eased, single = schedule_warnings(Supervised(anneal_steps=(5, 1500)), 1500)
    assert "longer than the run (the cap ends its climb at step 1432)" in eased
    assert "train.anneal_steps: 1500 never comes" in single


def test_what_lies_before_a_run_that_continues_is_in_force_and_no_reason_to_warn():
    assert schedule_warnings(Supervised(), 687_000) == []


def test_a_cap_just_above_the_peak_is_nothing_to_warn_of():
    near, far = (Supervised(warmup_steps=4000, max_lr_scale=cap, **NO_ANNEAL) for cap in (0.016, 0.02))
    assert schedule_warnings(near, 10**6) == [] and len(schedule_warnings(far, 10**6)) == 1


def test_a_rate_without_decay_rises_and_is_held_until_it_is_annealed():
    schedule = Supervised(base_lr=0.01, warmup_steps=10, max_lr_scale=1.0, decay="none", anneal_steps=(50,))
    rates = [learning_rate(step, schedule) for step in range(1, 61)]
    assert rates[:10] == pytest.approx([0.001 * step for step in range(1, 11)])
    assert rates[10:50] == pytest.approx([0.01] * 40) and rates[50:] == pytest.approx([0.003] * 10)
    assert schedule_warnings(schedule, 60) == []
    (late,) = schedule_warnings(schedule, 40)
    assert "train.anneal_steps: 50 never comes" in late
