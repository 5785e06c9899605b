"""What a speaker's recordings were before they were resampled, and up to which frequency they hold speech."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from koeru.audio.files import BITS
from koeru.graph.store import FACTS
from koeru.report.quality.dataset import Source

REACHED_BY = 0.9  # of the time: a few odd recordings do not speak for the others
FACTS_TOLD = ("sample_rate", "n_channels", "encoding", "bandwidth_hz")
ENCODINGS = {name: f"{bits} bit" for name, bits in BITS.items()} | {
    "FLOAT": "32 bit float",
    "DOUBLE": "64 bit float",
    "ULAW": "µ-law",
    "ALAW": "A-law",
}


def facts(record: Mapping[str, Any]) -> tuple[str, ...]:
    """What a record of the wav stage tells of its source, as FACTS_TOLD; a bandwidth that was not measured is empty."""
    return tuple("" if (fact := record[FACTS][name]) is None else str(fact) for name in FACTS_TOLD)


class Form(NamedTuple):
    """How a recording was delivered: its rate in Hz, its channels, and libsndfile's name of its encoding."""

    sample_rate: int
    n_channels: int
    encoding: str


@dataclass
class Counted:
    """Recordings of one form; how many, and how long together, are of each bandwidth in Hz that was measured.

    Bandwidths are measured in steps: there are few, however many recordings.
    """

    recordings: int = 0
    seconds: float = 0.0
    by_hz: Counter[float] = field(default_factory=Counter)
    seconds_by_hz: Counter[float] = field(default_factory=Counter)


@dataclass
class Recorded:
    """The recordings of a speaker, by form."""

    forms: dict[Form, Counted] = field(default_factory=dict)

    def add(self, record: Mapping[str, Any]) -> None:
        """Take a record of the wav stage."""
        form = Form(*(record[FACTS][name] for name in Form._fields))
        counted = self.forms.setdefault(form, Counted())
        counted.recordings += 1
        counted.seconds += record["seconds"]
        if (hz := record[FACTS]["bandwidth_hz"]) is not None:
            counted.by_hz[hz] += 1
            counted.seconds_by_hz[hz] += record["seconds"]

    @property
    def by_hz(self) -> Counter[float]:
        """How many recordings are of each bandwidth in Hz."""
        return sum((own.by_hz for own in self.forms.values()), Counter())

    @property
    def bandwidth_hz(self) -> float:
        """The bandwidth that nine tenths of what was measured reach, by length; 0 where nothing was."""
        return _reached(sum((own.seconds_by_hz for own in self.forms.values()), Counter()))

    def sources(self, speaker: str) -> list[Source]:
        """A row a form, the longest first."""
        rows = [
            Source(
                speaker,
                form.sample_rate,
                form.n_channels,
                ENCODINGS.get(form.encoding, form.encoding),
                counted.recordings,
                counted.seconds,
                _reached(counted.seconds_by_hz),
            )
            for form, counted in self.forms.items()
        ]
        return sorted(rows, key=lambda row: -row.seconds)


def _reached(seconds_by_hz: Mapping[float, float]) -> float:
    """The frequency that `REACHED_BY` of the seconds reach; 0 without any."""
    left = (1 - REACHED_BY) * sum(seconds_by_hz.values())
    for hz, seconds in sorted(seconds_by_hz.items()):
        left -= seconds
        if left < 0:
            return hz
    return 0.0
