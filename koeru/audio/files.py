"""Reading, checking and resampling wav files, each as if it might be broken."""

import io
import os
import re
from dataclasses import dataclass
from math import ceil, log10
from os import PathLike
from pathlib import Path
from typing import BinaryIO

import numpy as np
import soundfile
import sox
from numpy.typing import NDArray

from koeru.audio.clipping import clipped_share
from koeru.audio.truncation import missing

BITS = {"PCM_U8": 8, "PCM_S8": 8, "PCM_16": 16, "PCM_24": 24, "PCM_32": 32}  # soundfile's names
CLIPPED = re.compile(r"clipped \d+ samples")  # SoX's warning
UNRECOGNISED = 1  # the code of libsndfile's error for a format that it does not know
MAX_STEPS = 12  # of 1 dB; a resampling filter overshoots far less
ROUNDED = 2  # samples by which a resampled length may differ from the exact one


Excerpt = tuple[float, float]  # begin and end, in seconds of a recording


class WavError(ValueError):
    """A file whose content is no recording that can be used; the message names it.

    What the machine does not let us read or write is none of the file's faults: that is an OSError.
    """


class UnfitError(ValueError):
    """A recording that is not fit for use: a short reason, and a sentence about it."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason, self.detail = reason, detail


@dataclass(frozen=True)
class WavInfo:
    """What a file holds. `n_samples` counts a channel's; amplitudes are of full scale 1."""

    sample_rate: int
    n_channels: int
    encoding: str
    n_samples: int
    lacking: str  # what the file should have and has not, in words
    finite: bool
    peak: float  # largest magnitude; nan unless finite
    clipped: float  # share of all samples on flat tops: see `koeru.audio.clipping`

    @property
    def seconds(self) -> float:
        return self.n_samples / self.sample_rate


def _read(path: str | PathLike, excerpt: Excerpt | None = None) -> tuple[NDArray, int, str]:
    """Return samples (N, channels), their rate and encoding: int16 from 16 bit files, float64 from 32 bit
    integers, float32 otherwise: each holds every value of its source exactly."""
    try:
        return _decoded(os.fspath(path), path, excerpt)
    except soundfile.SoundFileError:
        content = Path(path).read_bytes()  # libsndfile tells a fault of the disk and one of the file alike
    try:
        return _decoded(io.BytesIO(content), path, excerpt)
    except soundfile.SoundFileError as error:
        words = getattr(error, "error_string", str(error))
        if getattr(error, "code", None) == UNRECOGNISED:
            words += " Convert it to wav or FLAC, for example: ffmpeg -i NAME.m4a NAME.flac"
        raise WavError(f"{path}: cannot be read: {words}") from error


def _decoded(source: str | BinaryIO, path: str | PathLike, excerpt: Excerpt | None) -> tuple[NDArray, int, str]:
    """As `_read`. Raises SoundFileError where libsndfile reads nothing, or less than it says there is."""
    with soundfile.SoundFile(source) as file:
        dtype = {"PCM_16": "int16", "PCM_32": "float64", "DOUBLE": "float64"}.get(file.subtype, "float32")
        first, last = (0, file.frames) if excerpt is None else (round(t * file.samplerate) for t in excerpt)
        if not 0 <= first <= last <= file.frames:
            raise WavError(
                f"{path}: has no {excerpt[0]:g} to {excerpt[1]:g} s: it lasts {file.frames / file.samplerate:g} s"
            )
        file.seek(first)
        samples = file.read(last - first, dtype=dtype, always_2d=True)
        if len(samples) < last - first:
            raise soundfile.SoundFileError(f"{last - first} samples are wanted, {len(samples)} could be decoded")
        return samples, file.samplerate, file.subtype


def _peak(samples: NDArray) -> float:
    """Return the largest magnitude of full scale 1; nan when a sample is."""
    scale = 32768 if samples.dtype == np.int16 else 1
    return max(-float(samples.min()), float(samples.max())) / scale


def _step(samples: NDArray, encoding: str) -> float:
    """The resolution of samples, in their own unit: never finer than 16 bits, of which many finer files were made."""
    return (32768 if samples.dtype == np.int16 else 1) * 2.0 ** (1 - min(16, BITS.get(encoding, 16)))


def read_wav(path: str | PathLike) -> tuple[NDArray, int]:
    """Return a mono file's samples (N,) and sample rate in Hz: int16 from 16 bit files, floats otherwise.

    Raises WavError when the file is no wav file, or has more than one channel.
    """
    samples, sample_rate, _ = _read(path)
    if samples.shape[1] != 1:
        raise WavError(f"{path}: {samples.shape[1]} channels where one is wanted: resample it first")
    return samples[:, 0], sample_rate


