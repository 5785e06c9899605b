"""Statistics that normalise features: merged exactly from parts, kept as the dictionary of stats.json."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import add
from typing import Any, Self

import numpy as np

from koeru.data.vocabulary import Names

ALL = "all"  # the only group when speakers share their statistics
MIN_RELATIVE_STD = 1e-9  # below it a deviation is the rounding of a constant
# The ends of a range. Not the extremes: one octave error of a pitch tracker would make every bin of the range wide, and
# a bin that hardly any value falls in learns no vector.
PERCENTILES = (0.5, 99.5)

Ranges = Mapping[str, Mapping[str, tuple[float, float]]]  # feature -> level ("phone" or "frame") -> low and high end


@dataclass(frozen=True)
class Moments:
    """Count, mean and sum of squared deviations (M2) of a set of observations, in float64.

    The union of two disjoint sets has the moments `a + b`, whatever the partition (Chan, Golub and LeVeque,
    "Updating Formulae and a Pairwise Algorithm for Computing Sample Variances", 1979, eq. 2.1).
    """

    count: int
    mean: np.ndarray  # (...)
    m2: np.ndarray  # (...)

    @classmethod
    def of(cls, array: np.ndarray, axis: int | tuple[int, ...] | None = None) -> Self:
        """The moments of `array` over `axis` (None: over all elements); the other axes remain."""
        values = np.asarray(array, dtype=np.float64)
        axes = tuple(range(values.ndim)) if axis is None else axis
        shape = np.sum(values, axis=axes, keepdims=True).shape
        count = values.size // max(1, int(np.prod(shape)))
        if count == 0:
            zeros = np.zeros(shape).squeeze(axes)
            return cls(0, zeros, zeros)
        mean = values.mean(axis=axes, keepdims=True)
        return cls(count, mean.squeeze(axes), np.square(values - mean).sum(axis=axes))

    def __add__(self, other: Self) -> Self:
        if self.mean.shape != other.mean.shape:
            raise ValueError(f"moments of shapes {self.mean.shape} and {other.mean.shape} cannot be merged")
        count = self.count + other.count
        if count == 0:
            return self
        delta = other.mean - self.mean
        share = other.count / count
        return type(self)(count, self.mean + delta * share, self.m2 + other.m2 + delta**2 * self.count * share)

    @property
    def std(self) -> np.ndarray:
        """Population standard deviation (...): of normalised data it is exactly 1."""
        return np.sqrt(self.m2 / self.count)


def merge(moments: Iterable[Moments]) -> Moments:
    """The moments of the union of disjoint sets, at least one."""
    return reduce(add, moments)


@dataclass(frozen=True)
class Scale:
    """What normalises one feature of one group: (values - mean) / std."""

    count: int
    mean: np.ndarray  # () or (M,)
    std: np.ndarray  # () or (M,)


@dataclass(frozen=True)
class Stats:
    """Normalisation of every feature, for each speaker or for all of them together; and the names of the dataset.

    `ranges` tell where the normalised values lie, of all speakers together, as phones have them and as frames do.
    """

    names: Names
    per_speaker: bool
    features: Mapping[str, Mapping[str, Scale]]  # feature -> group -> scale
    ranges: Ranges = field(default_factory=dict)

    @classmethod
    def of_moments(
        cls,
        moments: Mapping[str, Mapping[str, Moments]],
        *,
        names: Names,
        per_speaker: bool,
        needed: Iterable[str] | None = None,
    ) -> Self:
        """Statistics from moments[feature][speaker]; `names` has all speakers with an id, observed or not.

        `needed` are those of them that have utterances in some split (unless given, all of them). Errors: ValueError
        naming feature and speaker where fewer than two observations, or a deviation of zero, leave nothing to divide
        by, and where one statistic a speaker is wanted and one of `needed` was not observed.
        """
        needed = names.speakers if needed is None else tuple(needed)
        features: dict[str, dict[str, Scale]] = {}
        for feature, by_speaker in moments.items():
            missing = [name for name in needed if name not in by_speaker]
            if per_speaker and missing:
                raise ValueError(
                    f"{feature}: the training split has nothing of {', '.join(missing)}; add data, change splits.dev "
                    "and splits.eval, or set stats.per_speaker: false"
                )
            groups = by_speaker if per_speaker else {ALL: merge(by_speaker[name] for name in sorted(by_speaker))}
            features[feature] = {name: _scale(feature, name, group) for name, group in groups.items()}
        return cls(names, per_speaker, features)

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Self:
        """The inverse of `to_dict`."""
        features = {
            feature: {
                name: Scale(group["count"], np.asarray(group["mean"], float), np.asarray(group["std"], float))
                for name, group in groups.items()
            }
            for feature, groups in content["features"].items()
        }
        ranges = {
            feature: {level: tuple(ends) for level, ends in levels.items()}
            for feature, levels in content["ranges"].items()
        }
        return cls(Names.of(content), content["per_speaker"], features, ranges)

    def to_dict(self) -> dict[str, Any]:
        """What stats.json holds: plain lists and numbers, exact to the last bit."""
        features = {
            feature: {
                name: {"count": scale.count, "mean": scale.mean.tolist(), "std": scale.std.tolist()}
                for name, scale in groups.items()
            }
            for feature, groups in self.features.items()
        }
        ranges = {
            feature: {level: list(ends) for level, ends in levels.items()} for feature, levels in self.ranges.items()
        }
        return {**self.names.to_dict(), "per_speaker": self.per_speaker, "features": features, "ranges": ranges}

    def scale(self, feature: str, speaker: str) -> Scale:
        """The scale of a feature for a speaker; KeyError naming both where there is none."""
        group = speaker if self.per_speaker else ALL
        try:
            return self.features[feature][group]
        except KeyError:
            raise KeyError(
                f"no statistics of {feature} for speaker {speaker}: has the training split none of it?"
            ) from None

    def known(self, speakers: Iterable[str]) -> list[str]:
        """Those of speakers of whom there are statistics: a model may know others, of a training that it began with."""
        own = self.features["mel"]
        return [speaker for speaker in speakers if not self.per_speaker or speaker in own]

    def range(self, feature: str, level: str) -> tuple[float, float]:
        """The ends of a feature's normalised values at a level; KeyError naming both where they are not known."""
        try:
            return self.ranges[feature][level]
        except KeyError:
            raise KeyError(f"no range of {feature} at {level} level: has the dataset no phones?") from None

    def normalise(self, feature: str, values: np.ndarray, speaker: str) -> np.ndarray:
        """(values - mean) / std, float32, of the shape of `values` ((T,) or (T, M))."""
        scale = self.scale(feature, speaker)
        return ((values - scale.mean) / scale.std).astype(np.float32)

    def denormalise(self, feature: str, values: np.ndarray, speaker: str) -> np.ndarray:
        """The inverse of `normalise`, float32."""
        scale = self.scale(feature, speaker)
        return (values * scale.std + scale.mean).astype(np.float32)


def _scale(feature: str, group: str, moments: Moments) -> Scale:
    who = "all speakers together" if group == ALL else f"speaker {group}"
    if moments.count < 2:
        raise ValueError(
            f"{feature} of {who}: {moments.count} observation(s) in the training split; "
            "give it more utterances or set per_speaker: false"
        )
    std = moments.std
    constant = std <= MIN_RELATIVE_STD * np.maximum(1, np.abs(moments.mean))
    if constant.any():
        where = f" in band(s) {np.flatnonzero(constant).tolist()}" if constant.ndim else ""
        raise ValueError(f"{feature} of {who} has a standard deviation of zero{where}: the feature is constant there")
    return Scale(moments.count, moments.mean, std)
