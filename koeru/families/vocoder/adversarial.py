"""The losses of a vocoder and its discriminators (Kong et al. 2020, eq. 1 to 6), each a mean over the segments."""

from collections.abc import Iterable

import torch
from torch import Tensor

from koeru.audio.mel import MelSpec
from koeru.families.vocoder.hifigan import Judged
from koeru.nn.losses import Mean
from koeru.nn.spectra import log_mel, stft_distance


def discriminator_losses(real: Judged, fake: Judged) -> dict[str, Mean]:
    """Squared distance from 1 of the scores of natural segments, from 0 of those of the generator's, over all nets."""
    return {
        "discriminator_real": over_segments(_from_one(scores) for scores in real[0]),
        "discriminator_fake": over_segments(_of_each(scores.float().square()) for scores in fake[0]),
    }


def generator_losses(real: Judged, fake: Judged) -> dict[str, Mean]:
    """What the discriminators say of the generator: its scores' squared distance from 1, its features' from real ones.

    The features of natural segments are a target: no gradient goes through them.
    """
    pairs = [pair for ours, theirs in zip(fake[1], real[1], strict=True) for pair in zip(ours, theirs, strict=True)]
    return {
        "adversarial": over_segments(_from_one(scores) for scores in fake[0]),
        "features": over_segments(_of_each((ours.float() - theirs.float()).abs()) for ours, theirs in pairs),
    }


def spectral_losses(fake: Tensor, real: Tensor, spec: MelSpec, *, stft: bool) -> dict[str, Mean]:
    """Distances of the log-mels of waveforms (B, N), and, with `stft`, of their spectra at many scales."""
    parts = {"mel": over_segments([_of_each((log_mel(fake, spec) - log_mel(real, spec)).abs())])}
    return parts | ({"stft": over_segments([stft_distance(fake, real)])} if stft else {})


def over_segments(values: Iterable[Tensor]) -> Mean:
    """The mean over segments of the sum of values (B,)."""
    each = torch.stack(list(values)).sum(0)
    return Mean(each.sum(), torch.full_like(each[0], len(each), dtype=torch.long))  # made on the device: no waiting


def _from_one(scores: Tensor) -> Tensor:
    return _of_each((1 - scores.float()).square())


def _of_each(values: Tensor) -> Tensor:
    """The mean over all but the segments: (B, ...) -> (B,)."""
    return values.flatten(1).mean(1)
