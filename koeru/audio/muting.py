"""Quiet stretches within speech: which of them a threshold makes digital zero, and what other thresholds would.

Levels are compared as pydub compares them, by which head and tail are trimmed: the root mean square of a chunk in whole
steps of 16 bits, rounded down. One step is -90.3 dBFS: all thresholds below it are one and the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from koeru.audio.silence import Stretch

THRESHOLDS = (-100, -90, -80, -75, -70, -65, -60, -55, -50, -45, -40)  # dBFS; one between 16 bit steps acts as another
STEPS = 32768 * 10 ** (np.array(THRESHOLDS) / 20)  # the same in steps of 16 bits
SOFTEST_SHARE = 0.05  # of a recording's chunks: they are its background
ABOVE = 2  # thresholds that lie between the background and what stands out from it: about 10 dB


@dataclass(frozen=True)
class Quiet:
    """Chunks of speech by the lowest of `THRESHOLDS` that they are not louder than.

    chunks: (len(THRESHOLDS) + 1,) how many; the last counts those that are louder than all.
    peaks: (len(THRESHOLDS),) of each the largest magnitude in steps of 16 bits, 0 where there is none.
    background: the place in THRESHOLDS of the recording's background, its softest twentieth without digital zeros.
    """

    chunks: list[int]
    peaks: list[int]
    background: int


def quiet(wav: NDArray[np.int16], speech: Stretch, sample_rate: int, chunk_size: int) -> Quiet:
    """What thresholds would silence of a recording's (N,) speech, in chunks of `chunk_size` ms from its start on."""
    edges, within = _edges(len(wav), speech, sample_rate, chunk_size)
    rms = _rms(wav, edges)
    places, own = _places(rms[within]), edges[within.start : within.stop + 1]
    peaks = np.zeros(len(THRESHOLDS) + 1, np.int64)
    if len(places):
        magnitude = np.abs(wav[own[0] : own[-1]].astype(np.int32))
        np.maximum.at(peaks, places, np.maximum.reduceat(magnitude, own[:-1] - own[0]))
    sounding = np.sort(rms[rms > 0])
    background = int(_places(sounding[int(SOFTEST_SHARE * len(sounding))])) if len(sounding) else 0
    return Quiet(np.bincount(places, minlength=len(peaks)).tolist(), peaks[:-1].tolist(), background)


def find_muted(
    wav: NDArray[np.int16], speech: Stretch, sample_rate: int, chunk_size: int, threshold: float
) -> list[Stretch]:
    """The stretches of a recording's (N,) speech whose chunks of `chunk_size` ms are not louder than a threshold.

    The threshold is in dBFS. A rest at the end that fills no chunk is left as it is.
    """
    edges, within = _edges(len(wav), speech, sample_rate, chunk_size)
    edges = edges[within.start : within.stop + 1]
    silent = np.floor(_rms(wav, edges)) <= 32768 * 10 ** (threshold / 20)
    turns = np.flatnonzero(np.diff(silent, prepend=False, append=False)).tolist()
    return [(int(edges[first]), int(edges[last])) for first, last in zip(turns[::2], turns[1::2], strict=True)]


def silenced(wav: NDArray, muted: Sequence[Stretch] | NDArray[np.int32], first: int = 0) -> NDArray:
    """Samples of a recording from sample `first` on (N,), with digital zero in the stretches that are muted."""
    if not len(muted):
        return wav
    made = wav.copy()
    for start, stop in muted:
        made[max(0, start - first) : max(0, stop - first)] = 0
    return made


def _edges(n_samples: int, speech: Stretch, sample_rate: int, chunk_size: int) -> tuple[NDArray[np.int64], slice]:
    """Where whole chunks of `chunk_size` ms of a recording meet, in samples (C + 1,), and which of them are its speech.

    A chunk begins where the speech does.
    """
    length = chunk_size * sample_rate / 1000
    before, own, all_behind = (int(n / length) for n in (speech[0], speech[1] - speech[0], n_samples - speech[0]))
    edges = speech[0] + np.round(np.arange(-before, all_behind + 1) * length).astype(np.int64)
    return edges, slice(before, before + own)


def _rms(wav: NDArray[np.int16], edges: NDArray[np.int64]) -> NDArray[np.float64]:
    """The root mean square between each two edges (C + 1,), in steps of 16 bits: (C,)."""
    if len(edges) < 2:
        return np.zeros(0)
    square = np.square(wav[edges[0] : edges[-1]], dtype=np.float64)
    return np.sqrt(np.add.reduceat(square, edges[:-1] - edges[0]) / np.diff(edges))


def _places(rms: NDArray[np.float64] | float) -> NDArray[np.int64]:
    """The place of the lowest threshold that is not below a level, of the same shape; beyond all: their number."""
    return np.searchsorted(STEPS, np.floor(rms), side="left")
