"""What pages tell of any training, from the manifest of the epoch."""

from __future__ import annotations

from koeru.report import plots
from koeru.report.data import Picture
from koeru.training.manifest import EpochManifest

ABOUT_LOSSES = "Losses: means over real positions; those of prosody are negative log-likelihoods"


def losses(training: EpochManifest, x: str = "step", about: str = ABOUT_LOSSES) -> Picture:
    """All parts of the losses over steps, or over epochs."""
    rows = [
        {"epoch": row["epoch"], "step": row["step"]}
        | {f"{split}/{part}": value for split in ("train", "dev") for part, value in row[split].items()}
        for row in training.log
    ]
    return Picture(plots.loss_curves(rows, x=x), f"losses over {x}s, training and development", about)


def computed(training: EpochManifest, precision: str) -> str:
    """What a training ran on, and in which precision."""
    machine = training.machine
    counts = {"device": machine.devices, "thread": machine.threads, "loading worker": training.workers}
    words = [f"{precision} on {machine.processor}"]
    words += [f"{count} {name}{'' if count == 1 else 's'}" for name, count in counts.items()]
    return ", ".join([*words, *(["compiled"] if machine.compiled else []), f"torch {machine.torch}"])
