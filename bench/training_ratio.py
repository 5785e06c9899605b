"""What a training step of wGMM costs beside one of plain FastSpeech2 of the same size, and beside common practice."""

import statistics
import time
from itertools import islice
from pathlib import Path

import torch
from common import cost_of, told
from common_practice import CommonPractice
from data_stages import command
from entries import Entry
from steps import Run, Trainee

from koeru.families.acoustic.model import FastSpeech2
from koeru.families.acoustic.task import AcousticTask

PLAIN, GMM, COMMON = "FastSpeech2", "wGMM", "common practice"
ENTRIES = {PLAIN: "LINE_8", GMM: "LINE_7"}  # alike but for the prosody
BATCH_SIZE, WARM_UP = 16, 2
LIMIT = 1.6  # of the memo's size; in the demo's, small matrices wait for the steps of the recurrent layers
SIZES = {"memo": (False, 4, 3), "demo": (True, 6, 5)}  # whether it is the demo's, batches, rounds


def measure(folder: Path) -> list[bool]:
    """Print how long steps take, and their ratios; that of wGMM and FastSpeech2 has a limit in the memo's sizes."""
    cost_of(command(folder, "data/LINE_3"))
    ratios = {size: _measure(folder, size) for size in SIZES}
    return [told("a step of wGMM, the memo's sizes, against FastSpeech2", ratios["memo"], LIMIT, " ×")]


def _measure(folder: Path, size: str) -> float:
    """How much longer wGMM takes than FastSpeech2. Each model in turn makes a step with each batch, in some rounds.

    What counts of a batch is the fastest of its rounds, as other work on the machine only ever makes a step slower; and
    of the ratios of two models, the median over the batches.
    """
    demo, n_batches, rounds = SIZES[size]
    entries = {model: Entry.of(folder, name, demo) for model, name in ENTRIES.items()}
    torch.manual_seed(0)
    models: dict[str, FastSpeech2] = {name: entry.model() for name, entry in entries.items()}
    models[COMMON] = CommonPractice(models[GMM].config)
    settings, items = entries[GMM].settings(BATCH_SIZE), entries[GMM].items
    trainees = {name: Trainee(AcousticTask(model, settings, items, items)) for name, model in models.items()}
    warm_up, *rest = islice(trainees[GMM].batches(), 1 + n_batches)
    for trainee in trainees.values():
        for _ in range(WARM_UP):
            trainee.step(warm_up)
    spent: dict[str, list[float]] = {name: [] for name in models}  # seconds of each step
    for _ in range(rounds):
        for batch in rest:
            for name, trainee in trainees.items():
                start = time.monotonic()
                trainee.step(batch)
                spent[name].append(time.monotonic() - start)
    run = Run()
    for batch in rest:
        run.count(batch)
    print(
        f"training: the {size}'s {ENTRIES[GMM]} beside {ENTRIES[PLAIN]}, fp32, 2 threads; medians of {rounds} rounds "
        f"of {n_batches} batches with {run.utterances} utterances and {run.frames} frames, {run.padding:.1%} padding"
    )
    for name, seconds in spent.items():
        step = statistics.median(seconds)
        print(f"  {name}: {1000 * step:.0f} ms a step, {run.frames / n_batches / step:.0f} frames/s")
    ratio = _ratio(spent[GMM], spent[PLAIN])
    print(f"  wGMM takes {ratio:.2f} × as long as FastSpeech2")
    print(f"  common practice takes {_ratio(spent[COMMON], spent[GMM]):.2f} × as long as wGMM")
    return ratio


def _ratio(spent: list[float], other: list[float]) -> float:
    """The median of the ratios of steps that were made one after the other with the same batch."""
    return statistics.median(one / two for one, two in zip(spent, other, strict=True))
