"""HiFi-GAN as it is trained: the generator of HiFi-GAN and its discriminators (Kong et al. 2020)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from koeru.families.vocoder.adversarial import discriminator_losses
from koeru.families.vocoder.entry import VocoderEntry
from koeru.families.vocoder.hifigan import (
    PERIOD_CHANNELS,
    SCALE_CHANNELS,
    Generator,
    Judged,
    MultiPeriodDiscriminator,
    MultiScaleDiscriminator,
    generator,
)
from koeru.nn.losses import Mean


class HifiGan(nn.Module):
    """The two networks that a checkpoint holds, or a generator alone, which is trained on spectra."""

    def __init__(self, generator: Generator, discriminators: Discriminators | None = None) -> None:
        super().__init__()
        self.generator, self.discriminators = generator, discriminators


class Discriminators(nn.Module):
    """The multi-period and the multi-scale discriminator as one; without widths, one of them is left out."""

    def __init__(
        self, mpd_channels: tuple[int, ...] = PERIOD_CHANNELS, msd_channels: tuple[int, ...] = SCALE_CHANNELS
    ) -> None:
        super().__init__()
        self.mpd = MultiPeriodDiscriminator(mpd_channels) if mpd_channels else None
        self.msd = MultiScaleDiscriminator(msd_channels) if msd_channels else None

    def forward(self, real: Tensor, fake: Tensor) -> tuple[Judged, Judged]:
        """Two batches of waveforms (B, 1, N) -> what all nets say of the real ones, and of the others.

        The MPD judges both at once, which is faster. Grouped convolutions gain nothing by it, so the MSD judges the
        real ones first: its spectral norm makes a power iteration a call, as in the published training.
        """
        said: list[tuple[Judged, Judged]] = []
        if self.mpd is not None:
            both = self.mpd(torch.cat([real, fake]))
            said.append((_rows(both, slice(len(real))), _rows(both, slice(len(real), None))))
        if self.msd is not None:
            said.append((self.msd(real), self.msd(fake)))
        of_real, of_fake = zip(*said, strict=True)
        return _joined(of_real), _joined(of_fake)

    def judge(self, wav: Tensor) -> Judged:
        """Waveforms (B, 1, N) -> what all nets say of them."""
        return _joined([net(wav) for net in (self.mpd, self.msd) if net is not None])


class DiscriminatorLosses(nn.Module):
    """The losses of discriminators as a module of its own: what several devices compute together is a forward pass."""

    def __init__(self, discriminators: Discriminators) -> None:
        super().__init__()
        self.discriminators = discriminators

    def forward(self, real: Tensor, fake: Tensor) -> dict[str, Mean]:
        """Two batches of waveforms (B, 1, N) -> see `koeru.families.vocoder.adversarial.discriminator_losses`."""
        return discriminator_losses(*self.discriminators(real, fake))


def build_hifigan(entry: VocoderEntry, n_mels: int, hop_length: int) -> HifiGan:
    """The networks that an entry describes, for mels of so many bands and a hop of so many samples, not trained yet.

    There are discriminators if what they say has any weight. Errors: ValueError where the generator makes other than
    hop_length samples of a frame.
    """
    made = generator(entry.variant, n_mels)
    if made.config.hop_length != hop_length:
        raise ValueError(
            f"vocoder.variant: {entry.variant} makes {made.config.hop_length} samples of a frame, mel.hop_length is "
            f"{hop_length}: use the same"
        )
    judges = Discriminators(entry.mpd_channels, entry.msd_channels) if entry.train.judged else None
    return HifiGan(made, judges)


def _rows(judged: Judged, rows: slice) -> Judged:
    """What is said of some of the waveforms."""
    scores, features = judged
    return [of_net[rows] for of_net in scores], [[layer[rows] for layer in of_net] for of_net in features]


def _joined(said: Sequence[Judged]) -> Judged:
    """What several discriminators say, as if they were one."""
    return [of_net for scores, _ in said for of_net in scores], [of_net for _, told in said for of_net in told]
