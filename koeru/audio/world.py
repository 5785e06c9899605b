"""F0, the spectral envelope, and speech of both, by WORLD (Morise, Yokomori & Ozawa 2016), timed to the sample."""

from typing import Literal

import numpy as np
import pyworld
from numpy.typing import NDArray

from koeru.audio.frames import n_frames

Method = Literal["dio", "harvest"]
F0_FLOOR, F0_CEIL = 71.0, 800.0  # Hz, WORLD's own
APERIODICITY = ((0, -60), (3000, -20), (7000, -5), (11025, 0))  # Hz, dB, of voiced frames: see `synthesise`


class UnvoicedError(ValueError):
    """No frame of the signal is voiced, so it has no F0 contour."""


def _checked(wav: NDArray, sample_rate: int, f0_floor: float, f0_ceil: float) -> NDArray[np.float64]:
    """Return `wav` as WORLD wants it; WORLD itself turns NaN into an all-zero F0 without a word."""
    if wav.ndim != 1 or len(wav) == 0 or not np.issubdtype(wav.dtype, np.floating):
        raise ValueError(f"a mono waveform of floats is wanted, (N,); got {wav.dtype} {wav.shape}")
    if not np.isfinite(wav).all():
        raise ValueError(f"sample {int(np.argmin(np.isfinite(wav)))} is not finite")
    if not 0 < f0_floor < f0_ceil < sample_rate / 2:
        raise ValueError(f"0 < f0_floor < f0_ceil < {sample_rate / 2}: got f0_floor {f0_floor}, f0_ceil {f0_ceil}")
    return np.ascontiguousarray(wav, dtype=np.float64)


