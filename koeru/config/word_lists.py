"""Words and how they are read, as people list them: a CSV file, what it says whatever its form, and what is wrong."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

from koeru.config.rows import Row, RowsError, csv_rows

HEADER = ("word", "reading")


def read_rows(path: str | Path) -> dict[int, Row]:
    """The rows of a file by the numbers of their lines: a word, how it is read, and what a language wants besides.

    A first line `word,reading` is a heading. Raises RowsError: what `csv_rows` refuses, fewer than two columns, an
    empty word or reading, or a word that stands there twice with different readings.
    """
    rows = csv_rows(path)
    if rows and rows[first := min(rows)][:2] == HEADER:
        del rows[first]
    told = (f"{path}, line {line}: {what}" for line, row in rows.items() if (what := _wrong(row)))
    if problems := [*told, *_twice(path, rows)]:
        raise RowsError(problems)
    return rows


def _wrong(row: Row) -> str:
    if len(row) < 2:
        return f"a word and its reading are wanted, with a comma between them, and not {row[0]!r} alone"
    if not row[0]:
        return "the word is empty"
    return "the reading is empty" if not row[1] and len(row) == 2 else ""


def _twice(path: str | Path, rows: dict[int, Row]) -> Iterable[str]:
    first: dict[str, int] = {}
    for line, row in rows.items():
        if rows[first.setdefault(row[0], line)] != row:
            yield f"{path}: {row[0]} stands in line {first[row[0]]} and, otherwise, in line {line}: keep one of them"


def digest(rows: Iterable[Row]) -> str:
    """sha256 of what rows say; "" of none. Their order, and what is no row of the file, changes nothing."""
    said = sorted(set(rows))
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest() if said else ""
