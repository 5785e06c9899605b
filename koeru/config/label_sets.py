"""Sets of labels: who made them, and what they can be believed for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import field_validator, model_validator

from koeru.config.base import NAME, InHome, Section

Made = Literal["by_hand", "machine"]
Gives = Literal["times", "reading", "accents", "devoicing"]
CHOSEN_BY = ("times", "reading")  # what decides which files an utterance is listed with
EVERYTHING: tuple[Gives, ...] = ("times", "reading", "accents", "devoicing")

# A machine's reading is another front end's guess at the text, not what was heard: where it differs from koeru's it is
# wrong more often. Its times are measured on the recording.
BY_MAKER: Mapping[str, tuple[Gives, ...]] = {"by_hand": EVERYTHING, "machine": ("times",)}

KNOWN: Mapping[str, tuple[Made, tuple[Gives, ...]]] = {
    # Readings, accents and times corrected by people; no vowel of it is marked as devoiced, though many are.
    "jsut-label": ("by_hand", ("times", "reading", "accents")),
    # Read by an older Open JTalk, and aligned to that by Julius: nobody listened.
    "jsut-lab": ("machine", ("times",)),
    # Phones of an older Open JTalk, aligned by a machine.
    "JSSSLabel": ("machine", ("times",)),
    # Phones of Open JTalk, or of Julius's own conversion of kana, aligned by Julius: the whole, and its two folders.
    "jvs_hiho": ("machine", ("times",)),
    "aligned_labels_openjtalk": ("machine", ("times",)),
    "aligned_labels_julius": ("machine", ("times",)),
}


class LabelSet(Section):
    """A folder of label files beside a corpus. `made` says by whom; `gives` is what the files are believed for.

    Sets that are known by their name have both by themselves: jsut-label, jsut-lab, JSSSLabel, jvs_hiho (and
    aligned_labels_openjtalk, aligned_labels_julius). Of any other `made` is required; what is made by hand gives
    everything, what a machine made gives times alone.
    """

    name: str
    path: InHome
    made: Made
    gives: tuple[Gives, ...]

    @model_validator(mode="before")
    @classmethod
    def _filled(cls, written: Any) -> Any:
        if not isinstance(written, Mapping):
            return written
        known = KNOWN.get(str(written.get("name")))
        filled = dict(written)
        if "made" not in filled:
            if known is None:
                raise ValueError(
                    f"say who made the set {written.get('name')!r}: `made: by_hand` where people did, or corrected "
                    "every file, so that all in it is taken as it is; `made: machine` where an aligner did, so that "
                    "its times are used and nothing else"
                )
            filled["made"] = known[0]
        if "gives" not in filled and filled["made"] in BY_MAKER:
            own = known is not None and known[0] == filled["made"]
            filled["gives"] = known[1] if own else BY_MAKER[filled["made"]]
        return filled

    @field_validator("name")
    @classmethod
    def _a_name(cls, name: str) -> str:
        if not NAME.fullmatch(name):
            raise ValueError("a name may hold only letters, digits, '_', '.' and '-'")
        return name

    @field_validator("gives")
    @classmethod
    def _ordered(cls, gives: tuple[Gives, ...]) -> tuple[Gives, ...]:
        if not gives:
            raise ValueError(f"a set gives something ({', '.join(EVERYTHING)}); leave out one that gives nothing")
        if "accents" in gives and "reading" not in gives:
            raise ValueError("accents belong to a reading: a set that gives them gives the reading, too")
        return tuple(what for what in EVERYTHING if what in gives)  # one meaning, one key

    def provenance(self) -> dict[str, Any]:
        """What decides how its files are used, as JSON would hold it."""
        return {"made": self.made, "gives": list(self.gives)}


def listed(written: Any) -> Any:
    """Refuse sets that are written as a mapping, in words that show the list."""
    if not isinstance(written, Mapping):
        return written
    rows = [f"      - {{{', '.join(_row(str(name), path))}}}" for name, path in written.items()]
    raise ValueError(
        "\n".join(
            [
                "is a list, the preferred set first: the order of a mapping is nothing that an editor keeps. Write",
                "    labels:",
                *rows,
                "    with `machine` where an aligner made a set (docs/corpora.md)",
            ]
        )
    )


def _row(name: str, path: Any) -> list[str]:
    known = [] if name in KNOWN else ["made: by_hand"]
    return [f"name: {name}", f"path: {json.dumps(path, ensure_ascii=False) if _quoted(path) else path}", *known]


def _quoted(path: Any) -> bool:
    """Whether a path needs quotes within a list in one line."""
    return not isinstance(path, str) or not path or any(mark in path for mark in ",{}[]#:&*!|>'\"%@` ")
