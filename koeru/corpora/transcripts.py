"""Transcripts: decoding them, splitting them into rows, and joining rows with recordings.

Every adapter says what a row of its transcripts means; what can be wrong with a row is the same everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from koeru.corpora.delivered import Delivered, stays_inside
from koeru.corpora.utterance import SAFE_ID, SAID, File, Said, Utterance
from koeru.store import Excluded

Found = Utterance | Excluded | str  # what an adapter gives; a string is a remark about how a file was read


@dataclass(frozen=True, kw_only=True, slots=True)
class Row(Said):
    """What a transcript says of one utterance. `recording` names its wav without the suffix.

    `place` says where the row stands, such as "line 3 of basic5000/transcript_utf8.txt".
    """

    recording: str
    place: str


def read_transcript(path: Path) -> tuple[str, str]:
    """The text of a transcript and a remark if it was not plain UTF-8. Raises ValueError if it cannot be decoded."""
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8-sig"), ""
    except UnicodeDecodeError:
        pass
    try:
        return raw.decode("cp932"), "is not UTF-8; read as Shift_JIS"
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is neither UTF-8 nor Shift_JIS ({error}); save it as UTF-8") from error


def lines(delivered: Delivered, path: str) -> Iterator[tuple[str, str] | Excluded | str]:
    """The lines of a transcript that are not blank, as (place, line); a remark first if it was not plain UTF-8.

    `path` is relative to the corpus. A transcript that is not there or cannot be decoded is one exclusion, named by it.
    """
    file = delivered.root / path
    if not file.is_file() or not stays_inside(delivered.root, file):
        yield Excluded(path, "no transcript", f"there is no {path} in {delivered.root}")
        return
    try:
        text, remark = read_transcript(file)
    except ValueError as error:
        yield Excluded(path, "transcript cannot be read", str(error))
        return
    if remark:
        yield f"{path}: {remark}"
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            yield f"line {number} of {path}", line.strip()


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


def join(rows: Iterable[Row | Excluded | str], delivered: Delivered, inside: str) -> Iterator[Found]:
    """The utterances of the rows whose recordings (wavs inside a subfolder) are there, and an account of all else.

    Exclusions: an unsafe name, a row without recording, a recording that a link leads out of the corpus, a row without
    text, an excerpt of no length, a recording that no row names. Several rows may be excerpts of one recording.
    """
    recordings = delivered.files(inside, ".wav")
    claimed: set[str] = set()
    for row in rows:
        if not isinstance(row, Row):
            yield row
            continue
        claimed.add(row.recording)
        yield _joined(row, recordings.get(row.recording), delivered, inside)
    for name in recordings:
        if name not in claimed:
            path = recordings[name].path
            yield Excluded(path, "no transcript row", f"{path} is named by no row of a transcript")


def _joined(row: Row, recording: File | None, delivered: Delivered, inside: str) -> Utterance | Excluded:
    def excluded(reason: str, detail: str) -> Excluded:
        return Excluded(row.id, reason, detail, speaker=row.speaker, emotion=row.emotion)

    if not SAFE_ID.fullmatch(row.id):
        allowed = "an id may hold only letters, digits, '_', '.' and '-'"
        return excluded("unsafe name", f"{row.place}: {allowed}, this is {row.id!r}")
    if recording is None:
        path = f"{inside}/{row.recording}.wav"
        if (delivered.root / path).is_symlink() and (delivered.root / path).is_file():
            return excluded("path leaves the corpus", f"{path} is a link that leads out of {delivered.root}")
        return excluded("no recording", f"{row.place} has no {path}")
    if not row.text:
        return excluded("empty text", f"{row.place} has no text")
    if row.begin is not None and not 0 <= row.begin < (row.end or 0.0):
        return excluded("times not understood", f"{row.place}: {row.begin} to {row.end} s is no excerpt")
    return Utterance(wav=recording, **{name: getattr(row, name) for name in SAID})
