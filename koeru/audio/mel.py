"""Log-mel spectrograms with the framing of HiFi-GAN (Kong et al. 2020, arXiv 2010.05646).

The waveform is padded by reflection with n_fft - hop_length samples in all, half on each side, and cut into
frames without centring: frame k is centred on sample (k + 1/2) * hop_length, and there are N // hop_length of
them, as `koeru.audio.frames` says.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

MAGNITUDE_EPSILON = 1e-9  # added to re^2 + im^2
LOG_FLOOR = 1e-5
CHUNK = 64  # frames transformed at once, so that they stay in the cache


@dataclass(frozen=True)
class MelSpec:
    """What defines a log-mel spectrogram: rates and frequencies in Hz, lengths in samples."""

    sample_rate: int = 22050
    n_fft: int = 1024
    hop_length: int = 256
    win_length: int = 1024
    n_mels: int = 80
    fmin: float = 0.0
    fmax: float = 8000.0

    def __post_init__(self) -> None:
        if not 0 < self.hop_length <= self.n_fft or not 0 < self.win_length <= self.n_fft:
            raise ValueError(f"mel: hop_length and win_length must lie in 1..n_fft={self.n_fft}: {self}")
        if not 0 <= self.fmin < self.fmax <= self.sample_rate / 2:
            raise ValueError(f"mel: 0 <= fmin < fmax <= {self.sample_rate / 2} (half the sample rate): {self}")
        if self.n_mels < 1:
            raise ValueError(f"mel: n_mels must be positive: {self}")


def hz_to_mel(hz: NDArray | float) -> NDArray[np.float64]:
    """Slaney's mel scale (Auditory Toolbox, 1998): linear to 1000 Hz = 15 mel, then 27 mel per factor 6.4."""
    hz = np.asarray(hz, dtype=np.float64)
    return np.where(hz < 1000.0, hz * 3 / 200, 15 + 27 * np.log(np.maximum(hz, 1000.0) / 1000) / np.log(6.4))


def mel_to_hz(mel: NDArray | float) -> NDArray[np.float64]:
    """The inverse of `hz_to_mel`."""
    mel = np.asarray(mel, dtype=np.float64)
    return np.where(mel < 15.0, mel * 200 / 3, 1000 * 6.4 ** ((np.maximum(mel, 15.0) - 15) / 27))


@lru_cache(maxsize=16)
def mel_basis(spec: MelSpec) -> NDArray[np.float32]:
    """Return the triangular filters (M, n_fft // 2 + 1), each of unit area in Hz (Slaney norm). Read only."""
    edges = mel_to_hz(np.linspace(hz_to_mel(spec.fmin), hz_to_mel(spec.fmax), spec.n_mels + 2))  # (M + 2,)
    bins = np.arange(spec.n_fft // 2 + 1) * (spec.sample_rate / spec.n_fft)  # (F,)
    low, centre, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]  # (M, 1)
    triangles = np.minimum((bins - low) / (centre - low), (high - bins) / (high - centre))  # (M, F)
    basis = (np.maximum(triangles, 0) * 2 / (high - low)).astype(np.float32)
    basis.flags.writeable = False
    return basis


@lru_cache(maxsize=16)
def hann(win_length: int, n_fft: int) -> NDArray[np.float32]:
    """Return the periodic Hann window of `win_length` samples, centred in `n_fft` by zeros. Read only."""
    window = np.zeros(n_fft, dtype=np.float32)
    left = (n_fft - win_length) // 2
    window[left : left + win_length] = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(win_length) / win_length)
    window.flags.writeable = False
    return window


def shortest(n_fft: int, hop_length: int) -> int:
    """The number of samples of the shortest signal that has a frame, and can be reflected."""
    return max(hop_length, (n_fft - hop_length + 1) // 2 + 1)


def frame(wav: NDArray, n_fft: int, hop_length: int) -> NDArray:
    """Pad by reflection and return the frames as a read-only view, (T, n_fft) with T = N // hop_length.

    Raises ValueError for a signal that is not mono floating point, or too short to be reflected.
    """
    if wav.ndim != 1 or not np.issubdtype(wav.dtype, np.floating):
        raise ValueError(f"a mono waveform of floats is wanted, (N,); got {wav.dtype} {wav.shape}")
    left = (n_fft - hop_length) // 2
    right = n_fft - hop_length - left
    if len(wav) < (least := shortest(n_fft, hop_length)):
        raise ValueError(
            f"{len(wav)} samples are too few for n_fft {n_fft} and hop_length {hop_length}: the shortest "
            f"signal has {least}; exclude the utterance or trim less silence"
        )
    return sliding_window_view(np.pad(wav, (left, right), mode="reflect"), n_fft)[::hop_length]


def spectra(wav: NDArray, n_fft: int, hop_length: int, win_length: int) -> Iterator[NDArray]:
    """Yield the short-time spectrum in chunks of frames, each complex (<= CHUNK, n_fft // 2 + 1)."""
    frames = frame(wav, n_fft, hop_length)  # (T, n_fft)
    window = hann(win_length, n_fft).astype(wav.dtype)
    for k in range(0, len(frames), CHUNK):
        yield np.fft.rfft(frames[k : k + CHUNK] * window)


def stft(wav: NDArray, n_fft: int, hop_length: int, win_length: int) -> NDArray:
    """Return the complex short-time spectrum, (T, n_fft // 2 + 1), in the precision of `wav`."""
    return np.concatenate(list(spectra(wav, n_fft, hop_length, win_length)))


def stft_power(wav: NDArray, n_fft: int, hop_length: int, win_length: int) -> NDArray:
    """Return re^2 + im^2 of the short-time spectrum, (T, n_fft // 2 + 1), in the precision of `wav`."""
    chunks = spectra(wav, n_fft, hop_length, win_length)
    return np.concatenate([np.square(chunk.real) + np.square(chunk.imag) for chunk in chunks])


def stft_magnitude(wav: NDArray, n_fft: int, hop_length: int, win_length: int) -> NDArray:
    """Return sqrt(re^2 + im^2 + 1e-9), (T, n_fft // 2 + 1), in the precision of `wav`."""
    power = stft_power(wav, n_fft, hop_length, win_length)
    power += MAGNITUDE_EPSILON
    return np.sqrt(power, out=power)


def log_mel(wav: NDArray, spec: MelSpec) -> NDArray[np.float32]:
    """Return the natural log of the mel spectrogram of `wav` (N,) in [-1, 1], (T, M), at least ln 1e-5."""
    magnitude = stft_magnitude(wav, spec.n_fft, spec.hop_length, spec.win_length)  # (T, F)
    return np.log(np.maximum(magnitude @ mel_basis(spec).T, LOG_FLOOR)).astype(np.float32)
