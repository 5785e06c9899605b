"""What a vocoder does to the mel of a recording: the waveform that it makes, against the recording.

Both are cut to whole frames, T * hop_length samples, and are compared at the same times: nothing is aligned or scaled.
F0 is analysed in both alike, as the stage `pitch` does, at the centres of the frames.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray

from koeru.audio.frames import n_frames
from koeru.audio.mel import MelSpec, log_mel
from koeru.audio.world import Method, f0
from koeru.nn.spectra import RESOLUTIONS, stft_distance
from koeru.report.measurement import Parts, Quantity
from koeru.report.metrics import Part, mel_l1, squared_cents

GROSS = 0.2  # of the true F0
BASELINE = {"griffin_lim": "Griffin-Lim"}
_quantity = partial(Quantity, baselines=BASELINE)
METRICS = (
    _quantity(
        "mel_l1",
        "Mel distance",
        "neper",
        about="Mean absolute difference of natural-log mels, of the full band, as the loss of the training has it.",
    ),
    _quantity(
        "mel_l1_input",
        "Mel distance, given band",
        "neper",
        about="The same of the band that vocoders are given. Griffin-Lim minimises the distance to its input directly.",
    ),
    _quantity(
        "stft_distance",
        "STFT distance",
        about="Spectral convergence and log magnitudes, at three resolutions; the mean over utterances.",
    ),
    _quantity(
        "log_f0_rmse_cents",
        "F0 error",
        "cents",
        0,
        about="Root mean square over the frames that are voiced in both. Octave errors outweigh all else.",
        statistic="root_mean",
    ),
    _quantity(
        "gross_f0_errors",
        "Gross F0 errors",
        "share",
        2,
        about="Frames voiced in both whose F0 is more than 20 % off (Rabiner et al. 1976; Chu & Alwan 2009).",
    ),
    _quantity(
        "voicing_error",
        "Voicing error",
        "share",
        2,
        about="Frames that are voiced in one and unvoiced in the other.",
    ),
)


@dataclass(frozen=True)
class Analysis:
    """How waveforms are looked at: the mel that vocoders are given, and the bounds of F0 in Hz of the speaker."""

    spec: MelSpec
    f0_method: Method
    f0_floor: float
    f0_ceil: float

    def f0(self, wav: NDArray) -> NDArray[np.float64]:
        """F0 in Hz (T,), 0 where unvoiced."""
        bounds = {"f0_floor": self.f0_floor, "f0_ceil": self.f0_ceil}
        return f0(wav, self.spec.sample_rate, self.spec.hop_length, self.f0_method, **bounds)

    def mels(self, wav: NDArray) -> dict[str, NDArray[np.float32]]:
        """Log-mels (T, M) by the metric that compares them."""
        full = replace(self.spec, fmax=self.spec.sample_rate / 2)
        return {"mel_l1": log_mel(wav, full), "mel_l1_input": log_mel(wav, self.spec)}


class Recording:
    """A recording (N,) of full scale 1, which waveforms are measured against: it is itself analysed once."""

    def __init__(self, wav: NDArray, analysis: Analysis) -> None:
        self.analysis = analysis
        self.wav = self._whole_frames(wav)
        self.hz, self.mels = analysis.f0(self.wav), analysis.mels(self.wav)

    def parts(self, wav: NDArray) -> dict[str, Part]:
        """The share of each of METRICS (by key) that a resynthesis (N,) has; those without a value have the count 0.

        Of F0 these are utterances with no frame that is voiced in both; of the STFT distance those that are too short
        for it. Errors: ValueError where it does not have as many frames as the recording, or is not finite.
        """
        own = self._whole_frames(wav)
        if len(own) != len(self.wav):
            raise ValueError(f"the resynthesis has {len(wav)} samples: {len(self.wav)} are wanted, as of the recording")
        mels = self.analysis.mels(own)
        parts = {name: mel_l1(mels[name], mel) for name, mel in self.mels.items()}
        return parts | {"stft_distance": self._stft_distance(own)} | f0_parts(self.analysis.f0(own), self.hz)

    def _whole_frames(self, wav: NDArray) -> NDArray:
        hop_length = self.analysis.spec.hop_length
        return wav[: n_frames(len(wav), hop_length) * hop_length]

    def _stft_distance(self, wav: NDArray) -> Part:
        if len(wav) <= max(n_fft for n_fft, _, _ in RESOLUTIONS) // 2:  # what is reflected at its ends
            return Part(0.0, 0)
        both = (torch.from_numpy(np.array(samples, dtype=np.float32))[None] for samples in (wav, self.wav))
        return Part(stft_distance(*both).item(), 1)


def f0_parts(hz: NDArray, natural: NDArray) -> dict[str, Part]:
    """The metrics of F0 (T,) in Hz, 0 where unvoiced, against the natural one (T,)."""
    both = (hz > 0) & (natural > 0)
    own, true = (np.where(both, values, 1.0) for values in (hz, natural))
    gross = both & (np.abs(own / true - 1) > GROSS)
    return {
        "log_f0_rmse_cents": squared_cents(np.log(own), np.log(true), both),
        "gross_f0_errors": Part(float(gross.sum()), int(both.sum())),
        "voicing_error": Part(float(((hz > 0) != (natural > 0)).sum()), len(hz)),
    }


def quantities(kind: str) -> list[Quantity]:
    """What is measured of the mels of a kind: the natural ones, or those that are `teacher_forced`."""
    if kind == "natural":
        return list(METRICS)
    return [replace(q, key=f"{kind}_{q.key}", label=f"{q.label}, {kind.replace('_', '-')} mels") for q in METRICS]


def shares(kind: str, own: Parts, griffin_lim: Parts) -> Parts:
    """The shares of one utterance as `quantities` name them."""
    found: dict[str, Part] = {}
    for quantity, of_kind in zip(METRICS, quantities(kind), strict=True):
        found[of_kind.key], found[of_kind.column("griffin_lim")] = own[quantity.key], griffin_lim[quantity.key]
    return found
