"""A training that was interrupted in any way ends with the bits of one that was not."""

import json
import multiprocessing
import random
import signal
import time
from contextlib import suppress
from itertools import count
from pathlib import Path

import pytest
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tiny_training import (
    ALL_PARTS,
    EPOCHS,
    SETTINGS_OF,
    STEPS,
    assert_same,
    changed,
    run,
    training_process,
    without_times,
)

from koeru.jobs.interruption import StoppedError
from koeru.training.checkpoint import load, save
from koeru.training.log import NAME

PROCESSES = multiprocessing.get_context("forkserver")  # imports torch once, runs nothing before it forks
PROCESSES.set_forkserver_preload(["koeru.training.loop"])
KILLS = 4


@pytest.fixture(scope="module", params=ALL_PARTS)
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def whole(kind):
    """The training that nothing interrupts."""
    return run(kind)


def test_chunks_equal_one_run(kind, whole, tmp_path):
    save(run(kind, 1), tmp_path / "1.pt")
    save(run(kind, 2, start_state=load(tmp_path / "1.pt")), tmp_path / "2.pt")
    torch.rand(7)
    assert_same(run(kind, start_state=load(tmp_path / "2.pt")), whole)


@pytest.mark.parametrize("workers", [1, 2])
def test_workers_change_nothing(kind, whole, workers):
    assert_same(run(kind, settings=changed(SETTINGS_OF[kind], workers=workers)), whole)


@pytest.mark.parametrize("moment", range(1, 2 * STEPS, 2))
def test_every_rolling_checkpoint_continues_exactly(kind, whole, tmp_path, moment):
    rolling, steps = tmp_path / "rolling.pt", count(1)

    def stop(*_):
        if next(steps) == moment:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(kind, rolling_path=rolling, progress=stop)
    start = load(rolling) if rolling.exists() else None
    assert (start.position.step if start else 0) in (moment, moment - 1)
    assert_same(run(kind, start_state=start), whole)


@pytest.mark.parametrize("moment", [1, STEPS - 1, STEPS, STEPS + 1])
def test_told_to_stop_it_stops_after_the_step_and_continues_exactly(kind, whole, tmp_path, moment):
    rolling, steps, settings = tmp_path / "rolling.pt", [], changed(SETTINGS_OF[kind], checkpoint_every=1e9)

    def heard():
        return "SIGTERM" if len(steps) == moment else None

    with pytest.raises(StoppedError, match=r"by SIGTERM, .*; the same command goes on from there"):
        run(kind, settings=settings, rolling_path=rolling, progress=lambda *_: steps.append(1), told_to_stop=heard)
    start = load(rolling)
    assert (start.position.step, len(start.position.log)) == (moment, (moment - 1) // STEPS)
    assert_same(run(kind, start_state=start), whole)


def training(folder, kind, **arguments):
    """The exit code of a training process that is left alone."""
    process = PROCESSES.Process(target=training_process, args=(folder, kind), kwargs=arguments)
    process.start()
    process.join(120)
    return process.exitcode


def killed_training(folder, kind, steps, delay, **arguments):
    """The exit code of a training process that is killed some seconds after some steps, and its workers."""
    begun, teller = PROCESSES.Pipe(duplex=False)
    process = PROCESSES.Process(target=training_process, args=(folder, kind), kwargs={**arguments, "begun": teller})
    process.start()
    teller.close()
    workers = set()
    with suppress(EOFError):
        for _ in range(1 + steps):
            workers |= set(begun.recv())
    time.sleep(delay)
    process.kill()
    process.join(120)
    return process.exitcode, workers


def running(process):
    """Whether a process runs, and is not just waiting for somebody to ask how it ended."""
    with suppress(FileNotFoundError):
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def test_a_training_killed_at_random_moments_ends_with_the_same_bits(kind, whole, tmp_path):
    moments, codes, workers = random.Random(f"{kind} 1"), [], set()
    for _ in range(KILLS):
        code, own = killed_training(tmp_path, kind, moments.randint(0, 3), moments.uniform(0, 0.05), workers=2)
        codes.append(code)
        workers |= own
    assert codes.count(-signal.SIGKILL) >= KILLS // 2, "the trainings end before they are killed"
    assert training(tmp_path, kind, workers=2) == 0
    assert_same(load(tmp_path / "rolling.pt"), whole)
    patience = time.monotonic() + 15
    while any(map(running, workers)) and time.monotonic() < patience:
        time.sleep(0.2)
    assert workers and not any(map(running, workers))


def test_a_training_killed_while_it_saves_ends_with_the_same_bits_and_no_step_twice_in_the_log(kind, whole, tmp_path):
    for number, step in ((4, 3), (6, 7)):
        assert training(tmp_path, kind, workers=1, die_in_save=number) == -signal.SIGKILL
        assert load(tmp_path / "rolling.pt").position.step == step
        time.sleep(1)  # TensorBoard orders its files by the second in which they were begun
    assert training(tmp_path, kind, workers=1) == 0
    assert_same(load(tmp_path / "rolling.pt"), whole)
    lines = (tmp_path / NAME).read_text(encoding="utf-8").splitlines()
    assert without_times(map(json.loads, lines)) == without_times(whole.position.log)
    board = EventAccumulator(str(tmp_path), size_guidance={"scalars": 0}).Reload()
    assert [event.step for event in board.Scalars("step/loss")] == list(range(1, EPOCHS * STEPS + 1))
    dev = board.Scalars("dev/mel")
    assert [event.step for event in dev] == [STEPS * epoch for epoch in range(1, EPOCHS + 1)]
    assert [event.value for event in dev] == pytest.approx([row["dev"]["mel"] for row in whole.position.log])


@pytest.mark.slow
def test_two_chunks_of_25_epochs_equal_one_of_50_however_they_are_killed(kind, tmp_path):
    moments = random.Random(f"{kind} 2")
    save(run(kind, 25), tmp_path / "rolling.pt")
    for _ in range(6):
        killed_training(tmp_path, kind, moments.randint(0, 30), moments.uniform(0, 0.2), workers=2, epochs=50)
    assert training(tmp_path, kind, workers=2, epochs=50) == 0
    assert_same(load(tmp_path / "rolling.pt"), run(kind, 50))
