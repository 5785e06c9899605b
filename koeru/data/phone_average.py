"""Pitch and energy of phones from those of their frames."""

import numpy as np


def phone_average(values: np.ndarray, durations: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Weighted means (P,), float32, of frame values (T,) over phones of `durations` (P,) frames.

    A phone of no weight (zero frames, or no voiced one) takes its value from the line between the nearest
    phones that have one, before and after it, at the phones' centres in time; before the first and after the
    last such phone, from that phone. Errors: ValueError where no phone has any weight.
    """
    durations = np.asarray(durations)
    n_phones = len(durations)
    phone_of_frame = np.repeat(np.arange(n_phones), durations)  # (T,)
    weights = np.ones(len(values)) if weights is None else np.asarray(weights, dtype=np.float64)
    if len(phone_of_frame) != len(values) or len(weights) != len(values):
        raise ValueError(f"durations sum to {len(phone_of_frame)}, values {len(values)}, weights {len(weights)}")
    sums = np.bincount(phone_of_frame, weights=weights * values, minlength=n_phones)  # (P,)
    totals = np.bincount(phone_of_frame, weights=weights, minlength=n_phones)  # (P,)
    known = totals > 0
    if not known.any():
        raise ValueError("no phone has a frame of positive weight")
    centres = np.cumsum(durations) - durations / 2  # (P,)
    means = np.interp(centres, centres[known], sums[known] / totals[known])
    return means.astype(np.float32)
