"""Pictures of waveforms that say the same, one above the other: what a vocoder has kept of a recording."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from koeru.audio.mel import frame, stft_magnitude
from koeru.report.drawing import BLUE, INK, STYLE, VERMILION, WIDTH, png

N_FFT, HOP = 1024, 256  # samples, of the pictures alone
RANGE_DB, LEVELS = 80.0, 27  # below the loudest bin, in steps of 3 dB: more of them make a page of megabytes
ZOOM_S = 0.025  # a few periods of any voice
COLOURS = (BLUE, VERMILION, "#57606a")


def waveforms(waves: Mapping[str, NDArray], sample_rate: int) -> str:
    """Spectrograms (linear in Hz, in dB) of waveforms (N,) by name, and beside each 25 ms of its samples.

    The first is the recording: the loudest place of its voice is where all are shown from near, marked in the
    spectrograms, and its loudest bin is 0 dB of all. Between the harmonics shows what a vocoder adds, above the band of
    its mels what it invents, and in the samples whether its periods are regular.
    """
    shown = {name: _decibels(wav) for name, wav in waves.items()}  # (T, F)
    loudest = max(float(next(iter(shown.values())).max()), -120.0)
    first, last = _loudest(next(iter(waves.values())), round(ZOOM_S * sample_rate))
    seconds = max(map(len, waves.values())) / sample_rate
    swing = 1.05 * max(float(np.abs(wav[first:last]).max(initial=1e-4)) for wav in waves.values())
    with matplotlib.rc_context(STYLE | {"axes.grid": False}):
        figure = Figure(figsize=(WIDTH, 0.5 + 1.45 * len(waves)), dpi=110)
        bottom = 0.42 / figure.get_figheight()
        figure.subplots_adjust(left=0.05, right=0.985, top=1 - bottom / 2, bottom=bottom, hspace=0.32, wspace=0.09)
        grid = figure.subplots(len(waves), 2, squeeze=False, sharex="col", width_ratios=(3.2, 1))
        for (name, wav), colour, (left, right) in zip(waves.items(), COLOURS, grid, strict=False):
            left.imshow(
                shown[name].T,
                origin="lower",
                aspect="auto",
                interpolation="antialiased",
                interpolation_stage="data",
                cmap=matplotlib.colormaps["magma"].resampled(LEVELS),
                vmin=loudest - RANGE_DB,
                vmax=loudest,
                extent=(0, len(wav) / sample_rate, 0, sample_rate / 2000),
            )
            left.set_title(name, color=colour)
            left.set_ylabel("kHz", labelpad=1)
            for edge in (first, last):
                left.axvline(edge / sample_rate, color="white", lw=0.6, alpha=0.8)
            _near(right, wav[first:last], sample_rate, colour, swing)
        grid[-1, 0].set(xlabel="time (s)", xlim=(0, seconds))
        grid[-1, 1].set(xlabel="time from the white lines (ms)", xlim=(0, 1000 * ZOOM_S))
        return png(figure)


def _near(axes: Axes, wav: NDArray, sample_rate: int, colour: str, swing: float) -> None:
    axes.axhline(0, color=INK, lw=0.4, alpha=0.4)
    axes.plot(1000 * np.arange(len(wav)) / sample_rate, wav, color=colour, lw=1)
    axes.set(ylim=(-swing, swing), yticks=[])


def _decibels(wav: NDArray) -> NDArray[np.float32]:
    return 20 * np.log10(stft_magnitude(np.asarray(wav, dtype=np.float32), N_FFT, HOP, N_FFT))


def _loudest(wav: NDArray, length: int) -> tuple[int, int]:
    """First and last sample of the `length` samples with the most energy below 1 kHz or so, where a voice has it."""
    low = np.convolve(np.asarray(wav, dtype=np.float64), np.ones(16) / 16, mode="same")
    frames = frame(low, N_FFT, HOP) if len(low) >= N_FFT else low[None]
    centre = round((np.square(frames).sum(axis=1).argmax() + 0.5) * HOP)
    first = min(max(centre - length // 2, 0), max(len(wav) - length, 0))
    return first, min(first + length, len(wav))
