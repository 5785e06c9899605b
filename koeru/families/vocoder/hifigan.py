"""HiFi-GAN (Kong et al. 2020, arXiv 2010.05646): the generator, and the discriminators that it is trained against.

Names and shapes of the parameters are those of the published checkpoints (jik876/hifi-gan).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import leaky_relu, pad
from torch.nn.utils import spectral_norm

from koeru.families.vocoder.weight_norm import Conv1d, Conv2d, ConvTranspose1d
from koeru.nn.layers import at_least_float32, full_precision

Variant = Literal["v1", "v2", "v3"]
SLOPE = 0.1  # of leaky ReLUs, but for the one before the last convolution, which has torch's 0.01
PERIODS = (2, 3, 5, 7, 11)
PERIOD_CHANNELS = (32, 128, 512, 1024, 1024)
SCALES = 3
SCALE_CHANNELS = (128, 128, 256, 512, 1024, 1024, 1024)
# Kernel size, stride and groups of each layer of a scale.
SCALE_LAYERS = ((15, 1, 1), (41, 2, 4), (41, 2, 16), (41, 4, 16), (41, 4, 16), (41, 1, 16), (5, 1, 1))

Judged = tuple[list[Tensor], list[list[Tensor]]]  # scores (B, positions), and the features of each layer, of each net


@dataclass(frozen=True)
class GeneratorConfig:
    """Sizes of a generator: table 5 of the paper. `resblock` is the kind of its residual blocks."""

    channels: int = 512
    upsample_rates: tuple[int, ...] = (8, 8, 2, 2)
    upsample_kernel_sizes: tuple[int, ...] = (16, 16, 4, 4)
    resblock: Literal["1", "2"] = "1"
    resblock_kernel_sizes: tuple[int, ...] = (3, 7, 11)
    resblock_dilations: tuple[tuple[int, ...], ...] = ((1, 3, 5),) * 3
    n_mels: int = 80

    @property
    def hop_length(self) -> int:
        """Samples a frame."""
        return math.prod(self.upsample_rates)


VARIANTS: dict[Variant, GeneratorConfig] = {
    "v1": GeneratorConfig(),
    "v2": GeneratorConfig(channels=128),
    "v3": GeneratorConfig(
        channels=256,
        upsample_rates=(8, 8, 4),
        upsample_kernel_sizes=(16, 16, 8),
        resblock="2",
        resblock_kernel_sizes=(3, 5, 7),
        resblock_dilations=((1, 2), (2, 6), (3, 12)),
    ),
}


def generator(variant: Variant, n_mels: int = 80) -> Generator:
    """A generator of a published size with random weights."""
    return Generator(replace(VARIANTS[variant], n_mels=n_mels))


class Generator(nn.Module):
    """Log-mel (B, M, T), natural log -> waveform (B, 1, T * hop_length) in [-1, 1]."""

    def __init__(self, config: GeneratorConfig = VARIANTS["v1"]) -> None:
        super().__init__()
        self.config = config
        widths = [config.channels >> i for i in range(len(config.upsample_rates) + 1)]
        block = {"1": ResBlock1, "2": ResBlock2}[config.resblock]
        self.conv_pre = Conv1d(config.n_mels, widths[0], 7, padding=3)
        self.ups = nn.ModuleList(
            ConvTranspose1d(wide, narrow, kernel_size, rate, padding=(kernel_size - rate) // 2)
            for wide, narrow, kernel_size, rate in zip(
                widths[:-1], widths[1:], config.upsample_kernel_sizes, config.upsample_rates, strict=True
            )
        )
        self.resblocks = nn.ModuleList(
            block(width, kernel_size, dilations)
            for width in widths[1:]
            for kernel_size, dilations in zip(config.resblock_kernel_sizes, config.resblock_dilations, strict=True)
        )
        self.conv_post = Conv1d(widths[-1], 1, 7, padding=3)

    def forward(self, mel: Tensor) -> Tensor:
        """(B, M, T) -> (B, 1, N)"""
        x = self.conv_pre(mel)
        kinds = len(self.config.resblock_kernel_sizes)
        for i, up in enumerate(self.ups):
            x = up(leaky_relu(x, SLOPE))
            x = sum(block(x) for block in self.resblocks[i * kinds : (i + 1) * kinds]) / kinds
        with full_precision(x):  # bfloat16 has 8 bits: its rounding would be heard as noise
            return torch.tanh(self.conv_post(at_least_float32(leaky_relu(x))))


class ResBlock1(nn.Module):
    """Dilated convolutions, each followed by one without dilation and a residual connection."""

    def __init__(self, channels: int, kernel_size: int, dilations: tuple[int, ...]) -> None:
        super().__init__()
        self.convs1 = nn.ModuleList(_same(channels, kernel_size, dilation) for dilation in dilations)
        self.convs2 = nn.ModuleList(_same(channels, kernel_size, 1) for _ in dilations)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, N) -> (B, C, N)"""
        for dilated, plain in zip(self.convs1, self.convs2, strict=True):
            x = x + plain(leaky_relu(dilated(leaky_relu(x, SLOPE)), SLOPE))
        return x


