"""What the loaders cost: beside a training step of the demo's model, and clips for vocoders beside whole files."""

import time
from pathlib import Path

import soundfile
import torch
from common import cost_of, told
from data_stages import command
from entries import Entry, graph_of
from steps import Trainee, timed

from koeru.families.acoustic.task import AcousticTask
from koeru.families.vocoder.recordings import StoredRecordings
from koeru.families.vocoder.task import load_clips
from koeru.graph.plan import place
from koeru.graph.store import Store
from koeru.training.loader import Share

STEPS, WARM_UP = 20, 2
LENGTH, BATCH_SIZE, EPOCHS = 32, 16, 5  # frames, clips
WANTED = 20_000 / LENGTH  # clips a second, of a GPU that takes 20,000 frames in it


def measure(folder: Path) -> list[bool]:
    """Print what the loaders give, and which share of its time a step waits for them."""
    cost_of(command(folder, "data/LINE_3"))
    return [_items(folder), _clips(folder)]


def _items(folder: Path) -> bool:
    """Utterances a second that the loader gives and that the step takes, and the share of time spent waiting."""
    entry = Entry.of(folder, "LINE_14", demo=True)
    torch.manual_seed(0)
    task = AcousticTask(entry.model(), entry.settings(), entry.items, entry.items)
    run = timed(Trainee(task), seconds=0, least=STEPS, warm_up=WARM_UP)
    print("loader: the demo's LINE_14, 2 threads, loaded by the training itself")
    loaded, stepped = run.utterances / run.waiting, run.utterances / (run.seconds - run.waiting)
    print(f"  the loader gives {loaded:.0f} utterances a second, a step takes {stepped:.1f}")
    return told("waiting for data", 100 * run.waiting / run.seconds, 5.0, " % of a step")


def _clips(folder: Path) -> bool:
    """Clips a second that one process gives, beside what it takes to decode their files whole."""
    parents = {role: place(parent) for role, parent in graph_of(folder).data["LINE_3"].parents.items()}
    recordings = StoredRecordings(Store(folder / "store"), parents, "mel", "train", hop_length=256)
    shares = [
        Share(tuple(range(start, min(start + BATCH_SIZE, len(recordings.ids)))), epoch)
        for epoch in range(EPOCHS)
        for start in range(0, len(recordings.ids), BATCH_SIZE)
    ]
    load_clips(recordings, 0, LENGTH, shares[0])
    begun = time.monotonic()
    for share in shares:
        load_clips(recordings, 0, LENGTH, share)
    rate = EPOCHS * len(recordings.ids) / (time.monotonic() - begun)
    begun = time.monotonic()
    for stretch in recordings.stretches:
        soundfile.read(recordings.store.folder(recordings.wavs) / stretch.file, dtype="float32")
    whole = len(recordings.ids) / (time.monotonic() - begun)
    print(f"  one process gives {rate:.0f} clips a second; decoding their files whole alone, it would give {whole:.0f}")
    return told(f"the time for {WANTED:.0f} clips, of one process", WANTED / rate, 1.0, " s")
