"""Frame energy with the framing of the mel spectrogram."""

import numpy as np
from numpy.typing import NDArray

from koeru.audio.mel import hann, stft_power

ENERGY_FLOOR = 1e-5


def log_energy(wav: NDArray, n_fft: int, hop_length: int, win_length: int) -> NDArray[np.float32]:
    """Return the natural log of the L2 norm of each frame's STFT magnitude, (T,), at least ln 1e-5.

    `wav` is (N,) in [-1, 1] and T = N // hop_length; the frames are those of `koeru.audio.mel`. The norm is
    that of the bare magnitude, without the mel's epsilon, which would lift silence by 4 nepers.
    """
    norm = np.sqrt(stft_power(wav, n_fft, hop_length, win_length).sum(axis=1))
    return np.log(np.maximum(norm, ENERGY_FLOOR)).astype(np.float32)


def level_dbfs(log_energy: NDArray, n_fft: int, win_length: int) -> NDArray:
    """The root mean square level in dBFS of frames (T,) of which `log_energy` is known.

    By Parseval's theorem: of a stationary sound half the energy of the windowed frame, n_fft times, is in the bins from
    0 to n_fft // 2. Exact to some hundredths of a dB for what is neither at 0 Hz nor at half the sample rate.
    """
    window = np.square(hann(win_length, n_fft), dtype=np.float64).sum()
    return 20 / np.log(10) * log_energy - 10 * np.log10(n_fft * window / 2)
