"""STUDIES: dialogues of a teacher with students, in four emotions (arXiv 2203.14757).

Layout: `<part>/<LDnn>/txt/<dialogue>.txt` with rows `role|emotion|text|katakana`, and
`<part>/<LDnn>/wav/<dialogue>-<Speaker>-Turn-<nn>.wav`, where nn counts the rows of that role in the dialogue from 01.
TextGrids, where there are any, lie in `<part>/<LDnn>/TextGrid/` under the recording's name.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from koeru.corpora.utterance import SAFE_ID, Utterance
from koeru.store import Excluded

PARTS = ("Long_dialogue", "Short_dialogue")
SPEAKERS = {"講師": "Teacher", "男子生徒": "MStudent", "女子生徒": "FStudent"}
EMOTIONS = {"平静": "Normal", "喜び": "Happy", "悲しみ": "Sad", "怒り": "Angry"}


class Turn(NamedTuple):
    """One row of a transcript; `stem` names its recording, `place` says where the row stands."""

    stem: str
    speaker: str
    emotion: str
    text: str
    kana: str
    dialogue: str
    row: int
    place: str


def utterances(root: Path) -> Iterator[Utterance | Excluded | str]:
    """Every utterance of the corpus, every exclusion, and remarks (plain strings) about how files were read.

    Exclusions: a transcript that cannot be decoded, a row that is not understood, a row without text, a row without
    recording, a recording without row.
    """
    for part in PARTS:
        for folder in sorted(p for p in (root / part).glob("*") if p.is_dir()):
            yield from _folder(root, folder)


def _folder(root: Path, folder: Path) -> Iterator[Utterance | Excluded | str]:
    wavs = _files(folder / "wav", ".wav")
    grids = _files(folder / "TextGrid", ".TextGrid")
    claimed: set[str] = set()
    for transcript in sorted((folder / "txt").glob("*.txt")):
        try:
            text, remark = read_transcript(transcript)
        except ValueError as error:
            yield Excluded(transcript.stem, "transcript cannot be read", str(error))
            continue
        if remark:
            yield f"{transcript.relative_to(root)}: {remark}"
        for turn in _turns(transcript, text, where=transcript.relative_to(root)):
            if isinstance(turn, Excluded):
                yield turn
            else:
                claimed.add(turn.stem)
                yield _utterance(root, folder, turn, wavs.get(turn.stem), grids.get(turn.stem))
    for stem in sorted(set(wavs) - claimed):
        path = Path(wavs[stem].path).relative_to(root)
        yield Excluded(stem, "no transcript row", f"{path} is named by no row of a transcript")


def _turns(transcript: Path, text: str, where: Path) -> Iterator[Turn | Excluded]:
    """The rows of a transcript with the names of their recordings, which follow from counting each role's rows."""
    counted: dict[str, int] = {}
    countable = True
    for row, line in enumerate(line for line in text.splitlines() if line.strip()):
        place = f"row {row + 1} of {where}"
        fields = [f.strip() for f in line.split("|")]
        speaker = SPEAKERS.get(fields[0])
        countable = countable and speaker is not None
        if speaker is not None:
            counted[speaker] = counted.get(speaker, 0) + 1
        if countable and len(fields) >= 3 and fields[1] in EMOTIONS:
            stem = f"{transcript.stem}-{speaker}-Turn-{counted[speaker]:02d}"
            kana = fields[3] if len(fields) > 3 else ""
            yield Turn(stem, speaker, EMOTIONS[fields[1]], fields[2], kana, transcript.stem, row, place)
            continue
        detail = f"{place} is not role|emotion|text|katakana: {line!r}"
        if speaker is not None and not countable:
            detail = f"{place} comes after one of an unknown role, so nobody knows which recording is its own"
        yield Excluded(f"{transcript.stem}-row-{row + 1:02d}", "row not understood", detail)


def _utterance(
    root: Path, folder: Path, turn: Turn, wav: os.DirEntry[str] | None, grid: os.DirEntry[str] | None
) -> Utterance | Excluded:
    name = f"{turn.speaker}_{turn.stem}_{turn.emotion}"

    def excluded(reason: str, detail: str) -> Excluded:
        return Excluded(name, reason, detail, speaker=turn.speaker, emotion=turn.emotion)

    if not SAFE_ID.fullmatch(name):
        return excluded("unsafe name", f"{turn.place}: an id may hold only letters, digits, '_', '.' and '-'")
    if wav is None:
        return excluded("no recording", f"{turn.place} has no {(folder / 'wav' / turn.stem).relative_to(root)}.wav")
    if not _inside(root, wav.path):
        return excluded("path leaves the corpus", f"{wav.path} points outside of {root}")
    if not turn.text:
        return excluded("empty text", f"{turn.place} has no text")
    grid = grid if grid is not None and _inside(root, grid.path) else None
    return Utterance(
        id=name,
        speaker=turn.speaker,
        emotion=turn.emotion,
        text=turn.text,
        kana=turn.kana,
        wav=str(Path(wav.path).relative_to(root)),
        dialogue=turn.dialogue,
        turn=turn.row,
        textgrid=str(Path(grid.path).relative_to(root)) if grid else None,
        bytes=wav.stat().st_size,
        mtime_ns=wav.stat().st_mtime_ns,
        textgrid_bytes=grid.stat().st_size if grid else 0,
        textgrid_mtime_ns=grid.stat().st_mtime_ns if grid else 0,
    )


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


def _files(folder: Path, suffix: str) -> dict[str, os.DirEntry[str]]:
    if not folder.is_dir():
        return {}
    return {Path(e.name).stem: e for e in os.scandir(folder) if e.name.endswith(suffix) and e.is_file()}


def _inside(root: Path, path: str) -> bool:
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root))
