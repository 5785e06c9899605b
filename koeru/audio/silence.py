"""Where speech begins, pauses and ends, by pydub's silence detection in dBFS."""

import warnings
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

with warnings.catch_warnings():
    # pydub misses ffmpeg, which it would need to decode compressed files: none are read here.
    warnings.filterwarnings("ignore", message="Couldn't find ffmpeg", category=RuntimeWarning)
    from pydub import AudioSegment
    from pydub.silence import detect_leading_silence, detect_silence

STEP = 10  # ms, the grid on which silence is looked for


@dataclass(frozen=True)
class Segment:
    """A piece [start, stop) of an utterance and the silences inside it, all in samples of the utterance."""

    start: int
    stop: int
    silences: tuple[tuple[int, int], ...] = ()


def find_segments(
    wav: NDArray[np.int16],
    sample_rate: int,
    silence_thresh_h: float,
    silence_thresh_t: float,
    min_silence_len: int,
    keep_silence: int,
    inner: Literal["mark", "split"] = "mark",
) -> list[Segment]:
    """Trim the head and tail of `wav` (N,), and mark or cut out the silences inside.

    The head ends at the first 10 ms as loud as `silence_thresh_h`, the tail begins after the last 10 ms as
    loud as `silence_thresh_t` (dBFS, rms against full scale); `keep_silence` ms of each are kept. Inside, a
    silence is a stretch of at least `min_silence_len` ms not louder than `silence_thresh_t`, found on a
    grid of 10 ms. With inner "mark" one segment lists its silences; with "split" it is cut in the middle of
    each, so that the segments follow each other without a gap. Where nothing is loud enough the list is
    empty.

    All is found in milliseconds and converted to samples once. Raises ValueError for wrong input.
    """
    if wav.ndim != 1 or wav.dtype != np.int16:
        raise ValueError(f"a mono waveform of 16 bit samples is wanted, (N,); got {wav.dtype} {wav.shape}")
    if min_silence_len < STEP or keep_silence < 0 or inner not in ("mark", "split"):
        raise ValueError(
            f"segments: min_silence_len must be at least {STEP} ms, keep_silence at least 0 ms, "
            f"inner mark or split; got {min_silence_len}, {keep_silence}, {inner!r}"
        )
    sound = AudioSegment(wav.tobytes(), sample_width=2, frame_rate=sample_rate, channels=1)
    head = detect_leading_silence(sound, silence_thresh_h, STEP)
    tail = len(sound) - detect_leading_silence(sound.reverse(), silence_thresh_t, STEP)
    if head >= tail:
        return []
    speech = sound[head:tail]
    # A stretch at the edge of the speech is no pause, but head or tail that the other threshold let through.
    pauses = [
        (head + start, head + stop)
        for start, stop in detect_silence(speech, min_silence_len, silence_thresh_t, seek_step=STEP)
        if start > 0 and stop < len(speech)
    ]

    def samples(ms: float) -> int:
        return len(wav) if ms >= len(sound) else round(ms * sample_rate / 1000)

    first, last = samples(max(0, head - keep_silence)), samples(tail + keep_silence)
    if inner == "mark":
        return [Segment(first, last, tuple((samples(start), samples(stop)) for start, stop in pauses))]
    cuts = [first, *(samples((start + stop) / 2) for start, stop in pauses), last]
    return [Segment(start, stop) for start, stop in pairwise(cuts)]
