"""Transcripts: decoding them, splitting them into rows, and joining rows with recordings.

Every adapter says what a row of its transcripts means; what can be wrong with a row is the same everywhere.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from math import inf
from pathlib import Path

from koeru.corpora.delivered import Below, Delivered, stays_inside
from koeru.corpora.endings import RECORDING, parts
from koeru.corpora.utterance import SAFE_ID, SAID, Said, Utterance
from koeru.graph.store import Excluded

Found = Utterance | Excluded | str  # what an adapter gives; a string is a remark about how a file was read
LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
OTHER_ENCODINGS = {"Shift_JIS": "cp932", "EUC-JP": "euc_jp"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Row(Said):
    """What a transcript says of one utterance. `recording` names its file without the ending.

    `place` says where the row stands, such as "line 3 of basic5000/transcript_utf8.txt". An empty text is a fault,
    unless no text is needed, as the transcript tells none.
    """

    recording: str
    place: str
    needs_text: bool = True


def read_transcript(path: str | Path) -> tuple[str, str]:
    """The text of a transcript and a remark if it was not UTF-8. Raises ValueError if nobody knows how to decode it."""
    with open(path, "rb", buffering=0) as file:
        raw = file.read()
    try:
        return raw.decode("utf-8-sig"), ""
    except UnicodeDecodeError as error:
        others = OTHER_ENCODINGS if raw[:2] not in (BOM_UTF16_LE, BOM_UTF16_BE) else {"UTF-16": "utf-16"}
        read = {name: text for name, codec in others.items() if (text := _decoded(raw, codec)) is not None}
        if len(read) != 1:  # a text of few kinds of letters may be both
            what = f"either {' or '.join(read)}" if read else f"neither UTF-8 nor {' nor '.join(others)}"
            raise ValueError(f"{path} is {what} ({error}); save it as UTF-8") from error
    ((name, text),) = read.items()
    return text, f"is not UTF-8; read as {name}"


def content(delivered: Delivered, path: str) -> tuple[str, Excluded | str]:
    """The text of a transcript and what is to be said of it: a remark if it was not UTF-8, "" if nothing.

    `path` is relative to the corpus. A transcript that is not there, that a link leads out of the corpus, or that
    cannot be decoded has no text; it is excluded under its path.
    """
    file = delivered.root / path
    if not file.is_file():
        return "", Excluded(path, "no transcript", f"there is no {path} in {delivered.root}")
    if not stays_inside(delivered.root, file):
        return "", Excluded(path, "path leaves the corpus", f"{path} is a link that leads out of {delivered.root}")
    try:
        text, remark = read_transcript(file)
    except ValueError as error:
        return "", Excluded(path, "transcript cannot be read", str(error))
    return text, remark and f"{path}: {remark}"


def lines(delivered: Delivered, path: str) -> Iterator[tuple[str, str] | Excluded | str]:
    """The lines of a transcript that are not blank, as (place, line), after what `content` says of it."""
    text, said = content(delivered, path)
    if said:
        yield said
    yield from numbered(text, path)


def numbered(text: str, path: str) -> Iterator[tuple[str, str]]:
    """The lines of a text that are not blank, as (place, line); lines end and count as in an editor."""
    for number, line in enumerate(lines_of(text), 1):
        if line.strip():
            yield f"line {number} of {path}", line.strip()


def lines_of(text: str) -> Iterator[str]:
    """The lines of a text with their ends, one at a time (`splitlines` takes other characters for ends as well)."""
    return (line[0] for line in LINE.finditer(text))


def named_rows(delivered: Delivered, path: str) -> Iterator[tuple[str, str, str] | Excluded | str]:
    """The rows `name:text` of a transcript as (place, name, text), split at the first colon only."""
    for item in lines(delivered, path):
        if isinstance(item, Excluded | str):
            yield item
            continue
        place, line = item
        name, colon, text = line.partition(":")
        if colon:
            yield place, name.strip(), text.strip()
        else:
            yield not_understood(place, f"name:text: {line!r}")


def not_understood(place: str, wanted: str) -> Excluded:
    """The exclusion of a row that is not of the form that is wanted."""
    return Excluded(place.replace(" ", "-"), "row not understood", f"{place} is not {wanted}")


def join(
    rows: Iterable[Row | Excluded | str],
    delivered: Delivered,
    inside: str,
    *,
    any_depth: bool = False,
    unwanted: Callable[[str], bool] = lambda name: False,
) -> Iterator[Found]:
    """The utterances of the rows whose recordings are there, and an account of all else.

    Recordings are by what rows call them: their path below the subfolder `inside` without the ending. They lie directly
    in it, or at any depth; those that are `unwanted` need no row.

    Exclusions: an unsafe name, a row without recording, a recording that a link leads out of the corpus, a row without
    text, an excerpt of no length, a recording that no row names. Several rows may be excerpts of one recording.
    Remarked: recordings that are there a second time, in another form.
    """
    recordings = Below(delivered, RECORDING, inside, any_depth=any_depth)
    claimed: dict[str, str] = {}  # name -> the ending of the one that is taken
    for row in rows:
        if not isinstance(row, Row):
            yield row
            continue
        found = _joined(row, recordings)
        claimed[row.recording] = parts(found.wav.path, RECORDING)[1] if isinstance(found, Utterance) else ""
        yield found
    left, again = [], []
    for name, file in recordings.all():
        taken = claimed.get(name)
        if taken is None and not unwanted(name):
            left.append(file.path)
        elif taken and not file.path.endswith(taken):
            again.append((file.path, taken))
    for path in sorted(left):
        yield Excluded(path, "no transcript row", f"{path} is named by no row of a transcript")
    if again:
        path, taken = min(again)
        more = f" (and so with {len(again) - 1} more)" if len(again) > 1 else ""
        yield f"{path} is there as {taken} as well, and that is taken{more}"


def attributed(found: Iterable[Found], speaker: str | Callable[[str], str], emotion: str) -> Iterator[Found]:
    """The same, where exclusions that do not say whom they are about are about this speaker and emotion.

    The speaker may be what tells one by the id of the exclusion, which of a recording without a row is its path; "" is
    nobody.
    """
    for item in found:
        if isinstance(item, Excluded):
            told = item.speaker or (speaker if isinstance(speaker, str) else speaker(item.id))
            yield replace(item, speaker=told, emotion=item.emotion or emotion)
        else:
            yield item


def _joined(row: Row, recordings: Below) -> Utterance | Excluded:
    def excluded(reason: str, detail: str) -> Excluded:
        return Excluded(row.id, reason, detail, speaker=row.speaker, emotion=row.emotion)

    if not SAFE_ID.fullmatch(row.id):
        allowed = "an id may hold only letters a to z, digits, '_', '.' and '-', at most 200 of them"
        return excluded("unsafe name", f"{row.place}: {allowed}, this is {row.id!r}")
    path = f"{recordings.inside}/{row.recording}.wav" if recordings.inside else f"{row.recording}.wav"
    try:
        recording = recordings.get(row.recording)
    except ValueError:
        root = recordings.delivered.root
        return excluded("path leaves the corpus", f"{row.place}: {path} is a link that leads out of {root}")
    if recording is None:
        there = recordings.delivered.alike(path)
        beside = f"; there is {', '.join(there)} (a recording ends in {', '.join(RECORDING)})" if there else ""
        return excluded("no recording", f"{row.place} has no {path}{beside}")
    if row.needs_text and not row.text:
        return excluded("empty text", f"{row.place} has no text")
    if row.begin is not None and not 0 <= row.begin < (row.end or 0.0) < inf:
        return excluded("times not understood", f"{row.place}: {row.begin} to {row.end} s is no excerpt")
    return Utterance(wav=recording, **{name: getattr(row, name) for name in SAID})


def _decoded(raw: bytes, codec: str) -> str | None:
    try:
        return raw.decode(codec)
    except UnicodeDecodeError:
        return None
