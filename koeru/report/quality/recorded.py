"""What a speaker's recordings were before they were resampled, and up to which frequency they hold speech."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from koeru.audio.files import BITS
from koeru.graph.store import FACTS
from koeru.report.quality.dataset import Source

REACHED_BY = 0.9  # of the time: a few odd recordings do not speak for the others
ENCODINGS = {name: f"{bits} bit" for name, bits in BITS.items()} | {
    "FLOAT": "32 bit float",
    "DOUBLE": "64 bit float",
    "ULAW": "µ-law",
    "ALAW": "A-law",
}


class Form(NamedTuple):
    """How a recording was delivered: its rate in Hz, its channels, and libsndfile's name of its encoding."""

    sample_rate: int
    n_channels: int
    encoding: str


def _floats() -> array[float]:
    return array("f")


@dataclass
class Measured:
    """Of each recording of one form its length in seconds and its bandwidth in Hz, nan where it was not measured."""

    seconds: array[float] = field(default_factory=_floats)
    hz: array[float] = field(default_factory=_floats)


@dataclass
class Recorded:
    """The recordings of a speaker, by form."""

    forms: dict[Form, Measured] = field(default_factory=dict)

    def add(self, record: Mapping[str, Any]) -> None:
        """Take a record of the wav stage."""
        form = Form(*(record[FACTS][name] for name in Form._fields))
        measured = self.forms.setdefault(form, Measured())
        measured.seconds.append(record["seconds"])
        hz = record[FACTS]["bandwidth_hz"]
        measured.hz.append(np.nan if hz is None else hz)

    @property
    def bandwidth_hz(self) -> float:
        """The bandwidth that nine tenths of what was measured reach, by length; 0 where nothing was."""
        every = self.forms.values()
        return _reached([hz for own in every for hz in own.hz], [s for own in every for s in own.seconds])

    @property
    def bandwidths_hz(self) -> list[float]:
        """Of every recording of which it could be measured."""
        return [hz for own in self.forms.values() for hz in own.hz if not np.isnan(hz)]

    def sources(self, speaker: str) -> list[Source]:
        """A row a form, the longest first."""
        rows = [
            Source(
                speaker,
                form.sample_rate,
                form.n_channels,
                ENCODINGS.get(form.encoding, form.encoding),
                len(measured.seconds),
                sum(measured.seconds),
                _reached(measured.hz, measured.seconds),
            )
            for form, measured in self.forms.items()
        ]
        return sorted(rows, key=lambda row: -row.seconds)


def _reached(hz: Sequence[float], seconds: Sequence[float]) -> float:
    """The frequency that `REACHED_BY` of the seconds reach, those left out of which none is known; 0 without any."""
    values, weights = np.array(hz, np.float64), np.array(seconds, np.float64)
    known = np.isfinite(values)
    if not known.any():
        return 0.0
    order = np.argsort(values[known], kind="stable")
    below = np.cumsum(weights[known][order])
    at = np.searchsorted(below, (1 - REACHED_BY) * below[-1], side="right")
    return float(values[known][order][min(at, len(order) - 1)])
