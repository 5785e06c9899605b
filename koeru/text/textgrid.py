"""Phone tiers of Praat TextGrids, read and written with praat-textgrids.

That library reads UTF-8 without a byte order mark and UTF-16 (big endian), wants Praat's three header lines
to the letter and no blank lines, cuts a label at " = ", and breaks at a line end inside one. Files are
therefore decoded and put into the form it wants first. Quotation marks, " = " and line ends in labels do
not come through as they were: no phone has them.
"""

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterable, Sequence
from os import PathLike
from pathlib import Path
from typing import NamedTuple

import textgrids

from koeru.text.reading import Interval

TOLERANCE = 1e-6  # seconds two intervals may overlap: Praat writes rounded times
HEADER = 'File type = "ooTextFile"\nObject class = "TextGrid"\n\n'
HEADER_OF = re.compile(r'\s*File type = "ooTextFile(?: short)?"\s+(?:Object class = )?"TextGrid"\s+')
# What makes a label odd to the library: " = ", a quotation mark or a line end within its quotation marks.
ODD = re.compile(r'= "[^"\n=]*(?:[\n=]|"")')
BLANK_LINE = re.compile(r"\n[ \t]*\n")
QUOTED = re.compile(r'"((?:[^"]|"")*)"')
N_TIERS = re.compile(r"<exists>\s+(?:size = )?(\d+)")


class TextGridError(ValueError):
    """A TextGrid that cannot be used; the message names the file."""


class Tier(NamedTuple):
    """The interval tier that was found, under its own name; `only` if it was taken for being the only one."""

    name: str
    only: bool
    intervals: list[Interval]


def decode(data: bytes) -> str:
    """Return the text of a TextGrid or .lab file in UTF-8, UTF-16 or Shift_JIS, with or without a byte order mark.

    Raises UnicodeDecodeError when it is in none of them.
    """
    if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return data.decode("utf-16")
    if b"\0" in data[:4]:  # the first letter, F or a digit, has a zero byte on one side
        return data.decode("utf-16-be" if data[0] == 0 else "utf-16-le")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp932")


def _plain(label: re.Match[str]) -> str:
    """Return a quoted label that praat-textgrids reads whole."""
    text = label[1].replace('""', "'")
    return f'"{" ".join(text.split()).replace(" = ", "=")}"'


def _body(path: str | PathLike) -> str:
    """Return the text of a TextGrid behind its header, in the form that praat-textgrids wants."""
    try:
        with open(path, "rb") as file:
            text = decode(file.read())
    except UnicodeDecodeError as error:
        raise TextGridError(f"{path}: neither UTF-8, UTF-16 nor Shift_JIS: {error}") from error
    if text.startswith(f"{HEADER}xmin") and not (
        "\r" in text or ODD.search(text) or BLANK_LINE.search(text, len(HEADER))
    ):
        return text[len(HEADER) :]
    text = "\n".join(text.splitlines())
    if not (header := HEADER_OF.match(text)):
        raise TextGridError(f"{path}: not a Praat TextGrid in text form: it begins {text[:40]!r}")
    body = QUOTED.sub(_plain, text[header.end() :])
    return "\n".join(line for line in body.splitlines() if line.strip())


def _parse(path: str | PathLike) -> textgrids.TextGrid:
    body = _body(path)
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


def _names(names: Iterable[str]) -> str:
    return ", ".join(map(repr, names)) or "none"


def _choose(tiers: Sequence[str], wanted: str) -> str | None:
    """Return the name among `tiers` that is the wanted one, or is if case is ignored, or is the only one."""
    if wanted in tiers:
        return wanted
    alike = [name for name in tiers if name.casefold() == wanted.casefold()]
    candidates = alike or tiers
    return candidates[0] if len(candidates) == 1 else None


def read_tier(path: str | PathLike, tier: str) -> Tier:
    """Return the named interval tier: by its exact name, by its name ignoring case, or as the only one.

    Labels are stripped of white space and otherwise as they stand; "" is silence. Raises TextGridError,
    naming the file and what was there, for a file that is no TextGrid, no such tier, and intervals that are
    empty of sense: before 0, ending before they start, or overlapping.
    """
    grid = _parse(path)
    tiers = [name for name, intervals in grid.items() if not intervals.is_point_tier]
    if (chosen := _choose(tiers, tier)) is None:
        raise TextGridError(f"{path}: no interval tier {tier!r}; there is {_names(grid)}")
    intervals = [Interval(item.xmin, item.xmax, item.text.strip()) for item in grid[chosen]]
    reached = 0.0
    for number, (start, end, phone) in enumerate(intervals, 1):
        if not reached - TOLERANCE <= start <= end:
            raise TextGridError(
                f"{path}: interval {number} ({phone!r}) starts at {start} s, "
                f"before {reached} s, where the one before it ends"
            )
        reached = end
    return Tier(chosen, chosen.casefold() != tier.casefold(), intervals)


def write_phones(path: str | PathLike, intervals: Iterable[Interval], duration: float) -> None:
    """Write one tier named phones, in Praat's long text format and UTF-8, from 0 to `duration` seconds."""
    items = [textgrids.Interval(item.phone, item.start, item.end) for item in intervals]
    grid = textgrids.TextGrid()
    grid["phones"] = textgrids.Tier(items, 0.0, duration)
    grid.xmax = duration  # the library leaves it 0
    Path(path).write_text(grid.format(), encoding="utf-8")
