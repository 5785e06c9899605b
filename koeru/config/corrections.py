"""Readings that a person has corrected: a CSV file with the columns id and kana, and what is wrong with it in words."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

COLUMNS = ["id", "kana"]
Corrections = dict[str, str]  # utterance -> its reading, in the notation of its language


class CorrectionsError(ValueError):
    """A file of corrections that cannot be used; `problems` holds a sentence for each thing that is wrong."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


def read_corrections(path: str | Path) -> Corrections:
    """The corrections of a file in UTF-8, in its order; a line whose first column begins with # is a remark.

    Raises CorrectionsError: no such file, no UTF-8, no CSV, other columns, an empty id or kana, two corrections of one
    id.
    """
    try:
        text = Path(path).read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CorrectionsError([f"{path} is not UTF-8 ({error}); save it as UTF-8"]) from error
    except OSError as error:
        told = "there is no file" if isinstance(error, FileNotFoundError) else error.strerror
        raise CorrectionsError([f"{path}: {told}; leave the line out where nothing is corrected"]) from error
    rows = csv.reader(text.splitlines(keepends=True), strict=True)
    found: Corrections = {}
    lines: dict[str, int] = {}
    problems: list[str] = []
    header = None
    line = 1
    try:
        for row in rows:
            number, line = line, rows.line_num + 1
            where = f"line {number} of {path}"
            fields = [field.strip() for field in row]
            if not any(fields) or fields[0].startswith("#"):
                continue
            if header is None:
                header = fields
                if fields != COLUMNS:
                    raise CorrectionsError([f"{where}: the first line must be `id,kana`, not {','.join(row)!r}"])
            elif len(fields) != len(COLUMNS):
                problems.append(f"{where} is not `id,kana`: {','.join(row)!r} has {_columns(len(fields))}")
            elif not all(fields):
                problems.append(f"{where}: the {COLUMNS[fields.index('')]} is empty")
            elif fields[0] in found:
                first = lines[fields[0]]
                problems.append(f"{path}: {fields[0]} is corrected twice, in line {first} and in line {number}")
            else:
                found[fields[0]] = fields[1]
                lines[fields[0]] = number
    except csv.Error as error:
        problems.append(
            f"line {line} of {path} is no CSV ({error}); a field that has a quote or a comma stands in quotes"
        )
    if header is None and not problems:
        problems.append(f"{path} is empty: its first line must be `id,kana`")
    if problems:
        raise CorrectionsError(problems)
    return found


def digest(corrections: Mapping[str, str]) -> str:
    """sha256 of what some corrections say, whatever the order of the lines, quotes and remarks; "" of none."""
    if not corrections:
        return ""
    return hashlib.sha256(json.dumps(dict(corrections), sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _columns(count: int) -> str:
    return "one column" if count == 1 else f"{count} columns"
