"""Any recordings with a list of what is said in them.

The list is the only .csv, .tsv or .txt file at the top (README, LICENSE and NOTICE aside), or the one named `metadata`.
A .csv or .tsv file has a header with the columns id and text, and perhaps speaker, emotion, dialogue, turn and kana;
quoted fields may hold commas, '|' and ends of lines. Else a row is `id|text`, or what a first row with '|' between the
names of those columns says. Without a speaker it is the name that the configuration gives the corpus, without an
emotion it is Normal. The turn before turn n of a dialogue is its turn n - 1, wherever in the list that is, whoever
speaks; where its rows differ in emotion, or it is not there, the emotion before is not known.

Recordings: `<id>.wav` at the top, in `wav/` or in `wavs/`; an id may hold slashes: jvs001/a is `wavs/jvs001/a.wav`, for
instance. A trailing `.wav` of an id is not part of it. The id in koeru is `<speaker>_<id>[_<emotion>]` with '-' for
every slash; the name of the sentence is the id's last part.

Labels come from sets that lie beside the corpus, the preferred one first, and then from the corpus itself:
`TextGrid/<id>.TextGrid` (made by hand, so preferred wherever they lie) or `lab/<id>.lab` (phones or full-context labels
with times). In a set they may lie directly at the top.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import PurePosixPath

from koeru.corpora.delivered import Below, Delivered
from koeru.corpora.selection import Selection
from koeru.corpora.transcripts import Found, Row, content, join, lines_of, not_understood, numbered
from koeru.corpora.utterance import File
from koeru.graph.store import Excluded

LICENCE = ""
NORMAL = "Normal"
COLUMNS = ("id", "text", "speaker", "emotion", "dialogue", "turn", "kana")
SEPARATORS = {".csv": ",", ".tsv": "\t"}
WAVS = ("", "wav/", "wavs/")
NO_LIST = re.compile(r"(README|LICEN[CS]E|NOTICE)", re.IGNORECASE)
Fields = tuple[str, list[str]]  # place of a row, and what stands in it


def utterances(delivered: Delivered, selection: Selection) -> Iterator[Found]:
    """Every utterance of the list; the corpus is one subset, "".

    Refused: a row that has not the fields of the others, or a turn that is no number; an id that leads out of the
    folder; and what `transcripts.join` refuses. Raises ValueError if it is not clear which file is the list, or if it
    has a column twice.
    """
    if not selection.takes_subset(""):
        return
    recordings = Below(delivered, ".wav")
    yield from join(_rows(delivered, _list(delivered), recordings), delivered, "", recordings)


def _list(delivered: Delivered) -> str:
    """The path of the list."""
    found = [
        file.path
        for suffix in (*SEPARATORS, ".txt")
        for name, file in delivered.files("", suffix).items()
        if not NO_LIST.match(name)
    ]
    named = [path for path in found if PurePosixPath(path).stem == "metadata"]
    if len(chosen := named if len(found) > 1 else found) == 1:
        return chosen[0]
    held = f"holds {', '.join(found)}" if found else "holds no .csv, .tsv or .txt file"
    raise ValueError(
        f"corpora.{delivered.name}: which file lists what is said? {delivered.root} {held}; name the list metadata.csv "
        f"(or .tsv, .txt), and keep no other of that name"
    )


def _rows(delivered: Delivered, path: str, recordings: Mapping[str, File]) -> Iterator[Row | Excluded | str]:
    alignments = _alignments(delivered)
    there = delivered.subfolders()
    home = next((f"{name}/" for name in ("wavs", "wav") if name in there), "")  # where to look for what is missing
    text, remark = content(delivered, path)
    if remark:
        yield remark
    turns = _emotions(_table(text, path))
    if unclear := [f"turn {turn} of {dialogue!r}" for (dialogue, turn), emotion in turns.items() if not emotion]:
        which = f"{unclear[0]}{f' and {len(unclear) - 1} more' if len(unclear) > 1 else ''}"
        yield f"{path}: rows of one turn differ in emotion, so none is known before the next turn: {which}"
    for item in _table(text, path):
        if isinstance(item, Excluded | str):
            yield item
            continue
        place, said = item
        name = said["id"].removesuffix(".wav")
        parts = name.split("/")
        speaker, emotion = said.get("speaker") or delivered.name, said.get("emotion", "")
        turn, dialogue = said.get("turn") or "0", said.get("dialogue", "")
        if not {"", ".", ".."}.isdisjoint(parts):
            detail = f"{place}: the id {name!r} leads out of {delivered.root}, or is no path"
            yield Excluded(f"{speaker}_{name}", "unsafe name", detail, None, speaker, emotion or NORMAL)
        elif not turn.isdecimal():
            yield not_understood(place, f"a row whose turn is a number from 0: {turn!r}")
        else:
            yield Row(
                id="_".join(filter(None, (speaker, "-".join(parts), emotion))),
                name=parts[-1],
                speaker=speaker,
                emotion=emotion or NORMAL,
                text=said["text"],
                dialogue=dialogue,
                turn=int(turn),
                before_emotion=turns.get((dialogue, int(turn) - 1), ""),
                kana=said.get("kana", ""),
                alignment=next(filter(None, (files.get(name) for files in alignments)), None),
                recording=next((where + name for where in WAVS if where + name in recordings), home + name),
                place=place,
            )


def _emotions(rows: Iterable[tuple[str, dict[str, str]] | Excluded | str]) -> dict[tuple[str, int], str]:
    """The emotion of every turn (dialogue, number) of a list; "" where its rows have several."""
    found: dict[tuple[str, int], str] = {}
    for _, said in (item for item in rows if isinstance(item, tuple)):
        dialogue, turn, emotion = (said.get(name, "") for name in ("dialogue", "turn", "emotion"))
        if dialogue and turn.isdecimal():
            emotion = emotion or NORMAL
            if found.setdefault((dialogue, int(turn)), emotion) != emotion:
                found[dialogue, int(turn)] = ""
    return found


def _table(text: str, path: str) -> Iterator[tuple[str, dict[str, str]] | Excluded | str]:
    """The rows of a list as (place, what stands in which column), a remark about its columns, and what is no row."""
    separator, hint = SEPARATORS.get(PurePosixPath(path).suffix, ""), ""
    rows = _quoted(text, path, separator) if separator else _split(text, path)
    header = _header(next(rows, None), path)
    if not header:
        hint = " (a list with commas or tabs needs a first line with the columns id and text)" if separator else ""
        separator = ""
        header = _header(next(_split(text, path), None), path)
        rows = islice(_split(text, path), 1 if header else 0, None)
    columns = header or ["id", "text"]
    if unknown := [name for name in columns if name not in COLUMNS]:
        yield f"{path}: columns that koeru does not know, and leaves out: {', '.join(map(repr, unknown))}"
    for item in rows:
        if isinstance(item, Excluded):
            yield item
            continue
        place, fields = item
        if len(fields) != len(columns):
            wanted, found = ((separator or "|").join(parts) for parts in (columns, fields))
            yield not_understood(place, f"{wanted}{hint}: {found!r}")
        else:
            yield place, dict(zip(columns, map(str.strip, fields), strict=True))


def _header(row: Fields | Excluded | None, path: str) -> list[str]:
    """The names of the columns, if this row is a header; else none."""
    names = [field.strip().lower() for field in row[1]] if isinstance(row, tuple) else []
    if not {"id", "text"} <= set(names):
        return []
    if twice := sorted(name for name in COLUMNS if names.count(name) > 1):
        raise ValueError(f"{path} has the column {twice[0]} twice; rename one of them")
    return names


def _split(text: str, path: str) -> Iterator[Fields]:
    """The rows of a list with '|' between its columns."""
    for place, line in numbered(text, path):
        yield place, line.split("|")


def _quoted(text: str, path: str, separator: str) -> Iterator[Fields | Excluded]:
    """The rows of a .csv or .tsv file that are not blank; a row may take several lines, and is placed by its first."""
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


def _alignments(delivered: Delivered) -> list[Below]:
    """Where the files lie that tell the times of the recordings, the preferred place first: TextGrids before .lab."""
    return [
        Below(delivered, f".{kind}", inside, name)
        for kind in ("TextGrid", "lab")
        for name in (*delivered.labels, "")
        for inside in ((kind, "") if name else (kind,))
        if (delivered.folder(name) / inside).is_dir()
    ]
