"""Random numbers of a name: what is drawn for an utterance is the same in any batch, on any device and in any library.

Models that draw take their noise from here, not from the generators of torch.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray


def mixture_noise(
    source: str, n: int, num_gaussians: int, size: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What n points of mixtures are drawn from: standard Gumbel (n, num_gaussians), standard normal (n, size).

    A longer utterance of the same `source` begins with the same numbers.
    """
    seed = int.from_bytes(hashlib.sha256(source.encode()).digest()[:16])
    of_components, of_points = (np.random.default_rng(own) for own in np.random.SeedSequence(seed).spawn(2))
    gumbel = of_components.gumbel(size=(n, num_gaussians))
    return gumbel.astype(np.float32), of_points.standard_normal((n, size)).astype(np.float32)
