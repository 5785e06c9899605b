"""Where speech begins, pauses and ends, by pydub's silence detection in dBFS."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log10
from typing import Literal

import numpy as np
from numpy.typing import NDArray

with warnings.catch_warnings():
    # pydub misses ffmpeg, which it would need to decode compressed files: none are read here.
    warnings.filterwarnings("ignore", message="Couldn't find ffmpeg", category=RuntimeWarning)
    from pydub import AudioSegment
    from pydub.silence import detect_leading_silence, detect_silence

STRETCH = 50  # ms, the length of the loudest stretch that is looked for in what was taken away
SOFTEST = -100.0  # dBFS, given for digital silence as well

Stretch = tuple[int, int]  # [start, stop) in samples of a recording


@dataclass(frozen=True)
class Segment:
    """A piece [start, stop) of an utterance, the silences inside it, and the `speech` of the whole utterance.

    That is what lies between head and tail, without the silence that is kept. All are in samples of the utterance.
    """

    start: int
    stop: int
    speech: Stretch
    silences: tuple[Stretch, ...] = ()


@dataclass(frozen=True)
class Taken:
    """What was taken away from a recording.

    `energy` is the sum of squares of the whole recording, of samples at full scale 1, and `energy_share` the share of
    it that was taken. `loudest_dbfs` is the level of the loudest 50 ms that were taken, which begin at sample
    `loudest_at`; both are None where nothing was.
    """

    seconds: float
    energy: float
    energy_share: float
    loudest_dbfs: float | None
    loudest_at: int | None


def find_segments(
    wav: NDArray[np.int16],
    sample_rate: int,
    silence_thresh_h: float,
    silence_thresh_t: float,
    min_silence_len: int,
    keep_silence: int,
    inner: Literal["mark", "split"] = "mark",
    chunk_size: int = 10,
) -> list[Segment]:
    """Trim the head and tail of `wav` (N,), and mark or cut out the silences inside.

    The head ends at the first `chunk_size` ms as loud as `silence_thresh_h`, the tail begins after the last ones as
    loud as `silence_thresh_t` (dBFS, rms against full scale); `keep_silence` ms of each are kept. Inside, a
    silence is a stretch of at least `min_silence_len` ms not louder than `silence_thresh_t`, found in steps
    of `chunk_size` ms. With inner "mark" one segment lists its silences; with "split" it is cut in the middle of
    each, so that the segments follow each other without a gap. Where nothing is loud enough the list is
    empty.

    All is found in milliseconds and converted to samples once. Raises ValueError for wrong input.
    """
    if wav.ndim != 1 or wav.dtype != np.int16:
        raise ValueError(f"a mono waveform of 16 bit samples is wanted, (N,); got {wav.dtype} {wav.shape}")
    if not 0 < chunk_size <= min_silence_len or keep_silence < 0 or inner not in ("mark", "split"):
        raise ValueError(
            "segments: chunk_size must be at least 1 ms, min_silence_len at least as long, keep_silence at least 0 ms, "
            f"inner mark or split; got {chunk_size}, {min_silence_len}, {keep_silence}, {inner!r}"
        )
    sound = AudioSegment(wav.tobytes(), sample_width=2, frame_rate=sample_rate, channels=1)
    head = detect_leading_silence(sound, silence_thresh_h, chunk_size)
    tail = len(sound) - detect_leading_silence(sound.reverse(), silence_thresh_t, chunk_size)
    if head >= tail:
        return []
    loud = sound[head:tail]
    # A stretch at the edge of the speech is no pause, but head or tail that the other threshold let through.
    pauses = [
        (head + start, head + stop)
        for start, stop in detect_silence(loud, min_silence_len, silence_thresh_t, seek_step=chunk_size)
        if start > 0 and stop < len(loud)
    ]

    def samples(ms: float) -> int:
        return len(wav) if ms >= len(sound) else round(ms * sample_rate / 1000)

    first, last = samples(max(0, head - keep_silence)), samples(tail + keep_silence)
    speech = samples(head), samples(tail)
    if inner == "mark":
        silences = tuple((samples(start), samples(stop)) for start, stop in pauses)
        return [Segment(first, last, speech, silences)]
    cuts = [first, *(samples((start + stop) / 2) for start, stop in pauses), last]
    return [Segment(start, stop, speech) for start, stop in pairwise(cuts)]


def trimmed(wav: NDArray[np.int16], segments: Sequence[Segment]) -> list[Stretch]:
    """The head before the first and the tail behind the last of a recording's segments, which are in order."""
    ends = ((0, segments[0].start), (segments[-1].stop, len(wav)))
    return [(start, stop) for start, stop in ends if start < stop]


def taken(wav: NDArray[np.int16], stretches: Sequence[Stretch], sample_rate: int) -> Taken:
    """What some stretches of a recording (N,) hold.

    One that is shorter than 50 ms counts as one stretch.
    """
    square = np.square(wav / 32768)  # (N,)
    loudest: tuple[float, int] | None = None  # mean square, and where it begins
    for start, stop in stretches:
        length = min(round(STRETCH * sample_rate / 1000), stop - start)
        total = np.concatenate([[0.0], np.cumsum(square[start:stop])])
        means = (total[length:] - total[:-length]) / length
        at = int(np.argmax(means))
        loudest = max(loudest or (-1.0, 0), (float(means[at]), start + at), key=lambda found: found[0])
    energy = float(square.sum())
    own = float(sum(square[start:stop].sum() for start, stop in stretches))
    return Taken(
        seconds=round(sum(stop - start for start, stop in stretches) / sample_rate, 6),
        energy=round(energy, 6),
        energy_share=round(own / energy, 9) if energy else 0.0,
        loudest_dbfs=None if loudest is None else _dbfs(loudest[0]),
        loudest_at=None if loudest is None else loudest[1],
    )


def level_dbfs(wav: NDArray[np.int16]) -> float:
    """Root mean square of samples (N,) in dB below full scale, at least -100."""
    return _dbfs(float(np.mean(np.square(wav, dtype=np.float64))) / 32768**2 if len(wav) else 0.0)


def _dbfs(mean_square: float) -> float:
    return round(max(SOFTEST, 10 * log10(max(mean_square, 1e-30))), 2)