def _track(
    wav: NDArray[np.float64], sample_rate: int, period: float, method: Method, floor: float, ceil: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return F0 in Hz (0 where unvoiced), refined by StoneMask, and the frames' times in seconds."""
    trackers = {"dio": pyworld.dio, "harvest": pyworld.harvest}
    if method not in trackers:
        raise ValueError(f"pitch method {method!r} is unknown: choose one of {', '.join(trackers)}")
    coarse, times = trackers[method](wav, sample_rate, f0_floor=floor, f0_ceil=ceil, frame_period=period)
    return pyworld.stonemask(wav, coarse, times, sample_rate), times


def f0(
    wav: NDArray,
    sample_rate: int,
    hop_length: int,
    method: Method = "dio",
    f0_floor: float = F0_FLOOR,
    f0_ceil: float = F0_CEIL,
) -> NDArray[np.float64]:
    """Return F0 in Hz at the frame centres (k + 1/2) * hop_length, (T,); 0 where unvoiced.

    WORLD samples F0 at multiples of its frame period from the first sample. With half a hop of zeros put
    before the signal its frame k + 1 falls on (k + 1) * hop_length - hop_length / 2, the centre of frame k
    of the mel spectrogram; its frame 0 lies before the signal and is dropped. (For an odd hop_length the
    samples lie half a sample early.) WORLD gives at least T + 1 frames for N + hop_length / 2 samples,
    whatever N is.

    `wav` is (N,) floats. Raises ValueError when it is not mono, is empty or not finite, or the limits make
    no sense.
    """
    signal = _checked(wav, sample_rate, f0_floor, f0_ceil)
    padded = np.concatenate([np.zeros(hop_length // 2), signal])
    hz, _ = _track(padded, sample_rate, 1000 * hop_length / sample_rate, method, f0_floor, f0_ceil)
    return hz[1 : n_frames(len(wav), hop_length) + 1]


def interpolate_log_f0(hz: NDArray) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Return ln F0 (T,), linear across unvoiced stretches and held at the ends, and voiced flags (T,).

    `hz` is (T,) in Hz, 0 where unvoiced. Raises UnvoicedError when no frame is voiced.
    """
    voiced = hz > 0
    if not voiced.any():
        raise UnvoicedError(
            f"none of {len(hz)} frames is voiced: exclude the utterance (a whisper?), "
            "or widen pitch.f0_floor and pitch.f0_ceil"
        )
    at = np.flatnonzero(voiced)
    log_f0 = np.interp(np.arange(len(hz)), at, np.log(hz[at]))
    return log_f0.astype(np.float32), voiced.astype(np.uint8)


def spectral_envelope(
    wav: NDArray,
    sample_rate: int,
    frame_period: float = 5.0,
    n_coded: int = 34,
    method: Method = "dio",
    f0_floor: float = F0_FLOOR,
    f0_ceil: float = F0_CEIL,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the coded CheapTrick envelope (T5, n_coded) and the F0 in Hz (T5,) it was made with.

    Frame j lies at j * frame_period ms; T5 is WORLD's own count, about N / sample_rate / frame_period + 1.
    The FFT size is `pyworld.get_cheaptrick_fft_size(sample_rate)` whatever the F0 limits are, so that all
    envelopes of a sample rate decode alike; frames of a lower F0 than it resolves are treated as unvoiced.
    Coding is WORLD's mel-cepstrum-like one (`code_spectral_envelope`). Raises ValueError as `f0` does.
    """
    signal = _checked(wav, sample_rate, f0_floor, f0_ceil)
    hz, times = _track(signal, sample_rate, frame_period, method, f0_floor, f0_ceil)
    envelope = pyworld.cheaptrick(signal, hz, times, sample_rate)  # (T5, fft_size // 2 + 1), power
    coded = pyworld.code_spectral_envelope(envelope, sample_rate, n_coded)
    return coded.astype(np.float32), hz.astype(np.float32)


def synthesise(hz: NDArray, coded: NDArray, sample_rate: int, frame_period: float = 5.0) -> NDArray[np.float32]:
    """Return the speech (N,) of an F0 in Hz (T5,), 0 where unvoiced, and an envelope as `spectral_envelope` codes it.

    N is T5 * frame_period ms; frame j lies at j * frame_period ms. The same input gives the same output, which may go
    beyond full scale. How much of a band is noise is not stored, and so it is assumed: all of it where unvoiced, and
    where voiced what the lines through APERIODICITY say, which follow the mean of what D4C finds in the stand-in
    voices. Their speech made again so is as near to the recordings (log-mel 0.412, with D4C's own aperiodicity 0.413
    neper) as with what D4C finds in each frame; without noise in voiced frames it is further away (0.418), and buzzes.

    Raises ValueError when there is no frame, shapes do not agree, or a value is not finite or an F0 negative.
    """
    if hz.ndim != 1 or not len(hz) or coded.ndim != 2 or len(coded) != len(hz) or not coded.shape[1]:
        raise ValueError(f"F0 (T5,) and a coded envelope (T5, n_coded) are wanted; got {hz.shape} and {coded.shape}")
    if bad := [name for name, values in (("F0", hz), ("the envelope", coded)) if not np.isfinite(values).all()]:
        raise ValueError(f"{' and '.join(bad)} of {len(hz)} frames: not all values are finite")
    if (hz < 0).any():
        raise ValueError(f"frame {int(np.argmax(hz < 0))} has an F0 of {hz.min():g} Hz: unvoiced frames have 0")
    fft_size = pyworld.get_cheaptrick_fft_size(sample_rate)
    envelope = pyworld.decode_spectral_envelope(np.ascontiguousarray(coded, np.float64), sample_rate, fft_size)
    bins = np.arange(fft_size // 2 + 1) * (sample_rate / fft_size)  # (F,)
    voiced = 10 ** (np.interp(bins, *zip(*APERIODICITY, strict=True)) / 20)  # (F,), amplitude
    aperiodicity = np.where((hz > 0)[:, None], voiced, 1.0)  # (T5, F)
    f0_track = np.ascontiguousarray(hz, np.float64)
    return pyworld.synthesize(f0_track, envelope, aperiodicity, sample_rate, frame_period).astype(np.float32)
