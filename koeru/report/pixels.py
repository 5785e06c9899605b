"""Mels as plain pixels, one a band and frame: small pictures for a log and for tables, without axes."""

from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.image import imsave

COLOURS = "magma"


def mel_pixels(mel: np.ndarray, like: np.ndarray) -> np.ndarray:
    """A log-mel (T, M) as (M, T, 3), uint8, low bands below, in the colours that another one (T', M) has by itself.

    So all mels of a sentence have one scale, whatever made them.
    """
    low, high = float(np.percentile(like, 1)), float(like.max())
    shares = (mel.T[::-1] - low) / max(high - low, 1e-9)
    return matplotlib.colormaps[COLOURS](shares, bytes=True)[..., :3].copy()


def write_pixels(path: Path, pixels: np.ndarray) -> None:
    """Pixels (height, width, 3), uint8, as a PNG; the same pixels give the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    imsave(path, pixels, format="png", metadata={"Software": None})
