"""Who made a file of labels, and what it can be believed for: what the entry of its set says, or what its format is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from koeru.config.label_sets import BY_MAKER, KNOWN, Made

# The corpus's own files that a machine made, by its format and their path. All other files in a corpus are taken for
# made, or corrected, by people: TextGrids are what one saves in Praat, and of .lab files that owners put beside their
# recordings (studies, ita, folder, ljspeech, style_bert_vits2) nothing tells anything else. Who knows better lists the
# folder of the corpus as a set of its own, with `made: machine`.
MACHINE_MADE: Mapping[str, re.Pattern[str]] = {
    "jsut": re.compile(r"[^/]+/lab/"),  # the layout of jsut-lab; labels/<subset>/ is that of jsut-label
    "jsss": re.compile(r".+/lab/"),  # the layout of JSSSLabel
    "jvs": re.compile(r"[^/]+/[^/]+/lab/"),  # delivered with JVS: Julius's alignment of what Open JTalk read
}


@dataclass(frozen=True)
class Provenance:
    """Who `made` a file, and what it `gives`: of times, reading, accents and devoicing those that are believed."""

    made: Made
    gives: frozenset[str]

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Provenance:
        """What the parameters of a node say of a set (`LabelSet.provenance`)."""
        return cls(told["made"], frozenset(told["gives"]))

    @classmethod
    def by(cls, made: Made) -> Provenance:
        """What is usual of a maker."""
        return cls(made, frozenset(BY_MAKER[made]))

    @property
    def by_hand(self) -> bool:
        """Whether people made it, or corrected every part of it."""
        return self.made == "by_hand"


def provenance(corpus: Mapping[str, Any], file: Mapping[str, Any]) -> Provenance:
    """Of the file of a record (`alignment`, `full_context`); `corpus` is its entry in the parameter `provenance`."""
    if file["folder"]:
        return Provenance.of(corpus["sets"][file["folder"]])
    machine_made = MACHINE_MADE.get(corpus["format"])
    return Provenance.by("machine" if machine_made and machine_made.match(file["path"]) else "by_hand")


def usual(name: str) -> Provenance:
    """Of a set by its name alone: as it is known, else made by hand."""
    if name in KNOWN:
        made, gives = KNOWN[name]
        return Provenance(made, frozenset(gives))
    return Provenance.by("by_hand")
