"""Rows that people write down: a CSV file in UTF-8, and what keeps it from being one in words."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

Row = tuple[str, ...]


class RowsError(ValueError):
    """A file of rows that cannot be used; `problems` holds a sentence for each thing that is wrong."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(self.problems))


def csv_rows(path: str | Path) -> dict[int, Row]:
    """The rows of a file by the numbers of the lines in which they begin, without white space around the fields.

    A row of empty fields is none, and one whose first field begins with # is a remark. Raises RowsError: no such file,
    no UTF-8, no CSV.
    """
    try:
        text = Path(path).read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RowsError([f"{path} is not UTF-8 ({error}): save it as UTF-8"]) from error
    except OSError as error:
        told = "there is no such file" if isinstance(error, FileNotFoundError) else error.strerror
        raise RowsError([f"{path}: {told}; leave the line of the configuration out where there is none"]) from error
    found: dict[int, Row] = {}
    reader, line = csv.reader(text.splitlines(keepends=True), strict=True), 1
    try:
        for fields in reader:
            row = tuple(field.strip() for field in fields)
            if any(row) and not row[0].startswith("#"):
                found[line] = row
            line = reader.line_num + 1
    except csv.Error as error:
        told = f"{path}, line {line}: this is no CSV ({error}): a field that has a quote or a comma stands in quotes"
        raise RowsError([told]) from error
    return found
