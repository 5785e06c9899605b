"""What an experiment's page tells of its training, from the manifest of the epoch (`epoch_NNNN.json`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from koeru.families.acoustic.warnings import training_warnings
from koeru.jobs.progress import duration
from koeru.report import plots
from koeru.report.data import Picture
from koeru.report.schedule import schedule_picture
from koeru.training.schedule import Schedule

Told = Mapping[str, Any]
ABOUT_LOSSES = "Losses: means over real positions; those of prosody are negative log-likelihoods"


def facts(told: Told) -> dict[str, str]:
    """Short facts by name: how long, on what, how fast."""
    last, utterances, excluded = told["last"], told["utterances"], told["excluded"]
    took = duration(sum(row["seconds"] for row in told["log"]))
    kept_out = f"; {len(excluded)} too long to train on ({told['excluded_seconds']:.1f} s)" if excluded else ""
    frozen = f", {told['frozen'] / 1e6:.2f} of them frozen" if told["frozen"] else ""
    seconds = max(last["seconds"], 1e-9)
    return {
        "Trained": f"{told['epoch']} epochs, {told['step'] - first_step(told) + 1} steps, {took}",
        "Utterances": f"{utterances['train']} train, {utterances['dev']} dev{kept_out}",
        "Model": f"{told['parameters'] / 1e6:.2f} million parameters{frozen}",
        "Computed": computed(told, told["params"]["train.precision"]),
        "Last epoch": f"{last['frames'] / seconds:,.0f} real frames a second; {last['data_seconds'] / seconds:.1%} of "
        f"the time waiting for data; {last['padding']:.1%} of the frames in its batches are padding",
    }


def warnings(told: Told) -> list[str]:
    """What a training is warned of that ended where this one did."""
    return training_warnings(told["params"], told["step"], pretrained=told["loaded"] is not None)


def first_step(told: Told) -> int:
    """The step that the run began with: 1, or the one after its parent's where `optimizer: keep` continues them."""
    return 1 + (told["loaded"]["step"] if told["loaded"] else 0)


def losses(told: Told) -> Picture:
    """The parts of the loss over steps."""
    rows = [
        {"epoch": row["epoch"], "step": row["step"]}
        | {f"{split}/{part}": value for split in ("train", "dev") for part, value in row[split].items()}
        for row in told["log"]
    ]
    return Picture(plots.loss_curves(rows), "losses over steps, training and development", ABOUT_LOSSES)


def schedule(told: Told) -> Picture:
    """The learning rate over the steps of the run, and what would have come after them."""
    ends = [row["step"] for row in told["log"]]
    drawn = schedule_picture(Schedule.of(told["params"]), ends, first_step(told))
    return Picture(drawn, "learning rate over steps", "Learning rate, as trained; what is shaded never came")


def excluded(told: Told) -> list[str]:
    """The utterances that were not trained on, the longest first, and why."""
    longest = sorted(told["excluded"], key=lambda utterance: -utterance["seconds"])
    return [f"{u['id']}: {u['reason']}, {u['frames']} frames, {u['seconds']:.1f} s" for u in longest]


def computed(told: Told, precision: str) -> str:
    """What a training ran on, and in which precision."""
    machine = told["machine"]
    counts = {"device": machine["devices"], "thread": machine["threads"], "loading worker": told["workers"]}
    words = [f"{precision} on {machine['processor']}"]
    words += [f"{count} {name}{'' if count == 1 else 's'}" for name, count in counts.items()]
    return ", ".join([*words, *(["compiled"] if machine["compiled"] else []), f"torch {machine['torch']}"])
