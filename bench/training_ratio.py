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

from koeru.models.fastspeech2 import FastSpeech2

PLAIN, GMM = "LINE_8", "LINE_7"  # alike but for the prosody
BATCH_SIZE, WARM_UP, SLOW_STEPS = 16, 2, 3
LIMIT = 1.6
SIZES = {"memo": (False, 7), "demo": (True, 15)}  # whether it is the demo's, and steps


def measure(folder: Path) -> list[bool]:
    """Print how long steps take, each batch by each model in turn; the median of the ratios has a limit."""
    cost_of(command(folder, "data/LINE_3"))
    return [passed for size in SIZES for passed in _measure(folder, size)]


def _measure(folder: Path, size: str) -> list[bool]:
    demo, steps = SIZES[size]
    plain, gmm = (Entry.of(folder, name, demo) for name in (PLAIN, GMM))
    torch.manual_seed(0)
    models = {"FastSpeech2": plain.model(), "wGMM": gmm.model()}
    models["common practice"] = common_practice(models["wGMM"])
    trainees = {name: Trainee(model, gmm.settings(BATCH_SIZE)) for name, model in models.items()}
    batches = list(islice(trainees["wGMM"].batches(gmm.items), WARM_UP + steps))
    seconds: dict[str, list[float]] = {name: [] for name in trainees}
    for number, batch in enumerate(batches):
        for name, trainee in trainees.items():
            if name != "common practice" or number < WARM_UP + SLOW_STEPS:
                start = time.monotonic()
                trainee.step(batch)
                seconds[name].append(time.monotonic() - start)
    print(f"training: the {size}'s {GMM} beside {PLAIN}, fp32, 2 threads, batches of {BATCH_SIZE}; steps that count:")
    for name, spent in seconds.items():
        run = Run(sum(spent[WARM_UP:]), batches=batches[WARM_UP : len(spent)])
        typical = 1000 * statistics.median(spent[WARM_UP:])
        print(f"  {name}: {typical:.0f} ms a step, {run.frames / run.seconds:.0f} frames/s ({run.told()})")
    slower = _ratio(seconds["common practice"], seconds["wGMM"])
    print(f"  common practice takes {slower:.2f} × as long as wGMM")
    ratio = _ratio(seconds["wGMM"], seconds["FastSpeech2"])
    return [told(f"a step of wGMM, the {size}'s size, against FastSpeech2", ratio, LIMIT, " ×")]


def common_practice(model: FastSpeech2) -> CommonPractice:
    """The model of common practice with the weights of koeru's."""
    other = CommonPractice(model.config)
    other.load_state_dict(model.state_dict())
    return other


def _ratio(spent: list[float], other: list[float]) -> float:
    """The median of the ratios of steps with the same batch."""
    return statistics.median(s / o for s, o in list(zip(spent, other, strict=False))[WARM_UP:])
