"""The WORLD spectral envelope, coded, at its own frame period, with the F0 it needs."""

from collections.abc import Mapping

import numpy as np

from koeru.audio.world import spectral_envelope
from koeru.jobs.features import f0_bounds, feature_stage
from koeru.jobs.stage import Work


def analyse(work: Work, wav: np.ndarray, speaker: str) -> Mapping[str, np.ndarray]:
    """sp float32 (T5, n_coded), f0 float32 (T5,) in Hz, 0 where unvoiced."""
    coded, hz = spectral_envelope(
        wav / 32768.0,
        work["wav.sample_rate"],
        work["sp.frame_period"],
        work["sp.n_coded"],
        work["pitch.method"],
        **f0_bounds(work, speaker),
    )
    return {"sp": coded, "f0": hz}


if __name__ == "__main__":
    feature_stage("sp", __doc__, analyse)
