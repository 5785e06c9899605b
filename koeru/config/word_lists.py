"""Words and how they are read, as people list them: a CSV file, what it says whatever its form, and what is wrong."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

HEADER = ("word", "reading")
Row = tuple[str, ...]  # a word, how it is read, and what a language wants to know besides


class WordListError(ValueError):
    """A list of words that cannot be used; `problems` holds a sentence for each thing that is wrong."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(self.problems))


def read_rows(path: str | Path) -> dict[int, Row]:
    """The rows of a file in UTF-8 by the numbers of their lines.

    A first line `word,reading` is a heading, and lines that begin with # are remarks. Raises WordListError: no such
    file, no UTF-8, no CSV, fewer than two columns, an empty word, or one that stands there twice with different
    readings.
    """
    try:
        text = Path(path).read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise WordListError([f"{path} is not UTF-8 ({error}): save it as UTF-8"]) from error
    except OSError as error:
        told = "there is no such file" if isinstance(error, FileNotFoundError) else error.strerror
        raise WordListError([f"{path}: {told}; leave the line out where there is none"]) from error
    found: dict[int, Row] = {}
    problems: list[str] = []
    reader, line = csv.reader(text.splitlines(keepends=True), strict=True), 0
    try:
        for fields in reader:
            line, row = reader.line_num, tuple(field.strip() for field in fields)
            if any(row) and not row[0].startswith("#") and not (not found and row[:2] == HEADER):
                found[line] = row
    except csv.Error as error:
        problems.append(f"{path}, line {line + 1}: this is no CSV ({error}): a field with a quote stands in quotes")
    told = (f"{path}, line {line}: {what}" for line, row in found.items() if (what := _wrong(row)))
    problems += [*told, *_twice(path, found)]
    if problems:
        raise WordListError(problems)
    return found


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
