"""Readings that a person has corrected: a CSV file with the columns id and kana, and what is wrong with it in words."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from koeru.config.rows import Row, RowsError, csv_rows

COLUMNS = ("id", "kana")
Corrections = dict[str, str]  # utterance -> its reading, in the notation of its language


def read_corrections(path: str | Path) -> Corrections:
    """The corrections of a file, in its order.

    Raises RowsError: what `csv_rows` refuses, other columns, an empty id or kana, two corrections of one id.
    """
    rows = csv_rows(path)
    if not rows:
        raise RowsError([f"{path} is empty: its first line must be `id,kana`"])
    (first, header), *said = rows.items()
    if header != COLUMNS:
        raise RowsError([f"{path}, line {first}: the first line must be `id,kana`, not {','.join(header)!r}"])
    found: Corrections = {}
    lines: dict[str, int] = {}
    problems: list[str] = []
    for line, row in said:
        if wrong := _wrong(row):
            problems.append(f"{path}, line {line}: {wrong}")
        elif row[0] in found:
            problems.append(f"{path}: {row[0]} is corrected twice, in line {lines[row[0]]} and in line {line}")
        else:
            found[row[0]] = row[1]
            lines[row[0]] = line
    if problems:
        raise RowsError(problems)
    return found


def _wrong(row: Row) -> str:
    if len(row) != len(COLUMNS):
        columns = "one column" if len(row) == 1 else f"{len(row)} columns"
        return f"`id,kana` is wanted, and {','.join(row)!r} has {columns}"
    return "" if all(row) else f"the {COLUMNS[row.index('')]} is empty"


def digest(corrections: Mapping[str, str]) -> str:
    """sha256 of what some corrections say, whatever the order of the lines, quotes and remarks; "" of none."""
    if not corrections:
        return ""
    return hashlib.sha256(json.dumps(dict(corrections), sort_keys=True, ensure_ascii=False).encode()).hexdigest()
