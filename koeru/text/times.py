"""When the phones of an utterance sound: TextGrids and .lab files alike."""

import re
from dataclasses import dataclass
from os import PathLike
from os.path import splitext

from koeru.text.lab import read_lab
from koeru.text.reading import Interval
from koeru.text.textgrid import read_tier


class TimesError(ValueError):
    """A file that is neither a TextGrid nor a .lab file."""


@dataclass(frozen=True)
class Times:
    """Phones with their times in seconds, and where they come from, in words for the record.

    `full_context` holds the full-context labels of a .lab file that has them.
    """

    intervals: list[Interval]
    source: str
    full_context: list[str] | None = None


def read_times(path: str | PathLike, tier: str, full_context: re.Pattern[str] | None) -> Times:
    """Return the times in a .TextGrid or .lab file; `tier` names the TextGrid tier with the phones.

    `full_context` is what a full-context label of the language looks like: see `koeru.text.lab.read_lab`.

    Raises TimesError for another suffix, and what `koeru.text.textgrid.read_tier` and `koeru.text.lab.read_lab` do.
    """
    match splitext(path)[1].lower():
        case ".textgrid":
            found = read_tier(path, tier)
            return Times(found.intervals, f"TextGrid tier {found.name}{' (the only one)' if found.only else ''}")
        case ".lab":
            lab = read_lab(path, full_context)
            return Times(lab.intervals, f".lab in {lab.unit}", lab.full_context)
    raise TimesError(f"{path} is neither a .TextGrid nor a .lab file")
