"""How far what was converted lies from the target's recording of the same sentence (numpy and the compiled warping)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from koeru.audio.alignment import DECIBELS, cepstra
from koeru.audio.warping import warp
from koeru.report.measurement import Quantity
from koeru.report.metrics import Part, squared_cents

CEPSTRA = 24  # terms of the mel-cepstrum that are compared, from the first; the term 0, the level, is not
BASELINES = {"stretched": "the source, stretched in time", "world": "the source, mapped by WORLD"}
ALIGNED = " Along the way that aligns the two best."
CEPSTRUM = Quantity(
    "mcd_db",
    "Mel-cepstral distance",
    "dB",
    2,
    about=f"Of the mel-cepstral terms 1 to {CEPSTRA} of natural-log mel.{ALIGNED}",
    baselines=BASELINES,
)
F0 = Quantity(
    "log_f0_rmse_cents",
    "F0 error",
    "cents",
    0,
    about=f"Root mean square where both are voiced.{ALIGNED}",
    statistic="root_mean",
    baselines=BASELINES,
)
VOICING = Quantity(
    "voicing_error",
    "Voicing error",
    "share",
    1,
    about=f"Where one is voiced and the other is not.{ALIGNED}",
    baselines=BASELINES,
)
DURATION = Quantity(
    "duration_error",
    "Duration error",
    "share",
    1,
    about="Mean difference of the length from the target's, as a share of that.",
    baselines=BASELINES,
)
RATIO = Quantity(
    "duration_ratio",
    "Duration ratio",
    "",
    3,
    "nearer to 1",
    about="Frames of all that was converted, to frames of the targets.",
    baselines=BASELINES,
)
QUANTITIES = (CEPSTRUM, F0, VOICING, DURATION, RATIO)


@dataclass(frozen=True)
class Heard:
    """What is compared of an utterance of T frames."""

    mel: NDArray[np.floating]  # (T, M), natural log
    log_f0: NDArray[np.floating]  # (T,), natural log of Hz, also where unvoiced
    voiced: NDArray[np.bool_]  # (T,)

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray]) -> Self:
        """That of an utterance's features mel, log_f0 and voiced."""
        return cls(arrays["mel"], arrays["log_f0"], np.asarray(arrays["voiced"], dtype=bool))


def distances(made: Heard, target: Heard) -> dict[str, Part]:
    """One pair's share of each of the QUANTITIES.

    The two are aligned by dynamic time warping of their cepstra less the means of the utterance, so that a voice of
    another colour is aligned as well as one of the right colour. The distance at a position of that way is the usual
    10 / ln 10 * sqrt(2 * sum of (c_d - c'_d)²) over d = 1..CEPSTRA, where ln of the amplitude in mel band m of M is
    the sum of c_d * cos(pi d (m + 1/2) / M); here the means do count. It is the mean over the positions. Both must have
    a frame, and mels of as many bands.
    """
    ours, theirs = cepstra(made.mel, 1, CEPSTRA), cepstra(target.mel, 1, CEPSTRA)
    rows, columns = path(ours, theirs)
    decibels = _decibels(ours[rows] - theirs[columns], made.mel.shape[1])
    voiced, natural = made.voiced[rows], target.voiced[columns]
    n_made, n_target = len(made.mel), len(target.mel)
    return {
        CEPSTRUM.key: Part(float(decibels.sum()), len(rows)),
        F0.key: squared_cents(made.log_f0[rows], target.log_f0[columns], voiced & natural),
        VOICING.key: Part(float(np.sum(voiced != natural)), len(rows)),
        DURATION.key: Part(abs(n_made / n_target - 1), 1),
        RATIO.key: Part(float(n_made), n_target),
    }


def path(ours: NDArray, theirs: NDArray) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The frames (L,) and (L,) of cepstra (T, C) and (T', C) that lie upon each other, however far they are apart."""
    found = warp(*((each - each.mean(0)).astype(np.float32) for each in (ours, theirs)), half_width=len(theirs))
    return found.rows, found.columns


def _decibels(difference: NDArray, n_mels: int) -> NDArray:
    """The distances (L,) in dB of differences (L, C) of orthonormal cepstra, sqrt(M / 2) times those c_d above."""
    return DECIBELS * np.sqrt(np.square(difference, dtype=np.float64).sum(axis=1) / n_mels)
