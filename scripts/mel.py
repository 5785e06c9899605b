"""The log-mel spectrogram, as HiFi-GAN defines it."""

from collections.abc import Mapping

import numpy as np

from koeru.audio.mel import log_mel
from koeru.jobs.features import feature_stage, long_enough, mel_spec
from koeru.jobs.stage import Work


def analyse(work: Work, wav: np.ndarray, speaker: str) -> Mapping[str, np.ndarray]:
    """mel float32 (T, M), natural log."""
    spec = mel_spec(work)
    return {"mel": log_mel(long_enough(wav, spec.n_fft, spec.hop_length), spec)}


if __name__ == "__main__":
    feature_stage("mel", __doc__, analyse)
