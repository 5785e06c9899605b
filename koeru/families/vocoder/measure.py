"""What a vocoder does to the mel of a recording: the waveform that it makes, against the recording.

Both are cut to whole frames, T * hop_length samples, and are compared at the same times: nothing is aligned or scaled.
F0 is analysed in both alike, as the stage `pitch` does, at the centres of the frames.

- `mel_l1`, neper: mean absolute difference of natural-log mels over frames and bands, of the full band up to half the
  sample rate, as the loss of a vocoder's training has it.
- `mel_l1_input`, neper: the same in the band that the vocoder is given (up to mel.fmax). Griffin-Lim minimises the
  distance to its input directly, and knows of nothing above the band.
- `stft_distance`: `koeru.nn.spectra.stft_distance`, the mean over utterances.
- `log_f0_rmse_cents`: root mean square difference of F0 over the frames that are voiced in both. Octave errors are
  among them, and outweigh all else.
- `gross_f0_errors`: the share of these frames whose F0 is more than 20 % off (Rabiner et al. 1976; Chu & Alwan 2009).
- `voicing_error`: the share of all frames that are voiced in one and unvoiced in the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from koeru.audio.frames import n_frames
from koeru.audio.mel import MelSpec, log_mel
from koeru.audio.world import Method, f0
from koeru.nn.spectra import RESOLUTIONS, stft_distance
from koeru.report.metrics import (
    Part,
    Statistic,
    bootstrap,
    mean,
    mel_l1,
    paired_ratio,
    pooled,
    root_mean,
    squared_cents,
)

METRICS: dict[str, Statistic] = {
    "mel_l1": mean,
    "mel_l1_input": mean,
    "stft_distance": mean,
    "log_f0_rmse_cents": root_mean,
    "gross_f0_errors": mean,
    "voicing_error": mean,
}
GROSS = 0.2  # of the true F0
BASELINE = "griffin_lim"

Parts = Mapping[str, Part]  # metric -> one utterance's share of it


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
        """The share of each of METRICS that a resynthesis (N,) has; those without a value have the count 0.

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


def summary(own: Sequence[Parts], baseline: Sequence[Parts], resamples: int) -> dict[str, Any]:
    """What metrics.json tells of a vocoder and of Griffin-Lim, measured on the same utterances in the same order.

    Values and their 95 % intervals, and of each pair of values the interval of their ratio; null where there is no
    value at all, or no ratio. `without_value` counts the utterances that a metric has no value of.
    """
    values: dict[str, float | None] = {}
    intervals: dict[str, tuple[float, float] | None] = {}
    ratios: dict[str, tuple[float, float] | None] = {}
    lacking: dict[str, int] = {}
    for metric, statistic in METRICS.items():
        theirs = f"{metric}_{BASELINE}"
        shares = {metric: [parts[metric] for parts in own], theirs: [parts[metric] for parts in baseline]}
        for name, found in shares.items():
            with_value = [part for part in found if part.count]
            values[name] = pooled(with_value, statistic) if with_value else None
            intervals[name] = bootstrap(with_value, resamples, statistic=statistic) if with_value else None
            if len(with_value) < len(found):
                lacking[name] = len(found) - len(with_value)
        ratios[f"{metric}/{theirs}"] = paired_ratio(shares[metric], shares[theirs], resamples, statistic=statistic)
    return {
        **values,
        "intervals_95": intervals,
        "ratio_intervals_95": ratios,
        "utterances": len(own),
        "without_value": lacking,
    }
