"""How a vocoder is optimised: AdamW, whose learning rate falls by a factor once an epoch (Kong et al. 2020, 3.4)."""

from __future__ import annotations

from koeru.families.vocoder.entry import VocoderTrain

ADAMW = {"betas": (0.8, 0.99), "eps": 1e-8, "weight_decay": 0.01}


def learning_rate(settings: VocoderTrain, epochs: int) -> float:
    """The learning rate after so many epochs."""
    return settings.base_lr * settings.lr_decay**epochs
