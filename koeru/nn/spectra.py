"""Spectra of waveforms that gradients flow through: the mel of `koeru.audio.mel` in torch, and STFTs at many scales.

All are computed in float32 whatever the waveform is: in bfloat16 the quiet bands drown.
"""

from functools import lru_cache

import torch
from torch import Tensor
from torch.nn.functional import pad

from koeru.audio.mel import LOG_FLOOR, MAGNITUDE_EPSILON, MelSpec, hann, mel_basis

RESOLUTIONS = ((1024, 120, 600), (2048, 240, 1200), (512, 50, 240))  # n_fft, hop_length, win_length, in samples
QUIET = 0.01  # root mean square of what is no pause, of full scale 1: -40 dBFS
POWER_FLOOR = 1e-7  # of the magnitudes that are compared at many scales, squared


def log_mel(wav: Tensor, spec: MelSpec) -> Tensor:
    """The natural log of the mel spectrogram of wav (B, N) in [-1, 1]: (B, T, M), framed as `koeru.audio.mel` does."""
    around = spec.n_fft - spec.hop_length
    padded = pad(wav.float()[:, None], (around // 2, around - around // 2), mode="reflect")[:, 0]
    power = stft_power(padded, spec.n_fft, spec.hop_length, spec.win_length)  # (B, T, F)
    with torch.autocast(wav.device.type, enabled=False):
        mel = (power + MAGNITUDE_EPSILON).sqrt() @ _basis(spec, wav.device).T
        return mel.clamp_min(LOG_FLOOR).log()


def stft_power(wav: Tensor, n_fft: int, hop_length: int, win_length: int) -> Tensor:
    """re² + im² of the short-time spectrum of wav (B, N) in float32, without padding: (B, T, n_fft // 2 + 1)."""
    with torch.autocast(wav.device.type, enabled=False):
        window = _window(win_length, n_fft, wav.device)
        spectrum = torch.stft(wav.float(), n_fft, hop_length, window=window, center=False, return_complex=True)
        return torch.view_as_real(spectrum).square().sum(-1).transpose(1, 2)


def stft_distance(predicted: Tensor, natural: Tensor) -> Tensor:
    """How far the spectra of waveforms (B, N) lie apart, of each: (B,).

    The mean over `RESOLUTIONS` of spectral convergence and the mean absolute difference of natural log magnitudes
    (Yamamoto, Song & Kim 2020, arXiv 1910.11480, eq. 4 to 6). Convergence is relative to the norm of the natural
    spectrum, or to that of white noise at `QUIET`, if it is softer: else a pause would weigh more than all speech.
    """
    found = []
    for n_fft, hop_length, win_length in RESOLUTIONS:
        own, real = (_magnitude(wav, n_fft, hop_length, win_length) for wav in (predicted, natural))  # (B, T, F)
        energy = _window(win_length, n_fft, natural.device).square().sum()
        quiet = QUIET * (energy * real.shape[1] * n_fft / 2).sqrt()
        convergence = (real - own).norm(dim=(1, 2)) / real.norm(dim=(1, 2)).clamp_min(quiet)
        found.append(convergence + (real.log() - own.log()).abs().mean(dim=(1, 2)))
    return torch.stack(found).mean(0)


def _magnitude(wav: Tensor, n_fft: int, hop_length: int, win_length: int) -> Tensor:
    around = pad(wav.float()[:, None], (n_fft // 2, n_fft // 2), mode="reflect")[:, 0]
    return stft_power(around, n_fft, hop_length, win_length).clamp_min(POWER_FLOOR).sqrt()


@lru_cache(maxsize=16)
def _window(win_length: int, n_fft: int, device: torch.device) -> Tensor:
    return torch.tensor(hann(win_length, n_fft), device=device)


@lru_cache(maxsize=16)
def _basis(spec: MelSpec, device: torch.device) -> Tensor:
    return torch.tensor(mel_basis(spec), device=device)
