"""A step of HiFi-GAN as it was published, plainly written, to be compared with: the same losses and updates.

The discriminators hear real and generated waves one after the other, with all gradients on: in the generator's step,
also those of their own weights and of what they say of real waves, which are then discarded.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import l1_loss

from koeru.audio.mel import MelSpec
from koeru.families.vocoder.entry import VocoderTrain
from koeru.families.vocoder.hifigan import Judged
from koeru.families.vocoder.model import HifiGan
from koeru.families.vocoder.schedule import ADAMW
from koeru.families.vocoder.task import ClipBatch
from koeru.nn.spectra import log_mel


class PublishedStep:
    """A vocoder that makes steps, its discriminators first (Kong et al. 2020, 2.4), in the precision of its weights."""

    def __init__(self, model: HifiGan, settings: VocoderTrain, spec: MelSpec) -> None:
        self.model, self.settings, self.spec = model.train(), settings, spec
        chosen = {"lr": settings.base_lr, **ADAMW}
        self.optimiser, self.optimiser_of_judges = (
            torch.optim.AdamW(network.parameters(), **chosen) for network in (model.generator, model.discriminators)
        )

    def step(self, batch: ClipBatch) -> float:
        """One update of both networks; the generator's loss, before it."""
        weights, judges, real = self.settings.weights, self.model.discriminators, batch.wavs
        fake = self.model.generator(batch.mels)
        self.optimiser_of_judges.zero_grad()
        told = [net(wav) for net in (judges.mpd, judges.msd) for wav in (real, fake.detach())]
        loss = sum(_distance(scores, 1 - number % 2) for number, (scores, _) in enumerate(told))
        loss.backward()
        self.optimiser_of_judges.step()

        self.optimiser.zero_grad()
        loss = weights["mel"] * l1_loss(*(log_mel(wav[:, 0], self.spec) for wav in (real, fake)))
        for net in (judges.mpd, judges.msd):
            of_real, of_fake = net(real), net(fake)
            loss = loss + weights["adversarial"] * _distance(of_fake[0], 1)
            loss = loss + weights["features"] * _feature_distance(of_real, of_fake)
        loss.backward()
        self.optimiser.step()
        return loss.item()


def _distance(scores: list[Tensor], wanted: float) -> Tensor:
    return sum((wanted - of_net).square().mean() for of_net in scores)


def _feature_distance(one: Judged, other: Judged) -> Tensor:
    return sum(l1_loss(*layers) for nets in zip(one[1], other[1], strict=True) for layers in zip(*nets, strict=True))
