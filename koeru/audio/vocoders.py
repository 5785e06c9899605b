"""What turns a mel into sound: whatever was trained to, and Griffin-Lim."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from koeru.audio.griffin_lim import griffin_lim
from koeru.audio.mel import MelSpec


class MelVocoder(Protocol):
    """Log-mel (T, M), natural log -> waveform (T * hop_length,) of full scale 1."""

    name: str  # what a page calls it: griffin-lim, or the mark that becomes the name of an entry

    def __call__(self, mel: NDArray[np.float32]) -> NDArray[np.float32]: ...


class GriffinLim:
    """The vocoder that needs no training: see `koeru.audio.griffin_lim`. Its waveform may go beyond full scale."""

    name = "griffin-lim"

    def __init__(self, spec: MelSpec, iterations: int) -> None:
        self.spec, self.iterations = spec, iterations

    def __call__(self, mel: NDArray[np.float32]) -> NDArray[np.float32]:
        """(T, M) -> (T * hop_length,). Errors: ValueError as of `griffin_lim`."""
        return griffin_lim(mel, self.spec, self.iterations)
