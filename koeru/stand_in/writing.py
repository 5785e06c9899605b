"""How stand-in corpora are written: they appear whole or not at all, with any number of workers."""

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple, TypeVar

from koeru.stand_in.voice import Speech

Item, Result = TypeVar("Item"), TypeVar("Result")
ATTRIBUTION = """\
Every sound in it is synthetic; no person is speaking.

The speech was synthesised with the HTS voice "Mei" of the MMDAgent project (http://www.mmdagent.jp/),
Copyright (c) 2009-2013 Nagoya Institute of Technology, Department of Computer Science,
licensed under Creative Commons Attribution 3.0 (https://creativecommons.org/licenses/by/3.0/),
"""


class Written(NamedTuple):
    """One utterance on disk."""

    speaker: str
    emotion: str
    seconds: float
    guarded: bool

    @classmethod
    def of(cls, speech: Speech, speaker: str, emotion: str) -> "Written":
        return cls(speaker, emotion, speech.seconds, speech.guarded)


@contextmanager
def appearing(folder: Path) -> Iterator[Path]:
    """A folder to write into, which becomes `folder` when all went well, and else is removed.

    FileExistsError when `folder` has something in it.
    """
    if folder.exists() and any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty; give another folder, or remove it")
    part = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    part.mkdir(parents=True)
    try:
        yield part
        part.rename(folder)
    except BaseException:
        shutil.rmtree(part)
        raise


def in_turn(function: Callable[[Item], Result], items: Sequence[Item], workers: int) -> Iterator[Result]:
    """What the function gives of every item, in their order.

    More than one of `workers` are spawned: then the caller's main module must be guarded as usual.
    """
    if workers == 1:
        yield from map(function, items)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield from pool.map(function, items)


def counted(done: Iterable[Written]) -> dict:
    """Utterances and seconds, in all and by speaker and emotion, and how many were made softer than their voice."""
    done = list(done)
    return {
        "utterances": len(done),
        "seconds": sum(one.seconds for one in done),
        "guarded": sum(one.guarded for one in done),
        "speakers": _count((one.speaker, one.seconds) for one in done),
        "emotions": _count((one.emotion, one.seconds) for one in done),
    }


def _count(pairs: Iterable[tuple[str, float]]) -> dict[str, dict[str, float]]:
    counts: dict[str, dict[str, float]] = {}
    for name, seconds in pairs:
        count = counts.setdefault(name, {"utterances": 0, "seconds": 0.0})
        count["utterances"] += 1
        count["seconds"] += seconds
    return counts
