"""F0 by WORLD at the centres of the mel frames: natural log of Hz, unvoiced stretches interpolated, voicing beside."""

from collections.abc import Mapping

import numpy as np

from koeru.audio.world import UnvoicedError, f0, interpolate_log_f0
from koeru.jobs.features import f0_bounds, feature_stage
from koeru.jobs.stage import ExclusionError, Work


def analyse(work: Work, wav: np.ndarray, speaker: str) -> Mapping[str, np.ndarray]:
    """log_f0 float32 (T,) in natural log of Hz, voiced uint8 (T,)."""
    hz = f0(
        wav / 32768.0, work["wav.sample_rate"], work["mel.hop_length"], work["pitch.method"], **f0_bounds(work, speaker)
    )
    try:
        log_f0, voiced = interpolate_log_f0(hz)
    except UnvoicedError as error:
        raise ExclusionError("no voiced frame", str(error)) from error
    return {"log_f0": log_f0, "voiced": voiced}


if __name__ == "__main__":
    feature_stage("pitch", __doc__, analyse)