class ResBlock2(nn.Module):
    """Dilated convolutions, each with a residual connection."""

    def __init__(self, channels: int, kernel_size: int, dilations: tuple[int, ...]) -> None:
        super().__init__()
        self.convs = nn.ModuleList(_same(channels, kernel_size, dilation) for dilation in dilations)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, N) -> (B, C, N)"""
        for conv in self.convs:
            x = x + conv(leaky_relu(x, SLOPE))
        return x


def _same(channels: int, kernel_size: int, dilation: int) -> Conv1d:
    return Conv1d(channels, channels, kernel_size, dilation=dilation, padding=dilation * (kernel_size - 1) // 2)


class MultiPeriodDiscriminator(nn.Module):
    """Nets that each see a waveform (B, 1, N) folded to a period, so that its columns are every p-th sample (2.3)."""

    def __init__(self, channels: tuple[int, ...] = PERIOD_CHANNELS) -> None:
        super().__init__()
        self.discriminators = nn.ModuleList(PeriodNet(period, channels) for period in PERIODS)

    def forward(self, wav: Tensor) -> Judged:
        """(B, 1, N) -> scores (B, positions) and features of each net; 1 is real."""
        return _judged([net(wav) for net in self.discriminators])


class PeriodNet(nn.Module):
    """Convolutions along the columns of a folded waveform."""

    def __init__(self, period: int, channels: tuple[int, ...]) -> None:
        super().__init__()
        self.period = period
        strides = [*[3] * (len(channels) - 1), 1]
        self.convs = nn.ModuleList(
            Conv2d(n_in, n_out, (5, 1), (stride, 1), padding=(2, 0))
            for n_in, n_out, stride in zip((1, *channels[:-1]), channels, strides, strict=True)
        )
        self.conv_post = Conv2d(channels[-1], 1, (3, 1), padding=(1, 0))

    def forward(self, wav: Tensor) -> tuple[Tensor, list[Tensor]]:
        """(B, 1, N) -> (B, positions) and the features of each layer (B, C, rows, period)"""
        x = pad(wav, (0, -wav.shape[2] % self.period), mode="reflect")
        return _layers(self.convs, self.conv_post, x.unflatten(2, (-1, self.period)))


class MultiScaleDiscriminator(nn.Module):
    """Nets that see a waveform (B, 1, N) as it is, at half and at a quarter of its rate (2.3)."""

    def __init__(self, channels: tuple[int, ...] = SCALE_CHANNELS) -> None:
        super().__init__()
        self.discriminators = nn.ModuleList(ScaleNet(channels, spectral=scale == 0) for scale in range(SCALES))
        self.meanpools = nn.ModuleList(nn.AvgPool1d(4, 2, padding=2) for _ in range(SCALES - 1))

    def forward(self, wav: Tensor) -> Judged:
        """(B, 1, N) -> scores (B, positions) and features of each net; 1 is real."""
        found = [self.discriminators[0](wav)]
        for pool, net in zip(self.meanpools, self.discriminators[1:], strict=True):
            wav = pool(wav)
            found.append(net(wav))
        return _judged(found)


class ScaleNet(nn.Module):
    """The convolutions of `SCALE_LAYERS`, and a last one, with weight normalisation or with spectral normalisation."""

    def __init__(self, channels: tuple[int, ...], spectral: bool) -> None:
        super().__init__()
        self.convs = nn.ModuleList(
            _normalised(spectral, n_in, n_out, kernel_size, stride, groups)
            for n_in, n_out, (kernel_size, stride, groups) in zip(
                (1, *channels[:-1]), channels, SCALE_LAYERS, strict=True
            )
        )
        self.conv_post = _normalised(spectral, channels[-1], 1, 3, 1, 1)

    def forward(self, wav: Tensor) -> tuple[Tensor, list[Tensor]]:
        """(B, 1, N) -> (B, positions) and the features of each layer (B, C, positions)"""
        return _layers(self.convs, self.conv_post, wav)


def _normalised(spectral: bool, n_in: int, n_out: int, kernel_size: int, stride: int, groups: int) -> nn.Module:
    shape = (n_in, n_out, kernel_size, stride, kernel_size // 2, 1, groups)
    return spectral_norm(nn.Conv1d(*shape)) if spectral else Conv1d(*shape)


def _layers(convs: nn.ModuleList, last: nn.Module, x: Tensor) -> tuple[Tensor, list[Tensor]]:
    features = []
    for conv in convs:
        x = leaky_relu(conv(x), SLOPE)
        features.append(x)
    x = last(x)
    features.append(x)
    return x.flatten(1), features


def _judged(found: list[tuple[Tensor, list[Tensor]]]) -> Judged:
    return [score for score, _ in found], [features for _, features in found]
