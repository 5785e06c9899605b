"""STUDIES: dialogues of a teacher with students, in four emotions (arXiv 2203.14757).

Layout: `<part>/<LDnn>/txt/<dialogue>.txt` with rows `role|emotion|text|katakana`, and
`<part>/<LDnn>/wav/<dialogue>-<Speaker>-Turn-<nn>.wav`, where nn counts the rows of that role in the dialogue from 01.
TextGrids, where there are any, lie in `<part>/<LDnn>/TextGrid/` under the recording's name.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from koeru.corpora.utterance import SAFE_ID, Utterance
from koeru.store import Excluded

PARTS = ("Long_dialogue", "Short_dialogue")
SPEAKERS = {"講師": "Teacher", "男子生徒": "MStudent", "女子生徒": "FStudent"}
EMOTIONS = {"平静": "Normal", "喜び": "Happy", "悲しみ": "Sad", "怒り": "Angry"}


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
        turns: dict[str, int] = {}
        for row, line in enumerate(line for line in text.splitlines() if line.strip()):
            fields = [f.strip() for f in line.split("|")]
            speaker = SPEAKERS.get(fields[0])
            if speaker is not None:  # counted even if the rest is not understood: later turns keep their recordings
                turns[speaker] = turns.get(speaker, 0) + 1
            if len(fields) < 3 or speaker is None or fields[1] not in EMOTIONS:
                detail = f"row {row + 1} of {transcript.relative_to(root)} is not role|emotion|text|katakana: {line!r}"
                yield Excluded(f"{transcript.stem}-row-{row + 1:02d}", "row not understood", detail)
                continue
            emotion = EMOTIONS[fields[1]]
            stem = f"{transcript.stem}-{speaker}-Turn-{turns[speaker]:02d}"
            claimed.add(stem)
            name = f"{speaker}_{stem}_{emotion}"
            wav = wavs.get(stem)
            where = f"row {row + 1} of {transcript.relative_to(root)}"
            if not SAFE_ID.fullmatch(name):
                detail = f"{where}: an id may hold only letters, digits, '_', '.' and '-'"
                yield Excluded(name, "unsafe name", detail, speaker=speaker, emotion=emotion)
            elif wav is None:
                expected = (folder / "wav" / f"{stem}.wav").relative_to(root)
                detail = f"{where} has no {expected}"
                yield Excluded(name, "no recording", detail, speaker=speaker, emotion=emotion)
            elif not _inside(root, wav.path):
                detail = f"{wav.path} points outside of {root}"
                yield Excluded(name, "path leaves the corpus", detail, speaker=speaker, emotion=emotion)
            elif not fields[2]:
                yield Excluded(name, "empty text", f"{where} has no text", speaker=speaker, emotion=emotion)
            else:
                size = wav.stat()
                grid = grids.get(stem)
                grid = grid if grid is not None and _inside(root, grid.path) else None
                yield Utterance(
                    id=name,
                    speaker=speaker,
                    emotion=emotion,
                    text=fields[2],
                    kana=fields[3] if len(fields) > 3 else "",
                    wav=str(Path(wav.path).relative_to(root)),
                    dialogue=transcript.stem,
                    turn=row,
                    textgrid=str(Path(grid.path).relative_to(root)) if grid else None,
                    bytes=size.st_size,
                    mtime_ns=size.st_mtime_ns,
                    textgrid_bytes=grid.stat().st_size if grid else 0,
                    textgrid_mtime_ns=grid.stat().st_mtime_ns if grid else 0,
                )
    for stem in sorted(set(wavs) - claimed):
        path = Path(wavs[stem].path).relative_to(root)
        yield Excluded(stem, "no transcript row", f"{path} is named by no row of a transcript")


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
