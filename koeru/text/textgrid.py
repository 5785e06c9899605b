"""Phone tiers of Praat TextGrids, read and written with praat-textgrids.

That library reads UTF-8 without a byte order mark and UTF-16 (big endian), wants Praat's three header lines
to the letter and no blank lines, cuts a label at " = ", and breaks at a line end inside one. Files are
therefore decoded and put into the form it wants first. Quotation marks, " = " and line ends in labels do
not come through as they were: no phone has them.
"""

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterable
from os import PathLike
from pathlib import Path

import textgrids

from koeru.text.phones import Interval

TOLERANCE = 1e-6  # seconds two intervals may overlap: Praat writes rounded times
HEADER = 'File type = "ooTextFile"\nObject class = "TextGrid"\n\n'
HEADER_OF = re.compile(r'\s*File type = "ooTextFile(?: short)?"\s+(?:Object class = )?"TextGrid"\s+')
QUOTED = re.compile(r'"((?:[^"]|"")*)"')
N_TIERS = re.compile(r"<exists>\s+(?:size = )?(\d+)")


class TextGridError(ValueError):
    """A TextGrid that cannot be used; the message names the file."""


def decode(data: bytes) -> str:
    """Return the text of a TextGrid in UTF-8, UTF-16 or Shift_JIS, with or without a byte order mark.

    Raises UnicodeDecodeError when it is in none of them.
    """
    if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return data.decode("utf-16")
    if b"\0" in data[:4]:  # the first letter, F, has a zero byte on one side
        return data.decode("utf-16-be" if data[0] == 0 else "utf-16-le")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp932")


def _plain(label: re.Match[str]) -> str:
    """Return a quoted label that praat-textgrids reads whole."""
    text = label[1].replace('""', "'")
    return f'"{" ".join(text.split()).replace(" = ", "=")}"'


def _parse(path: str | PathLike) -> textgrids.TextGrid:
    try:
        text = "\n".join(decode(Path(path).read_bytes()).splitlines())
    except UnicodeDecodeError as error:
        raise TextGridError(f"{path}: neither UTF-8, UTF-16 nor Shift_JIS: {error}") from error
    if not (header := HEADER_OF.match(text)):
        raise TextGridError(f"{path}: not a Praat TextGrid in text form: it begins {text[:40]!r}")
    body = QUOTED.sub(_plain, text[header.end() :])
    body = "\n".join(line for line in body.splitlines() if line.strip())
    grid = textgrids.TextGrid()
    try:
        grid.parse((HEADER + body).encode())
    except (IndexError, TypeError, ValueError) as error:
        raise TextGridError(f"{path}: broken or cut off TextGrid: {type(error).__name__}: {error}") from error
    declared = N_TIERS.search(body)
    if declared and int(declared[1]) != len(grid):
        raise TextGridError(
            f"{path}: {declared[1]} tiers, but only {len(grid)} different names ({_names(grid)}): "
            "rename tiers that share one"
        )
    return grid


def _names(grid: textgrids.TextGrid) -> str:
    return ", ".join(map(repr, grid)) or "none"


def read_phones(path: str | PathLike, tier: str = "phones") -> list[Interval]:
    """Return the intervals of the named tier, or of the only interval tier if none has the name.

    Labels are stripped of white space and otherwise as they stand; "" is silence. Raises TextGridError,
    naming the file and what was there, for a file that is no TextGrid, no such tier, and intervals that are
    empty of sense: before 0, ending before they start, or overlapping.
    """
    grid = _parse(path)
    tiers = {name: intervals for name, intervals in grid.items() if not intervals.is_point_tier}
    if tier not in tiers and len(tiers) != 1:
        raise TextGridError(f"{path}: no interval tier {tier!r}; there is {_names(grid)}")
    found = tiers.get(tier) if tier in tiers else next(iter(tiers.values()))
    intervals = [Interval(item.xmin, item.xmax, str(item.text).strip()) for item in found]
    reached = 0.0
    for number, interval in enumerate(intervals, 1):
        if interval.start < reached - TOLERANCE:
            raise TextGridError(
                f"{path}: interval {number} ({interval.phone!r}) starts at {interval.start} s, "
                f"before {reached} s, where the one before it ends"
            )
        reached = interval.end
    return intervals


def write_phones(path: str | PathLike, intervals: Iterable[Interval], duration: float) -> None:
    """Write one tier named phones, in Praat's long text format and UTF-8, from 0 to `duration` seconds."""
    items = [textgrids.Interval(item.phone, item.start, item.end) for item in intervals]
    grid = textgrids.TextGrid()
    grid["phones"] = textgrids.Tier(items, 0.0, duration)
    grid.xmax = duration  # the library leaves it 0
    Path(path).write_text(grid.format(), encoding="utf-8")
