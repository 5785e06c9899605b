"""What the manifest of an epoch of a vocoder's training tells, and the `node.json` of published weights."""

from __future__ import annotations

from typing import Any

from koeru.config.base import defaults
from koeru.families.vocoder.entry import VocoderEntry
from koeru.families.vocoder.manifest import VocoderManifest, WeightsManifest

LOADED = {
    "from": "weights/c2d3",
    "epoch": None,
    "tensors": 1,
    "copied": ["generator.conv_pre.bias"],
    "extended": [],
    "fresh": [],
    "left": [],
    "optimizer": "reset",
    "step": 0,
    "epochs": 0,
    "notes": [],
}
START = {"stage": "vocoder", "key": "a0b1", "epoch": 100}
WEIGHTS = {"stage": "weights", "key": "c2d3", "epoch": None}


def trained(epochs: int = 12, best: int = 8, **changes: Any) -> VocoderManifest:
    """What the manifest of an epoch with this content tells."""
    return VocoderManifest.of(told(epochs, best, **changes))


def weights(**changes: Any) -> WeightsManifest:
    """What the `node.json` of published weights with this content tells."""
    return WeightsManifest.of(published(**changes))


def told(epochs: int = 12, best: int = 8, **changes: Any) -> dict[str, Any]:
    """A fine-tuning that was best before it ended."""
    errors = {epoch: 0.30 + 0.0015 * (epoch - best) ** 2 for epoch in range(1, epochs + 1)}
    rows = [
        {
            "epoch": epoch,
            "step": 20 * epoch,
            "train": {"mel": 0.34 - 0.004 * epoch, "adversarial": 3.0, "features": 1.2, "discriminator_real": 0.4},
            "dev": {"mel": error},
            "frames": 9600,
            "padding": 0.0,
            "seconds": 12.0,
            "data_seconds": 0.1,
        }
        for epoch, error in errors.items()
    ]
    return {
        "stage": "vocoder",
        "key": "e4f5",
        "params": defaults(VocoderEntry, "vocoder."),
        "parents": {"start": WEIGHTS},
        "epoch": epochs,
        "step": 20 * epochs,
        "at_start": {"mel": 0.412},
        "log": rows,
        "best": {"epoch": best, "mel": errors[best]},
        "loaded": LOADED,
        "parameters": {"generator": 13_940_000, "discriminators": 70_700_000},
        "machine": {"threads": 2, "devices": 1, "processor": "NVIDIA H200", "torch": "2.9.1", "compiled": False},
        "workers": 4,
    } | changes


def published(**changes: Any) -> dict[str, Any]:
    """Weights that an entry names, as they were delivered."""
    return {
        "stage": "weights",
        "key": "c2d3",
        "params": {"weights.variant": "v1", "weights.generator_sha256": "ab" * 32},
        "parents": {},
        "parameters": {"generator": 13_940_000},
        "files": {"weights.universal.generator": {"path": "/data/hifigan/g_02500000", "bytes": 55_800_000}},
        "step": 0,
        "epoch": 0,
    } | changes
