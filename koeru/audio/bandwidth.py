"""Up to which frequency a recording holds speech: measured, since a header tells only how often it was sampled.

What was sampled at 8 kHz and up-sampled since has 4 kHz, whatever its rate says; so has a telephone's.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from koeru.audio.mel import CHUNK, hann

N_FFT, HOP = 1024, 512
BAND_HZ = 250.0
STRETCH_S = 0.1
COMES_AND_GOES_DB = 10.0  # noise of an even level varies by less than 5 dB, in an hour as well
BELOW_SPEECH_DB = 60.0  # of the strongest band; noise that a gate lets through with the speech is softer
ABOVE_ROUNDING_DB = 10.0
ROUNDING = N_FFT * 3 / 8 / 12  # power in a bin of what rounding to integers adds: 1/12, by the sum of squares of a Hann


def bandwidth_hz(wav: NDArray[np.int16], sample_rate: int) -> float | None:
    """The upper edge, in whole Hz, of the highest band of `wav` (N,) that holds speech; half the sample rate if all do.

    A band, of 250 Hz, holds speech if its level comes and goes by 10 dB: if two tenths of a second are that much
    stronger than its soft ones (5th percentile). Noise, hum and dither that were there all the time do not, however
    strong. Nor does what is 60 dB below the strongest band, or within 10 dB of what rounding to 16 bits adds. What adds
    noise in step with the speech after up-sampling, such as coding in 8 bits, is taken for speech. None where no band
    holds any (silence, noise, a tone), or the recording is too short to tell, below 0.4 s.
    """
    levels, width = _levels(wav, sample_rate)
    if len(levels) < 3:
        return None
    levels.sort(axis=0)
    strong, soft = levels[-2], levels[len(levels) // 20]
    least = np.maximum(soft * _ratio(COMES_AND_GOES_DB), strong.max() * _ratio(-BELOW_SPEECH_DB))
    holding = np.flatnonzero(strong >= np.maximum(least, width * ROUNDING * _ratio(ABOVE_ROUNDING_DB)))
    if not len(holding):
        return None
    highest = int(holding[-1])
    if highest == levels.shape[1] - 1:
        return sample_rate / 2
    return float(round((highest + 2) * width * sample_rate / N_FFT))  # the lowest band is left out


def _levels(wav: NDArray[np.int16], sample_rate: int) -> tuple[NDArray[np.float32], int]:
    """Mean power in each tenth of a second and band, (tenths, bands), and how many bins a band has.

    The lowest band, with hum and offsets, is left out, and so is what is left over at the end of time and frequency.
    """
    width = max(1, round(BAND_HZ * N_FFT / sample_rate))
    n_bands = (N_FFT // 2 + 1) // width
    if len(wav) < N_FFT:
        return np.zeros((0, n_bands - 1), np.float32), width
    frames = sliding_window_view(wav, N_FFT)[::HOP]
    power = np.empty((len(frames), n_bands - 1), np.float32)
    for k in range(0, len(frames), CHUNK):
        spectrum = np.fft.rfft(frames[k : k + CHUNK] * hann(N_FFT, N_FFT))[:, width : n_bands * width]
        squares = np.square(spectrum.real) + np.square(spectrum.imag)
        power[k : k + CHUNK] = squares.reshape(len(squares), -1, width).sum(axis=2)
    together = max(1, round(STRETCH_S * sample_rate / HOP))
    tenths = len(power) // together
    return power[: tenths * together].reshape(tenths, together, n_bands - 1).mean(axis=1), width


def _ratio(db: float) -> float:
    return 10 ** (db / 10)
