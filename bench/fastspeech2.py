"""A training step of FastSpeech2 of the memo's size beside one as it was published, on random speech.

Both are made by one process, in the environment that koeru's jobs have: by turns, with the same batches.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from itertools import islice
from pathlib import Path

import torch
from common import told
from published_fastspeech2 import Published, PublishedStep
from speech import Speech
from steps import Run, Trainee
from training import MODELS, SIZES

from koeru.config.training import Supervised
from koeru.families.acoustic.model import FastSpeech2
from koeru.families.acoustic.task import AcousticTask
from koeru.jobs.environment import ENVIRONMENT

OURS, PUBLISHED = "koeru", "published"
UTTERANCES, BATCHES, ROUNDS = 256, 3, 4
LONGEST = 1000  # frames: of the published model's positions
AIM = 1 / 1.3  # of the time of the published step


def measure(folder: Path) -> list[bool]:
    """Print what a step of each takes, and the median of the ratios of two that were made one after the other."""
    environment = os.environ | ENVIRONMENT
    spent = json.loads(
        subprocess.run([sys.executable, __file__], env=environment, stdout=subprocess.PIPE, check=True).stdout
    )
    print(f"fastspeech2: the memo's sizes, fp32, {spent['threads']} threads, {ROUNDS} rounds; {spent['batches']}")
    for name in (OURS, PUBLISHED):
        print(f"  {name}: {statistics.median(spent[name]):.2f} s a step")
    ratio = statistics.median(one / two for one, two in zip(spent[OURS], spent[PUBLISHED], strict=True))
    print(f"  the published step takes {1 / ratio:.2f} × as long")
    return [told("a step of FastSpeech2, against the published one", ratio, AIM, " ×")]


def main() -> None:
    """Print the seconds of each step of each kind."""
    torch.manual_seed(0)
    speech, settings = Speech(UTTERANCES), Supervised(threads=2, device="cpu")
    trainee = Trainee(AcousticTask(FastSpeech2(MODELS["FastSpeech2"], SIZES), settings, speech, speech))
    published = PublishedStep(Published(MODELS["FastSpeech2"], SIZES.n_phones, SIZES.n_mels), settings.max_grad_norm)
    batches = list(islice((batch for batch in trainee.batches() if batch.n_frames <= LONGEST), BATCHES))
    steps = {OURS: trainee.step, PUBLISHED: published.step}
    for step in steps.values():
        step(batches[0])
    spent: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(ROUNDS):
        for batch in batches:
            for name, step in steps.items():
                start = time.monotonic()
                step(batch)
                spent[name].append(time.monotonic() - start)
    run = Run()
    for batch in batches:
        run.count(batch)
    size = f"{BATCHES} batches, {run.utterances} utterances, {run.frames} frames, {run.padding:.1%} padding"
    print(json.dumps(spent | {"threads": torch.get_num_threads(), "batches": size}))


if __name__ == "__main__":
    main()
