"""Frame energy: natural log of the L2 norm of the magnitude spectrum, on the frames of the mel."""

from collections.abc import Mapping

import numpy as np

from koeru.audio.energy import log_energy
from koeru.jobs.features import feature_stage, long_enough
from koeru.jobs.stage import Work


def analyse(work: Work, wav: np.ndarray, speaker: str) -> Mapping[str, np.ndarray]:
    """log_energy float32 (T,)."""
    n_fft, hop_length, win_length = (work[f"mel.{name}"] for name in ("n_fft", "hop_length", "win_length"))
    samples = long_enough(wav, n_fft, hop_length)
    return {"log_energy": log_energy(samples, n_fft, hop_length, win_length)}


if __name__ == "__main__":
    feature_stage("energy", __doc__, analyse)
