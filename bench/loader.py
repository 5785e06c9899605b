"""What the loader costs beside a training step of the demo's model."""

from pathlib import Path

import torch
from common import cost_of, told
from data_stages import command
from entries import Entry
from steps import Trainee, timed

from koeru.training.acoustic import AcousticTask

STEPS, WARM_UP = 20, 2


def measure(folder: Path) -> list[bool]:
    """Print utterances a second that the loader gives and that the step takes, and the share of time spent waiting."""
    cost_of(command(folder, "data/LINE_3"))
    entry = Entry.of(folder, "LINE_14", demo=True)
    torch.manual_seed(0)
    task = AcousticTask(entry.model(), entry.settings(), entry.items, entry.items)
    run = timed(Trainee(task), seconds=0, least=STEPS, warm_up=WARM_UP)
    print("loader: the demo's LINE_14, 2 threads, loaded by the training itself")
    loaded, stepped = run.utterances / run.waiting, run.utterances / (run.seconds - run.waiting)
    print(f"  the loader gives {loaded:.0f} utterances a second, a step takes {stepped:.1f}")
    return [told("waiting for data", 100 * run.waiting / run.seconds, 5.0, " % of a step")]
