"""How two outputs of a stage are compared: exactly where they are texts, within a tolerance where they are measured."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

OUTLIERS = 0.01  # of the values: on another processor an F0 tracker may decide a frame otherwise
TOLERANCE = {  # relative and absolute; 1e-3 where nothing is said
    "stand_in": (0.0, 3.0),  # samples of 16 bit
    "wav": (0.0, 3.0),
    "synthesis": (1e-2, 2e-2),
    "evaluation": (2e-2, 2e-2),
}


@dataclass(frozen=True)
class Output:
    """What a stage made: texts and whole numbers, compared exactly, and arrays, compared with a tolerance."""

    texts: Any
    arrays: Mapping[str, np.ndarray] = field(default_factory=dict)


def difference(stage: str, golden: Output, fresh: Output) -> str:
    """What differs between two outputs of a stage, in words; "" if nothing does."""
    if golden.texts != fresh.texts:
        return "its texts differ: " + _first_difference(golden.texts, fresh.texts)
    if golden.arrays.keys() != fresh.arrays.keys():
        return f"its arrays are others: {sorted(golden.arrays.keys() ^ fresh.arrays.keys())}"
    relative, absolute = TOLERANCE.get(stage, (1e-3, 1e-3))
    for name, old in golden.arrays.items():
        new = np.asarray(fresh.arrays[name])
        if old.shape != new.shape:
            return f"{name} has the shape {new.shape}, it was {old.shape}"
        off = ~np.isclose(new, old, rtol=relative, atol=absolute)
        if off.sum() > OUTLIERS * off.size:
            largest = np.abs(new - old)[off].max()
            return f"{off.mean():.0%} of {name} differ, by up to {largest:.4g}"
    return ""


def _first_difference(old: Any, new: Any, path: str = "") -> str:
    if isinstance(old, dict) and isinstance(new, dict) and old.keys() == new.keys():
        return next(_first_difference(old[k], new[k], f"{path}.{k}") for k in old if old[k] != new[k])
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return next(
            _first_difference(a, b, f"{path}[{i}]") for i, (a, b) in enumerate(zip(old, new, strict=True)) if a != b
        )
    was, now = (json.dumps(value, ensure_ascii=False)[:200] for value in (old, new))
    return f"{path.lstrip('.')} was {was}, is {now}"
