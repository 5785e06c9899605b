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

ENVELOPE = 12  # cosines that make the envelope of a log-mel: finer ripples are harmonics, those of high voices too
REACH = 16  # samples on either side that one is interpolated from
BLOCK = 1 << 13  # samples that are interpolated at once


def pitched(
    mel: NDArray, ratios: NDArray, spec: MelSpec, sound: Callable[[NDArray[np.float32]], NDArray]
) -> NDArray[np.float32]:
    """The sound (T * hop_length,) of a log-mel (T, M), natural log, whose pitch is `ratios` (T,) times its own.

    `sound` makes a waveform of a mel. A ratio of 2 is an octave. Errors: ValueError where ratios are not as many as the
    frames, or not from 1/4 to 4.
    """
    if ratios.shape != mel.shape[:1] or not ((ratios >= 0.25) & (ratios <= 4)).all():
        raise ValueError(f"{len(mel)} ratios from 1/4 to 4 are wanted, and not {ratios.shape} of {ratios}")
    if (ratios == 1).all():
        return sound(mel.astype(np.float32))
    ends = np.concatenate([[0.0], np.cumsum(ratios, dtype=np.float64)])  # (T + 1,) of the frames, in slower frames
    n_slow = int(np.ceil(ends[-1]))
    at = np.interp(np.arange(n_slow) + 0.5, ends, np.arange(len(ends))) - 0.5  # of slower frames, in frames
    slow = _between(against(mel, ratios, spec), at)
    return _read(sound(slow.astype(np.float32)), ends * spec.hop_length, spec.hop_length)


def against(mel: NDArray, ratios: NDArray, spec: MelSpec) -> NDArray:
    """A log-mel (T, M) with its envelope lower by ratios (T,): what it is where all frequencies are raised by them."""
    bands = np.arange(spec.n_mels)
    low, high = hz_to_mel(spec.fmin), hz_to_mel(spec.fmax)
    step = (high - low) / (spec.n_mels + 1)
    centres = mel_to_hz(low + step * (bands + 1))  # (M,), Hz
    moved = (hz_to_mel(ratios[:, None] * centres) - low) / step - 1  # (T, M), where they come to lie, in bands
    moved = np.clip(moved, 0, spec.n_mels - 1)
    orders = np.arange(ENVELOPE)
    weights = np.where(orders == 0, 1, 2) / spec.n_mels
    cosines = np.cos(np.pi * orders * (bands[:, None] + 0.5) / spec.n_mels)  # (M, O)
    envelope = mel @ cosines * weights  # (T, O), its cosine transform
    there = np.cos(np.pi * orders * (moved[..., None] + 0.5) / spec.n_mels)  # (T, M, O)
    return mel + (there @ envelope[..., None])[..., 0] - envelope @ cosines.T


def _between(values: NDArray, at: NDArray) -> NDArray:
    """Values (T, M) at places between them (K,), on lines; at the ends as there."""
    low = np.clip(np.floor(at).astype(int), 0, len(values) - 1)
    high = np.minimum(low + 1, len(values) - 1)
    share = np.clip(at - low, 0, 1)[:, None]
    return values[low] * (1 - share) + values[high] * share


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
