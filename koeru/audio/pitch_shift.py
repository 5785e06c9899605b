"""Pitch moved by exact ratios, whatever speaks the mel: it is spoken slower by them, and played as much faster.

A model that is told another pitch follows as far as it has learned to. Here a mel is stretched in time by the ratios,
made sound by any vocoder, and the sound is read at the ratios' speed: every harmonic moves by just as much, and the
timing is what it was. Formants would move too, so the envelope of the mel is warped against it before.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from koeru.audio.mel import MelSpec, hz_to_mel, mel_to_hz

GRID = 25.0  # Hz, of envelopes
VOICES = (60.0, 800.0)  # Hz: F0 of anybody
PERIODS = 2  # that an envelope is a mean over: one would leave something of harmonics that a rough voice blurs
REACH = 16  # samples on either side that one is interpolated from
BLOCK = 1 << 13  # samples that are interpolated at once


def pitched(
    mel: NDArray, log_f0: NDArray, ratios: NDArray, spec: MelSpec, sound: Callable[[NDArray[np.float32]], NDArray]
) -> NDArray[np.float32]:
    """The sound (T * hop_length,) of a log-mel (T, M), natural log, whose pitch is `ratios` (T,) times its own.

    `sound` makes a waveform of a mel; `log_f0` (T,), ln Hz, is the mel's own pitch, as nearly as it is known: it tells
    harmonics from formants. A ratio of 2 is an octave. Errors: ValueError where ratios are not as many as the frames,
    or not from 1/4 to 4.
    """
    if ratios.shape != mel.shape[:1] or not ((ratios >= 0.25) & (ratios <= 4)).all():
        raise ValueError(f"{len(mel)} ratios from 1/4 to 4 are wanted, and not {ratios.shape} of {ratios}")
    if (ratios == 1).all():
        return sound(mel.astype(np.float32))
    ends = np.concatenate([[0.0], np.cumsum(ratios, dtype=np.float64)])  # (T + 1,) of the frames, in slower frames
    n_slow = int(np.ceil(ends[-1]))
    at = np.interp(np.arange(n_slow) + 0.5, ends, np.arange(len(ends))) - 0.5  # of slower frames, in frames
    slow = _at(against(mel, log_f0, ratios, spec).T, np.broadcast_to(at, (spec.n_mels, n_slow))).T
    return _read(sound(slow.astype(np.float32)), ends * spec.hop_length, spec.hop_length)


def against(mel: NDArray, log_f0: NDArray, ratios: NDArray, spec: MelSpec) -> NDArray:
    """A log-mel (T, M) with its envelope lower by ratios (T,): what it is where all frequencies are raised by them.

    What is left of harmonics in the envelope would hold pitch back, as it does not rise with them.
    """
    low, high = hz_to_mel(spec.fmin), hz_to_mel(spec.fmax)
    centres = mel_to_hz(np.linspace(low, high, spec.n_mels + 2)[1:-1])  # (M,), Hz
    hz = np.arange(0, spec.fmax + GRID, GRID)
    of_grid = np.interp(hz, centres, np.arange(spec.n_mels))  # where it lies, in bands
    fine = _at(mel, np.broadcast_to(of_grid, (len(mel), len(hz))))
    envelope = _smooth(fine, PERIODS * np.clip(np.exp(log_f0), *VOICES) / GRID)
    moved = np.minimum(ratios[:, None] * centres, spec.fmax)
    return mel + _at(envelope, moved / GRID) - _at(envelope, np.broadcast_to(centres / GRID, mel.shape))


def _smooth(values: NDArray, width: NDArray) -> NDArray:
    """Values (T, G) without what repeats every `width` (T,) places: means over as many, twice, mirrored at the ends."""
    reach = int(np.ceil(width.max())) + 1
    smooth = np.pad(values, ((0, 0), (reach, reach)), mode="reflect")
    places = np.arange(smooth.shape[1])
    for _ in range(2):
        sums = np.pad(np.cumsum((smooth[:, :-1] + smooth[:, 1:]) / 2, axis=1), ((0, 0), (1, 0)))
        above, below = (np.clip(places + side * width[:, None] / 2, 0, places[-1]) for side in (1, -1))
        smooth = (_at(sums, above) - _at(sums, below)) / (above - below)
    return smooth[:, reach:-reach]


def _at(values: NDArray, places: NDArray) -> NDArray:
    """Values (T, G) of each row at places between them (T, K), on lines; at the ends as there."""
    low = np.clip(np.floor(places).astype(int), 0, values.shape[1] - 1)
    high = np.minimum(low + 1, values.shape[1] - 1)
    share = np.clip(places - low, 0, 1)
    return np.take_along_axis(values, low, 1) * (1 - share) + np.take_along_axis(values, high, 1) * share


def _read(wav: NDArray, ends: NDArray, hop_length: int) -> NDArray[np.float32]:
    """A waveform (N,) read so that frame t, hop_length samples, is what lies from `ends[t]` to `ends[t + 1]`.

    Interpolated by a windowed sinc, whose band ends where what is read faster would fold back.
    """
    count = (len(ends) - 1) * hop_length
    padded = np.pad(wav.astype(np.float32), (REACH, REACH + 1))
    made = np.empty(count, np.float32)
    taps = np.arange(1 - REACH, REACH + 1)
    for start in range(0, count, BLOCK):
        samples = np.arange(start, min(start + BLOCK, count))
        frame = (samples + 0.5) / hop_length
        place = np.interp(frame, np.arange(len(ends)), ends) - 0.5  # in samples of the slower sound
        speed = np.diff(ends)[np.minimum(frame.astype(int), len(ends) - 2)] / hop_length
        whole = np.clip(np.floor(place).astype(int), -REACH, len(wav) - 1)
        distance = (place - whole)[:, None] - taps  # (n, taps)
        band = np.minimum(1, 1 / speed)[:, None]
        window = 0.5 + 0.5 * np.cos(np.pi * np.clip(distance / REACH, -1, 1))
        made[samples] = (padded[whole[:, None] + taps + REACH] * (band * np.sinc(band * distance) * window)).sum(1)
    return made
