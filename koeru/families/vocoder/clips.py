"""Clips of recordings: stretches of a given length, the mel frames beside the samples, from which vocoders learn.

Frame k of a clip is the mel of its samples k * hop_length to (k + 1) * hop_length. An utterance that is shorter than a
clip is padded behind: the samples with zeros, the mel with its floor. So none is left out.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from koeru.audio.mel import LOG_FLOOR

if TYPE_CHECKING:
    from numpy.typing import NDArray

HELD_OUT = 256  # clips that a vocoder is judged by, at most
SILENCE = math.log(LOG_FLOOR)  # the mel of no sound


@dataclass(frozen=True)
class Clip:
    """A stretch of an utterance."""

    id: str  # of the utterance
    mel: NDArray[np.float32]  # (T, M), natural log
    wav: NDArray[np.float32]  # (T * hop_length,), of full scale 1


class Recordings(Protocol):
    """Utterances of which stretches can be read; their lengths are known without reading them."""

    hop_length: int
    ids: Sequence[str]
    frame_lengths: Sequence[int]

    def read(self, index: int, start: int, stop: int) -> Clip:
        """The frames from `start` to before `stop` of an utterance, and their samples."""
        ...


def clip_of(recordings: Recordings, index: int, start: int, length: int) -> Clip:
    """The `length` frames of an utterance from frame `start` on, padded behind where it ends before."""
    stop = min(start + length, recordings.frame_lengths[index])
    found = recordings.read(index, start, stop)
    missing = start + length - stop
    if not missing:
        return found
    mel = np.pad(found.mel, ((0, missing), (0, 0)), constant_values=SILENCE)
    return Clip(found.id, mel, np.pad(found.wav, (0, missing * recordings.hop_length)))


def position(seed: int, epoch: int, utterance_id: str, frames: int, length: int) -> int:
    """The frame at which the clip of an utterance of `frames` frames begins in an epoch: a pure function."""
    drawn = hashlib.sha256(f"{seed} {epoch} {utterance_id}".encode()).digest()
    return int.from_bytes(drawn[:8], "big") % (max(frames - length, 0) + 1)


def epoch_batches(count: int, batch_size: int, seed: int, epoch: int) -> list[list[int]]:
    """The batches of an epoch (from 0): each of `count` utterances once, shuffled; the last batch may be smaller."""
    order = np.random.default_rng([seed, epoch]).permutation(count).tolist()
    return [order[start : start + batch_size] for start in range(0, count, batch_size)]


def held_out(frame_lengths: Sequence[int], length: int, most: int = HELD_OUT) -> list[tuple[int, int]]:
    """(index, first frame) of the clips that a vocoder is judged by, always the same.

    All consecutive ones, of which the last of an utterance ends with it; of more than `most`, so many evenly spaced.
    """
    every = [
        (index, start)
        for index, frames in enumerate(frame_lengths)
        for start in [*range(0, frames - length, length), max(frames - length, 0)]
    ]
    return [every[number * len(every) // most] for number in range(most)] if len(every) > most else every
