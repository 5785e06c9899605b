"""What pages tell of any training, from the manifest of the epoch (`epoch_NNNN.json`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from koeru.report import plots
from koeru.report.data import Picture

Told = Mapping[str, Any]
ABOUT_LOSSES = "Losses: means over real positions; those of prosody are negative log-likelihoods"


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
