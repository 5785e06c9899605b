"""HTK label files: lines `begin end label`, where labels are phones or full-context labels.

Times come in seconds or in HTK's steps of 100 ns; nothing in a file says which, but their size does.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike

from koeru.text.reading import Interval
from koeru.text.textgrid import TOLERANCE, decode

SECONDS, STEPS = "seconds", "100 ns"
STEPS_FROM = 1e5  # whole numbers that end here or later are steps: 10 ms of them, against a day of seconds

Rows = list[list[str]]  # begin, end, label, and whatever follows, of every line that is not blank


class LabError(ValueError):
    """A .lab file that cannot be used; the message names the file and the line."""


@dataclass(frozen=True)
class Lab:
    """Phones in seconds, the full-context labels if the file has them, and the unit of its times."""

    intervals: list[Interval]
    full_context: list[str] | None
    unit: str


def read_lab(path: str | PathLike, full_context: re.Pattern[str] | None) -> Lab:
    """Return the labels of a file in UTF-8, UTF-16 or Shift_JIS, its columns separated by spaces or tabs.

    `full_context` is what a full-context label of the language looks like, its first group the phone; None where the
    language has none.

    Times are in steps of 100 ns if they are whole numbers and the last is at least 1e5, else in seconds. Gaps between
    rows are silence, and what follows the third column (HTK's score) is passed over. Raises LabError, naming file and
    line, for no rows, fewer than three columns, times that are no numbers or of both units, negative, ending before
    they begin or overlapping, and full-context labels beside others.
    """
    numbers, rows = _rows(path)
    begins, ends, labels, *_ = map(list, zip(*rows, strict=False))
    try:
        starts, stops = list(map(float, begins)), list(map(float, ends))
    except ValueError:
        raise LabError(f"{path}: {_no_number(numbers, rows)}") from None
    unit = SECONDS
    if not "".join(begins + ends).replace("-", "").isdecimal():
        if max(stops) >= STEPS_FROM:
            raise LabError(f"{path}: {_both_units(numbers, rows)}")
    elif stops[-1] >= STEPS_FROM:
        unit = STEPS
        starts, stops = [time / 1e7 for time in starts], [time / 1e7 for time in stops]
    reached = 0.0
    for at, (start, stop) in enumerate(zip(starts, stops, strict=True)):
        if not reached - TOLERANCE <= start <= stop:
            which = f"line {numbers[at]}: {labels[at][:20]!r} at {start:g}-{stop:g} s"
            raise LabError(f"{path}: {which} {_disorder(start, stop, reached)}")
        reached = stop
    has_context = full_context is not None and "^" in labels[0]
    phones = _phones(path, full_context, numbers, labels) if has_context else labels
    intervals = list(map(Interval._make, zip(starts, stops, phones, strict=True)))
    return Lab(intervals, labels if has_context else None, unit)


def _rows(path: str | PathLike) -> tuple[Sequence[int], Rows]:
    """The numbers of the lines that are not blank, counted from 1, and their columns."""
    with open(path, "rb") as file:
        data = file.read()
    try:
        text = decode(data)
    except UnicodeDecodeError as error:
        raise LabError(f"{path}: neither UTF-8, UTF-16 nor Shift_JIS: {error}") from error
    rows = [line.split() for line in text.splitlines()]
    numbers: Sequence[int] = range(1, len(rows) + 1)
    if [] in rows:
        numbers, rows = [number for number, row in zip(numbers, rows, strict=True) if row], [row for row in rows if row]
    if not rows:
        raise LabError(f"{path}: no line `begin end label`: the file is empty")
    if min(map(len, rows)) < 3:
        number, row = next((number, row) for number, row in zip(numbers, rows, strict=True) if len(row) < 3)
        raise LabError(f"{path}: line {number} is not `begin end label`: {' '.join(row)[:60]!r}")
    return numbers, rows


def _no_number(numbers: Sequence[int], rows: Rows) -> str:
    """The first line whose times are no numbers."""
    for number, (begin, end, *_) in zip(numbers, rows, strict=True):
        for time in (begin, end):
            try:
                float(time)
            except ValueError:
                return f"line {number}: {time!r} is not a time"
    raise AssertionError("all times are numbers")


def _both_units(numbers: Sequence[int], rows: Rows) -> str:
    """The first line whose times are steps of 100 ns, of a file in which others have a decimal point."""
    number, row = next(pair for pair in zip(numbers, rows, strict=True) if float(pair[1][1]) >= STEPS_FROM)
    return f"line {number}: {row[0]} {row[1]} are steps of 100 ns by their size, but other times have a decimal point"


def _disorder(start: float, stop: float, reached: float) -> str:
    """What is wrong with times that cannot follow a label that ends at `reached`."""
    if start < 0 or stop < 0:
        return "has a negative time"
    if stop < start:
        return "ends before it begins"
    if start < reached:
        return f"overlaps the one before it, which ends at {reached:g} s"
    return "has a time that is not a number"


def _phones(
    path: str | PathLike, full_context: re.Pattern[str], numbers: Sequence[int], labels: list[str]
) -> list[str]:
    found = [full_context.match(label) for label in labels]
    if not all(found):
        number, label = next(item for *item, match in zip(numbers, labels, found, strict=True) if not match)
        raise LabError(f"{path}: line {number} is no full-context label, as the first one is: {label[:40]!r}")
    return [match[1] for match in found]