def inspect(path: str | PathLike, excerpt: Excerpt | None = None) -> WavInfo:
    """Read a file (or an excerpt of it) once and return what is in it. Raises WavError when it cannot be read."""
    samples, sample_rate, encoding = _read(path, excerpt)
    peak = _peak(samples) if samples.size else 0.0
    return WavInfo(
        sample_rate=sample_rate,
        n_channels=samples.shape[1],
        encoding=encoding,
        n_samples=len(samples),
        lacking=missing(path),
        finite=bool(np.isfinite(peak)),
        peak=peak,
        clipped=clipped_share(samples, sample_rate, _step(samples, encoding)),
    )


def check(path: str | PathLike, max_clipped: float, excerpt: Excerpt | None = None) -> WavInfo:
    """Return what is in a recording, or an excerpt of it, that is fit for use; else raise UnfitError.

    Reasons: "unreadable" (also an excerpt beyond the end), "truncated", "no samples", "not finite" (NaN or infinite
    samples), "digital silence" (all zero), "clipped" (the share of samples on flat tops is above `max_clipped`).
    """
    try:
        info = inspect(path, excerpt)
    except WavError as error:
        raise UnfitError("unreadable", str(error)) from error
    if info.lacking:
        raise UnfitError("truncated", info.lacking)
    if info.n_samples == 0:
        raise UnfitError("no samples", "the header is there, the samples are not")
    if not info.finite:
        raise UnfitError("not finite", "some samples are NaN or infinite")
    if info.peak == 0:
        raise UnfitError("digital silence", f"all {info.n_samples} samples are zero")
    if info.clipped > max_clipped:
        raise UnfitError("clipped", f"{info.clipped:.3%} of the samples lie on flat tops, {max_clipped:.3%} allowed")
    return info


@dataclass(frozen=True)
class Resampled:
    """What `resample` wrote; the gain in dB is 0 unless the result would have clipped."""

    n_samples: int
    gain_db: int


def resample(
    source: str | PathLike, target: str | PathLike, sample_rate: int, excerpt: Excerpt | None = None
) -> Resampled:
    """Write `source`, or an excerpt of it, to `target` as a mono 16 bit wav of `sample_rate` Hz, by SoX.

    The same input gives the same bytes every time.
    Channels are averaged, `rate -h` resamples, nothing dithers. Amplitudes stay as they are, except where
    the result would leave full scale (resampling overshoots on hot recordings): then the whole file is
    turned down, in steps of 1 dB until SoX clips nothing, and the result says by how much.

    SoX gets the samples through a pipe, never a name to read: it expands *, ? and [] in names, and so reads
    other files than it was told. Nor is it believed: it ends without an error where the disk is full.

    Raises WavError when `source` is no recording, empty or not finite, or clips at any level; OSError when SoX fails,
    or what it wrote does not last as long as `source`.
    """
    samples, rate, _ = _read(source, excerpt)  # (N, channels)
    if len(samples) == 0 or not np.isfinite(peak := _peak(samples)):
        raise WavError(f"{source}: has no samples, or not only finite ones: exclude it (see `check`)")
    loudest = 0 if peak <= 1 else -ceil(20 * log10(peak))  # floats can be beyond full scale
    for gain_db in range(loudest, loudest - MAX_STEPS, -1):
        if not _sox(samples, gain_db, rate, target, sample_rate, source):
            return Resampled(_whole(target, len(samples) * sample_rate / rate), gain_db)
    raise WavError(f"{source}: SoX clips it even {MAX_STEPS} dB below its level")


def _whole(target: str | PathLike, expected: float) -> int:
    """How many samples a wav file has that was just written; raises OSError unless it has all that it should."""
    n_samples = soundfile.info(os.fspath(target)).frames
    if abs(n_samples - expected) > ROUNDED or missing(target):
        raise OSError(
            f"{target}: SoX wrote {n_samples} samples where {expected:.0f} are due, and said nothing of it: is the "
            "disk full? The file is incomplete; make room and run the same command again"
        )
    return n_samples


def _sox(
    samples: NDArray,
    gain_db: int,
    rate: int,
    target: str | PathLike,
    sample_rate: int,
    source: str | PathLike,
) -> bool:
    """Run SoX once on samples (N, channels) and return whether it had to clip."""
    if gain_db:
        scale = 32768 if samples.dtype == np.int16 else 1
        samples = (samples * (10 ** (gain_db / 20) / scale)).astype(np.float32)
    path = Path(os.path.abspath(target))
    path.unlink(missing_ok=True)  # pysox warns where it overwrites
    transformer = sox.Transformer().set_globals(dither=False).channels(1).rate(sample_rate, "h")
    transformer.set_output_format(file_type="wav", rate=sample_rate, bits=16, channels=1, encoding="signed-integer")
    try:
        _, _, said = transformer.build(
            input_array=samples, sample_rate_in=rate, output_filepath=path, return_output=True
        )
    except sox.SoxError as error:
        raise ChildProcessError(f"{source}: SoX could not resample it to {sample_rate} Hz: {error}") from error
    return CLIPPED.search(said) is not None
