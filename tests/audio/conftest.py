"""A signal that resembles speech, for the tests of audio."""

from collections.abc import Callable

import numpy as np
import pytest


@pytest.fixture
def voice() -> Callable[[float], np.ndarray]:
    """Return a function of seconds: harmonics of a gliding F0 under a moving envelope, and a little noise."""

    def make(seconds: float, sample_rate: int = 22050) -> np.ndarray:
        time = np.arange(int(seconds * sample_rate)) / sample_rate
        f0 = 130 + 40 * np.sin(2 * np.pi * 0.7 * time)
        phase = 2 * np.pi * np.cumsum(f0) / sample_rate
        formant = 900 + 500 * np.sin(2 * np.pi * 1.1 * time)
        harmonics = sum(
            np.exp(-(((k * f0 - formant) / 700) ** 2)) * np.sin(k * phase + k) + 0.02 * np.sin(k * phase)
            for k in range(1, 60)
        )
        loudness = 0.1 * (0.55 + 0.45 * np.sin(2 * np.pi * 2.3 * time))
        noise = 1e-3 * np.random.default_rng(0).standard_normal(len(time))
        return (harmonics * loudness + noise).astype(np.float32)

    return make
