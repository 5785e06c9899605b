"""What is to be said, as people hand it over: texts, files of one utterance a line, and tables; in little memory."""

from __future__ import annotations

import csv
import re
import sys
import unicodedata
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO, NamedTuple

from koeru.config.nearest import nearest

COLUMNS = ("id", "text", "kana", "speaker", "emotion", "before_emotion")
STANDARD_INPUT = Path("-")
OTHER_ENCODINGS = {"Shift_JIS": "cp932", "EUC-JP": "euc_jp"}
LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
NOT_IN_NAMES = '/\\:*?"<>|'  # on one machine or another
MOST_BYTES = 200  # of an id, so that an ending fits behind it
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)  # which Windows takes for devices


class Line(NamedTuple):
    """One utterance to be said; what is not told is "". `id` names its file, `place` says where it was written.

    `more` has what further columns say that are not empty.
    """

    id: str
    text: str
    kana: str = ""
    speaker: str = ""
    emotion: str = ""
    before_emotion: str = ""
    place: str = ""
    more: Mapping[str, str] = MappingProxyType({})


class Refused(NamedTuple):
    """A line that says nothing that could be spoken, and why, in words."""

    place: str
    reason: str


class TextsError(ValueError):
    """A file of texts that cannot be used at all; the message names it, and its line."""


def numbered(texts: Iterable[str]) -> Iterator[Line]:
    """Texts as they are given, one utterance each, with the ids 0001, 0002, …"""
    for number, text in enumerate(texts, 1):
        yield Line(_numbered(number), text.strip(), place=f"text {number}")


def lines_of(path: Path) -> Iterator[Line]:
    """The lines of a file in UTF-8, or with - of standard input, that are not blank, with the ids 0001, 0002, …

    Raises TextsError.
    """
    number = 0
    for line, text in enumerate(_lines(path), 1):
        if text.strip():
            number += 1
            yield Line(_numbered(number), text.strip(), place=_place(path, line))


def rows_of(path: Path, further: Collection[str] = ()) -> Iterator[Line | Refused]:
    """The rows of a table in UTF-8, or with - of standard input, whose first line names its columns.

    They are those of a `Line`, in any order, of which text or kana must be there, and `further` ones. Where there is a
    tab in the first line tabs part the columns, else commas do. A row without an id is called by its number. Raises
    TextsError for the file, and for columns that nobody knows; a row that cannot be used is among the others, refused.
    """
    header: list[str] = []
    known: dict[str, int] = {}  # ids, as file systems may take them for the same -> line
    number = 0
    for line, row in _records(path):
        place = _place(path, line)
        if not header:
            header = _header(row, place, further)
        else:
            number += 1
            yield _line(dict(zip(header, row, strict=False)), number, place, known, line, len(row) - len(header))
    if not header:
        raise TextsError(f"{_name(path)} is empty: its first line names the columns, such as id,text")


def _records(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The rows of a table that are not blank, with the numbers of the lines on which they begin."""
    lines = _lines(path)
    first = next(lines, "")
    rows = csv.reader(chain([first], lines), delimiter="\t" if "\t" in first else ",", strict=True)
    line = 1
    try:
        for fields in rows:
            row = [field.strip() for field in fields]
            if any(row):
                yield line, row
            line = rows.line_num + 1
    except csv.Error as error:
        what = f"this is no CSV ({error}): a field with a quote or a comma stands in quotes"
        raise TextsError(f"{_place(path, line)}: {what}") from error


def _header(row: list[str], place: str, further: Collection[str]) -> list[str]:
    columns = [*COLUMNS, *further]
    if unknown := [name for name in row if name not in columns]:
        what = f"the first line names the columns, such as id,text, and there is none {unknown[0]!r}"
        raise TextsError(f"{place}: {what}{nearest(unknown[0], columns)}")
    if twice := [name for name in row if row.count(name) > 1]:
        raise TextsError(f"{place}: the column {twice[0]} is there twice")
    if not {"text", "kana"} & {*row}:
        raise TextsError(f"{place}: there is no column text, nor kana: nothing to say")
    return row


def _line(
    told: dict[str, str], number: int, place: str, known: dict[str, int], line: int, too_many: int
) -> Line | Refused:
    own = told.pop("id", "") or _numbered(number)
    if too_many > 0:
        return Refused(
            place, f"it has {too_many} columns more than the first line: a text with a comma stands in quotes"
        )
    if wrong := _wrong_name(own):
        return Refused(place, f"the id {own!r} is no name of a file: {wrong}")
    if (before := known.setdefault(unicodedata.normalize("NFC", own).casefold(), line)) != line:
        return Refused(place, f"line {before} has the id {own} already")
    said = {name: told.pop(name, "") for name in COLUMNS[1:]}
    if not (said["text"] or said["kana"]):
        return Refused(place, "there is no text")
    return Line(own, **said, place=place, more=MappingProxyType({name: value for name, value in told.items() if value}))


def _wrong_name(name: str) -> str:
    """What keeps an id from naming a file on every machine; "" for nothing."""
    if wrong := next((c for c in name if c in NOT_IN_NAMES or unicodedata.category(c)[0] == "C"), ""):
        return f"it holds {wrong!r}"
    if name[0] == ".":
        return "it begins with a dot"
    if name[-1] == ".":
        return "it ends with a dot"
    if RESERVED.fullmatch(name):
        return "Windows has a device of this name"
    if len(name.encode()) > MOST_BYTES:
        return f"it has {len(name.encode())} bytes, and {MOST_BYTES} are allowed"
    return ""


def _lines(path: Path) -> Iterator[str]:
    """The lines of a file with their ends, as an editor counts them."""
    count = 0
    with _opened(path) as file:
        for raw in file:
            try:
                text = raw.decode("utf-8" if count else "utf-8-sig")
            except UnicodeDecodeError as error:
                raise TextsError(f"{_place(path, count + 1)} is not UTF-8{_guess(raw)}: save it as UTF-8") from error
            for line in LINE.finditer(text):
                count += 1
                yield line[0]


def _opened(path: Path) -> AbstractContextManager[BinaryIO]:
    if path == STANDARD_INPUT:
        return nullcontext(sys.stdin.buffer)
    try:
        return path.open("rb")
    except FileNotFoundError as error:
        beside = sorted(other.name for other in path.parent.iterdir()) if path.parent.is_dir() else []
        raise TextsError(f"{path}: there is no such file{nearest(path.name, beside)}") from error
    except OSError as error:
        raise TextsError(f"{path}: {error.strerror}") from error


def _guess(raw: bytes) -> str:
    """What bytes that are no UTF-8 may be, as a part of a sentence."""
    if raw.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return ", but UTF-16"
    likely = [name for name, codec in OTHER_ENCODINGS.items() if _decodes(raw, codec)]
    return f", but perhaps {' or '.join(likely)}" if likely else ""


def _decodes(raw: bytes, codec: str) -> bool:
    try:
        raw.decode(codec)
    except UnicodeDecodeError:
        return False
    return True


def _numbered(number: int) -> str:
    return f"{number:04d}"


def _name(path: Path) -> str:
    return "standard input" if path == STANDARD_INPUT else str(path)


def _place(path: Path, line: int) -> str:
    return f"line {line} of {_name(path)}"
