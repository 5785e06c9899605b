"""Lists of what is said: which file is one, and its rows, whatever stands between the columns."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import PurePosixPath

from koeru.config.nearest import close
from koeru.corpora.delivered import Delivered
from koeru.corpora.endings import LIST, parts
from koeru.corpora.transcripts import lines_of, not_understood, numbered
from koeru.graph.store import Excluded

COLUMNS = ("id", "text", "speaker", "emotion", "dialogue", "turn", "kana")
SEPARATORS = ("|", "\t", ",", ";")
TABLES = (".csv", ".tsv")  # where a tab may stand in quotes, as commas and semicolons may everywhere
NO_LIST = re.compile(r"(README|LICEN[CS]E|NOTICE)", re.IGNORECASE)
LOOKED_AT = 100  # rows of a list without a header, to see what separates them
Fields = tuple[str, list[str]]  # place of a row, and what stands in it


def find(delivered: Delivered) -> str:
    """The path of the list: the only one at the top (READMEs and licences aside), or that named `metadata`.

    Raises ValueError where it is not clear which one is meant.
    """
    found = [file.path for name, file in delivered.directly("", LIST) if not NO_LIST.match(name)]
    found.sort(key=lambda path: (LIST.index(parts(path, LIST)[1].lower()), path))
    named = [path for path in found if PurePosixPath(path).stem == "metadata"]
    if len(chosen := named if len(found) > 1 else found) == 1:
        return chosen[0]
    held = f"holds {', '.join(found)}" if found else f"holds no {', '.join(LIST[:-1])} or {LIST[-1]} file"
    raise ValueError(
        f"corpora.{delivered.name}: which file lists what is said? {delivered.root} {held}; name the list metadata.csv "
        f"(or .tsv, .txt, .list), and keep no other of that name"
    )


def table(text: str, path: str) -> Iterator[tuple[str, dict[str, str]] | Excluded | str]:
    """The rows of a list as (place, what stands in which column), a remark about its columns, and what is no row.

    A list whose first row has the columns id and text, or none but known ones, has a header; any other list has these
    two columns. Raises ValueError where a column is there twice.
    """
    for separator in SEPARATORS:
        if columns := _header(next(_rows(text, path, separator), None), path):
            rows, hint = islice(_rows(text, path, separator), 1, None), ""
            break
    else:
        columns, separator = list(COLUMNS[:2]), _separator(text, path)
        rows = _rows(text, path, separator)
        hint = f"; where there are other columns, the first line names them: {', '.join(COLUMNS)}"
    if unknown := [name for name in columns if name not in COLUMNS]:
        told = ", ".join(_meant(name, columns) for name in unknown)
        yield f"{path}: columns that koeru does not know, and leaves out: {told}"
    if "text" not in columns:
        yield f"{path}: has no column text: only a dataset with labels.times: none can be made of it"
    for item in rows:
        if isinstance(item, Excluded):
            yield item
            continue
        place, fields = item
        if len(fields) != len(columns):
            wanted, found = (separator.join(those) for those in (columns, fields))
            yield not_understood(place, f"{wanted}: {found!r}{hint}")
        else:
            yield place, dict(zip(columns, map(str.strip, fields), strict=True))


def _meant(column: str, columns: list[str]) -> str:
    """An unknown column, and the one that was probably meant, unless that is there as well."""
    likely = close(column, [name for name in COLUMNS if name not in columns])
    return f"{column!r}{f' (did you mean {likely!r}?)' if likely else ''}"


def split(text: str, path: str, separator: str = "|") -> Iterator[Fields]:
    """The rows of a list without quotes that are not blank."""
    for place, line in numbered(text, path):
        yield place, line.split(separator)


def _rows(text: str, path: str, separator: str) -> Iterator[Fields | Excluded]:
    if separator in ",;" or (separator == "\t" and PurePosixPath(path).suffix.lower() in TABLES):
        return _quoted(text, path, separator)
    return split(text, path, separator)


def _header(row: Fields | Excluded | None, path: str) -> list[str]:
    """The names of the columns, if this row is a header; else none."""
    names = [field.strip().lower() for field in row[1]] if isinstance(row, tuple) else []
    if "id" not in names or ("text" not in names and not set(names) <= set(COLUMNS)):
        return []
    if twice := sorted(name for name in COLUMNS if names.count(name) > 1):
        raise ValueError(f"{path} has the column {twice[0]} twice; rename one of them")
    return names


def _separator(text: str, path: str) -> str:
    """What stands between the columns of a list without a header: what cuts most of its first rows in two."""

    def cut(separator: str) -> tuple[int, int]:
        counts = [len(row[1]) for row in islice(_rows(text, path, separator), LOOKED_AT) if isinstance(row, tuple)]
        return counts.count(2), sum(count > 1 for count in counts)

    return max(SEPARATORS, key=cut)


def _quoted(text: str, path: str, separator: str) -> Iterator[Fields | Excluded]:
    """The rows of a table that are not blank; a row may take several lines, and is placed by its first."""
    rows = csv.reader(lines_of(text), delimiter=separator, strict=True)
    while True:
        place = f"line {rows.line_num + 1} of {path}"
        try:
            if any(map(str.strip, fields := next(rows))):
                yield place, fields
        except StopIteration:
            return
        except csv.Error as error:
            yield not_understood(place, f"a row whose quotes are balanced ({error})")
