"""One chunk of any training, as a job makes it: what is special to a family is what it has prepared."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Any

from koeru.config.training import Optimisation
from koeru.jobs.interruption import Heard
from koeru.jobs.progress import Progress
from koeru.jobs.run import timed
from koeru.jobs.stage import Work
from koeru.training.checkpoint import TrainState, save
from koeru.training.chunks import latest_state, position_in, running, write_epoch
from koeru.training.log import Log, Speech
from koeru.training.loop import train
from koeru.training.manifest import Beginning
from koeru.training.parallel import is_first
from koeru.training.task import Task

LOG = "log"  # the folder of it, in that of a run


@dataclass(frozen=True)
class Spoken:
    """What a model says of a few sentences when an epoch is saved, and what the manifest tells of that."""

    told: Mapping[str, Any]
    sentences: Sequence[Speech]


@dataclass(frozen=True)
class Prepared:
    """A training that can begin.

    `first` is the state that it begins with (None: the random weights of the task's model), `loaded` what manifests
    tell of where that comes from, and `told(state)` what they tell besides of the epoch that ends with a state.
    `speak(state)` lets that epoch be heard; it changes no weights, and draws from no generator that a state keeps.
    """

    task: Task
    first: TrainState | None
    loaded: Beginning | None
    told: Callable[[TrainState], Mapping[str, Any]]
    speak: Callable[[TrainState], Spoken] | None = None


Prepare = Callable[[Work, int], Prepared]  # a node, and the saved epoch that its chunk starts from (0: none)


def train_chunk(work: Work, prepare: Prepare, settings: Optimisation, start: int, epoch: int) -> None:
    """Train until an epoch, from the latest state there is, and save the full state.

    A run that was stopped continues exactly where it was. `settings` are the section `train` of the entry.
    """
    with running(work, settings) as told_to_stop:
        _train(work, prepare, settings, start, epoch, told_to_stop)


def _train(
    work: Work, prepare: Prepare, settings: Optimisation, start: int, epoch: int, told_to_stop: Heard | None
) -> None:
    run: dict[str, Any] = {}
    with timed(run):
        prepared = prepare(work, start)
        task = prepared.task
        state, origin = latest_state(work, start, epoch, prepared.first)
        began, behind = position_in(state)
        training = partial(train, task, start_state=state, stop_epoch=epoch)
        if not is_first():
            training()
            return
        steps = sum(len(task.batches(number)) for number in range(began, epoch)) - behind
        with Progress(f"{work.place.stage} to epoch {epoch}", steps, "steps") as progress:
            state = training(
                rolling_path=work.folder / "rolling.pt",
                log_dir=work.folder / LOG,
                progress=progress.step,
                told_to_stop=told_to_stop,
            )
        save(state, work.store.epoch_state_path(work.place, epoch))
        spoken = _heard(work, prepared, state)
    loaded = prepared.loaded and prepared.loaded.to_dict()
    told = {"start": began, "origin": origin, "loaded": loaded, "workers": settings.workers}
    write_epoch(work, epoch, state, told | {**prepared.told(state)} | spoken, run)


def _heard(work: Work, prepared: Prepared, state: TrainState) -> dict[str, Any]:
    """Let the epoch that ends with a state, which is saved, be heard; what the manifest tells of that.

    What cannot be said is told, there and aloud, and stops no training: the weights are as good as they were.
    """
    if prepared.speak is None:
        return {}
    try:
        spoken = prepared.speak(state)
    except (ValueError, RuntimeError, MemoryError, OSError) as error:
        print(f"{work.place.stage}: epoch {state.position.epoch} cannot be heard: {error}", file=sys.stderr)
        return {"samples": {"note": str(error)}}
    with closing(Log(work.folder / LOG, state.position)) as log:
        log.heard(spoken.sentences, state.position.step)
    return {"samples": dict(spoken.told)}
