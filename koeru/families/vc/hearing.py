"""What a converter hears of a recording that is no part of a dataset: the features of its dataset, computed alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

import numpy as np

from koeru.audio.energy import log_energy
from koeru.audio.files import UnfitError
from koeru.audio.mel import MelSpec, log_mel, shortest
from koeru.audio.muting import find_muted, silenced
from koeru.audio.silence import Segment, find_segments
from koeru.audio.world import Method, UnvoicedError, f0, interpolate_log_f0


@dataclass(frozen=True)
class Hearing:
    """How a dataset's features were computed, by its leaves; `f0_bounds` in Hz are those of some speakers."""

    mel: MelSpec
    method: Method
    f0_floor: float
    f0_ceil: float
    silence: Mapping[str, Any]  # the leaves of the stage `segments`: thresholds in dBFS, lengths in ms
    f0_bounds: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Self:
        """The inverse of `to_dict`."""
        return cls(**{**told, "mel": MelSpec(**told["mel"])})

    def to_dict(self) -> dict[str, Any]:
        """As the file of a converter tells it."""
        return asdict(self)

    def heard(self, wav: np.ndarray) -> tuple[np.ndarray, list[Segment]]:
        """What of int16 samples (N,) is speech, with the silences in it, and the samples as the dataset has them.

        What it mutes is digital zero. There are no segments where nothing is loud enough.
        """
        rule = dict(self.silence)
        mute = rule.pop("mute_inner")
        segments = find_segments(wav, self.mel.sample_rate, **rule)
        if not mute or not segments:
            return wav, segments
        own = (segments[0].speech, self.mel.sample_rate, rule["chunk_size"], rule["silence_thresh_t"])
        return silenced(wav, find_muted(wav, *own)), segments

    def features(self, wav: np.ndarray, speaker: str) -> dict[str, np.ndarray]:
        """log_f0, voiced, log_energy (T,) and mel (T, M) of int16 samples (N,).

        Errors: UnfitError where no frame is voiced, or where the samples are too few for one.
        """
        mel, signal = self.mel, wav.astype(np.float32) / 32768
        if len(wav) < (least := shortest(mel.n_fft, mel.hop_length)):
            raise UnfitError("too short", f"{len(wav)} samples of speech where an analysis window needs {least}")
        bounds = {"f0_floor": self.f0_floor, "f0_ceil": self.f0_ceil} | dict(self.f0_bounds.get(speaker, {}))
        hz = f0(wav / 32768.0, mel.sample_rate, mel.hop_length, self.method, **bounds)
        try:
            log_f0, voiced = interpolate_log_f0(hz)
        except UnvoicedError as error:
            words = "none of {} frames has an F0 between {f0_floor:g} and {f0_ceil:g} Hz: a whisper, or too short?"
            raise UnfitError("no voiced frame", words.format(len(hz), **bounds)) from error
        return {
            "log_f0": log_f0,
            "voiced": voiced,
            "log_energy": log_energy(signal, mel.n_fft, mel.hop_length, mel.win_length),
            "mel": log_mel(signal, mel),
        }
