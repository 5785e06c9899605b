"""What pages tell of any training, from the manifest of the epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from koeru.config.base import over
from koeru.config.training import Scheduled
from koeru.jobs.progress import duration
from koeru.report import plots
from koeru.report.data import Picture
from koeru.report.schedule import schedule_picture
from koeru.training.manifest import EpochManifest, ModelManifest
from koeru.training.taking import Take, best_row
from koeru.training.warnings import training_warnings

ABOUT_LOSSES = "Losses: means over real positions; those of prosody are negative log-likelihoods"


def losses(training: EpochManifest, x: str = "step", about: str = ABOUT_LOSSES) -> Picture:
    """All parts of the losses over steps, or over epochs."""
    rows = [
        {"epoch": row["epoch"], "step": row["step"]}
        | {f"{split}/{part}": value for split in ("train", "dev") for part, value in row[split].items()}
        for row in training.log
    ]
    return Picture(plots.loss_curves(rows, x=x), f"losses over {x}s, training and development", about)


def speaks(training: EpochManifest, take: Take, value: str, name: str) -> str:
    """Whose weights speak; a `value` of the dev split, which has a name, says which epoch is the best."""
    if take == "last":
        return f"epoch {training.epoch}, the last"
    best = best_row(training.log, value)
    return f"epoch {best['epoch']} of {training.epoch}, the best: its {name} on the dev split is the lowest"


def computed(training: EpochManifest, precision: str) -> str:
    """What a training ran on, and in which precision."""
    machine = training.machine
    counts = {"device": machine.devices, "thread": machine.threads, "loading worker": training.workers}
    words = [f"{precision} on {machine.processor}"]
    words += [f"{count} {name}{'' if count == 1 else 's'}" for name, count in counts.items()]
    return ", ".join([*words, *(["compiled"] if machine.compiled else []), f"torch {machine.torch}"])


def facts(training: ModelManifest, what: str = "utterances") -> dict[str, str]:
    """Short facts by name: how long, on what, how fast."""
    last, utterances, left_out = training.log[-1], training.utterances, len(training.excluded)
    kept_out = f"; {left_out} not trained on ({training.excluded_seconds:.1f} s)" if left_out else ""
    frozen = f", {training.frozen / 1e6:.2f} of them frozen" if training.frozen else ""
    seconds, steps = max(last["seconds"], 1e-9), training.step - training.first_step + 1
    return {
        "Trained": f"{training.epoch} epochs, {steps} steps, {duration(training.seconds)}",
        what.capitalize(): f"{utterances['train']} train, {utterances['dev']} dev{kept_out}",
        "Model": f"{training.parameters / 1e6:.2f} million parameters{frozen}",
        "Computed": computed(training, training.params["train.precision"]),
        "Last epoch": f"{last['frames'] / seconds:,.0f} real frames a second; {last['data_seconds'] / seconds:.1%} of "
        f"the time waiting for data; {last['padding']:.1%} of the frames in its batches are padding",
    }


def warnings(training: ModelManifest, usual: Mapping[str, Any]) -> list[str]:
    """What a training is warned of that ended where this one did; `usual` are the defaults of its leaves."""
    return training_warnings(training.params, usual, training.step, pretrained=training.loaded is not None)


def schedule(training: ModelManifest) -> Picture:
    """The learning rate over the steps of the run, and what would have come after them."""
    ends = [row["step"] for row in training.log]
    drawn = schedule_picture(over(Scheduled, training.params, "train."), ends, training.first_step)
    return Picture(drawn, "learning rate over steps", "Learning rate, as trained; what is shaded never came")


def excluded(utterances: Sequence[Mapping[str, Any]]) -> list[str]:
    """The utterances that were not trained on, the longest first, and why."""
    longest = sorted(utterances, key=lambda utterance: -utterance["seconds"])
    return [f"{u['id']}: {u['reason']}, {u['frames']} frames, {u['seconds']:.1f} s" for u in longest]
