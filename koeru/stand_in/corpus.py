"""Writes the stand-in corpus: the same arguments give the same bytes, with any number of workers."""

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from koeru.stand_in.faults import FAULTS
from koeru.stand_in.files import DialogueFiles, write_text
from koeru.stand_in.script import Dialogue, plan

DIALOGUES_PER_GROUP = 5
README = """\
Stand-in corpus of koeru: Japanese dialogues between a teacher and a student, in the layout of STUDIES.
Every sound in it is synthetic; no person is speaking.

The speech was synthesised with the HTS voice "Mei" of the MMDAgent project (http://www.mmdagent.jp/),
Copyright (c) 2009-2013 Nagoya Institute of Technology, Department of Computer Science,
licensed under Creative Commons Attribution 3.0 (https://creativecommons.org/licenses/by/3.0/),
and changed in rate, pitch and level for three speakers and four emotions.
"""


class Written(NamedTuple):
    """One utterance on disk."""

    speaker: str
    emotion: str
    seconds: float
    guarded: bool


def write_corpus(
    folder: Path,
    *,
    minutes: float | None = None,
    seed: int = 0,
    faults: Sequence[str] = (),
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> dict:
    """Writes the corpus into `folder`, which appears only when it is complete; returns counts and seconds.

    `minutes` and `seed` as in `script.plan`; `faults`: names in `faults.FAULTS`, each of which adds its own
    dialogue; `progress(done, total)` counts good utterances. The result counts the good utterances too, and
    as "guarded" those that were made softer than the rest of their voice.
    More than one of `workers` are spawned: then the caller's main module must be guarded as usual.
    FileExistsError when `folder` has something in it, ValueError for a fault that does not exist.
    """
    folder = Path(folder)
    if folder.exists() and any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty; give another folder, or remove it")
    if unknown := sorted(set(faults) - set(FAULTS)):
        raise ValueError(f"faults: no such fault {', '.join(unknown)}; known are {', '.join(FAULTS)}")

    dialogues = plan(minutes, seed)
    part = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    part.mkdir(parents=True)
    try:
        done: list[Written] = []
        for utterances in _write_all(part, dialogues, workers):
            done.extend(utterances)
            if progress is not None:
                progress(len(done), sum(map(len, dialogues)))
        for name in sorted(set(faults), key=list(FAULTS).index):
            FAULTS[name].plant(part)
        write_text(part / "README.txt", README)
        part.rename(folder)
    except BaseException:
        shutil.rmtree(part)
        raise
    return {
        "dialogues": len(dialogues),
        "utterances": len(done),
        "seconds": sum(one.seconds for one in done),
        "guarded": sum(one.guarded for one in done),
        "speakers": _count((one.speaker, one.seconds) for one in done),
        "emotions": _count((one.emotion, one.seconds) for one in done),
        "faults": {name: FAULTS[name].utterance for name in FAULTS if name in faults},
    }


def _write_all(root: Path, dialogues: Sequence[Dialogue], workers: int) -> Iterator[list[Written]]:
    files = [
        DialogueFiles(root, f"LD{index // DIALOGUES_PER_GROUP + 1:02d}", index % DIALOGUES_PER_GROUP + 1)
        for index in range(len(dialogues))
    ]
    if workers == 1:
        yield from map(_write_one, files, dialogues)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield from pool.map(_write_one, files, dialogues)


def _write_one(files: DialogueFiles, rows: Dialogue) -> list[Written]:
    return [
        Written(row.speaker, row.emotion, speech.seconds, speech.guarded)
        for row, speech in zip(rows, files.write(rows), strict=True)
    ]


def _count(pairs: Iterable[tuple[str, float]]) -> dict[str, dict[str, float]]:
    counts: dict[str, dict[str, float]] = {}
    for name, seconds in pairs:
        count = counts.setdefault(name, {"utterances": 0, "seconds": 0.0})
        count["utterances"] += 1
        count["seconds"] += seconds
    return counts
