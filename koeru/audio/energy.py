"""Frame energy with the framing of the mel spectrogram."""

import numpy as np
from numpy.typing import NDArray

from koeru.audio.mel import stft_power

ENERGY_FLOOR = 1e-5


def log_energy(wav: NDArray, n_fft: int, hop_length: int, win_length: int) -> NDArray[np.float32]:
    """Return the natural log of the L2 norm of each frame's STFT magnitude, (T,), at least ln 1e-5.

    `wav` is (N,) in [-1, 1] and T = N // hop_length; the frames are those of `koeru.audio.mel`. The norm is
    that of the bare magnitude, without the mel's epsilon, which would lift silence by 4 nepers.
    """
    norm = np.sqrt(stft_power(wav, n_fft, hop_length, win_length).sum(axis=1))
    return np.log(np.maximum(norm, ENERGY_FLOOR)).astype(np.float32)
