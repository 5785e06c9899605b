"""A corpus that is a list and recordings: which file a name in the list means, and which labels belong to it.

People write the names of recordings in many ways: a, a.wav, wavs/a.wav, ./a.wav, sub/a, /home/me/voice/wavs/a.wav,
C:\\voice\\wavs\\a.wav. Folders that all names of a list begin with may be those of another machine, and may lack here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile
from typing import Any

from koeru.corpora.delivered import Below, Delivered
from koeru.corpora.endings import PLACE, RECORDING, parts
from koeru.corpora.transcripts import Row
from koeru.corpora.utterance import File
from koeru.graph.store import Excluded

NORMAL = "Normal"
HOMES = ("", "wav/", "wavs/", "raw/")  # where recordings lie, the first place that has one
ELSEWHERE = re.compile(r"~?/+|[A-Za-z]:/+")  # how a path begins that does not count from the corpus


@dataclass(frozen=True)
class Name:
    """A recording as koeru calls it (`sub/a`), and where it lies in the corpus, without the ending (`wavs/sub/a`)."""

    name: str
    recording: str


@dataclass(frozen=True)
class Listed:
    """The recordings of a corpus; `common` are the folders that all names of the list begin with."""

    delivered: Delivered
    common: tuple[str, ...]

    @classmethod
    def of(cls, delivered: Delivered, written: Iterable[str]) -> Listed:
        """The recordings as a list has `written` them, all of it; it may be of any length."""
        common: list[str] | None = None
        for path in written:
            if (found := _path(path)) is not None:
                folders = found[1][:-1]
                common = folders if common is None else _shared(common, folders)
        return cls(delivered, tuple(common or ()))

    def row(
        self, place: str, written: str, text: str | None, *, speaker: str = "", emotion: str = "", **more: Any
    ) -> Row | Excluded:
        """A row of the list, or its exclusion where what it calls the recording is no path within the corpus.

        Without a speaker it is the name that the configuration gives the corpus; without an emotion it is Normal. The
        `text` is None in a list that tells none.
        """
        speaker = speaker or self.delivered.name
        found = self._name(written)
        if found is None:
            detail = f"{place}: the id {written!r} leads out of {self.delivered.root}, or is no path"
            return Excluded(f"{speaker}_{written}", "unsafe name", detail, None, speaker, emotion or NORMAL)
        return Row(
            id="_".join(filter(None, (speaker, found.name.replace("/", "-"), emotion))),
            name=found.name.rpartition("/")[2],
            speaker=speaker,
            emotion=emotion or NORMAL,
            text=text or "",
            needs_text=text is not None,
            alignment=self._alignment(found),
            recording=found.recording,
            place=place,
            **more,
        )

    def _name(self, written: str) -> Name | None:
        """What a name in the list means; None where it is no path within the corpus."""
        if (found := _path(written)) is None:
            return None
        elsewhere, folders = found
        for n_left_out in range(len(self.common) + 1):
            path = "/".join(folders[n_left_out:])
            for home in HOMES:
                if home + path in self._recordings:
                    return Name(_without_home(path) if not home else path, home + path)
        path = _without_home("/".join(folders[len(self.common) if elsewhere else 0 :]))
        return Name(path, self._home + path)

    @cached_property
    def _recordings(self) -> Below:
        return Below(self.delivered, RECORDING)

    @cached_property
    def _home(self) -> str:
        """Where to look for what is missing."""
        there = self.delivered.subfolders()
        return next((home for home in ("wavs/", "wav/", "raw/") if home[:-1] in there), "")

    def _alignment(self, found: Name) -> File | None:
        """The file that tells the times of a recording, from the preferred place."""
        names = dict.fromkeys((found.name, found.recording))
        return next(filter(None, (files.get(name) for files in self._alignments for name in names)), None)

    @cached_property
    def _alignments(self) -> list[Below]:
        """Where such files lie: in sets, in the corpus, and beside the recordings."""
        return [
            Below(self.delivered, kind, inside, name)
            for kind, name in self.delivered.timed()
            for inside in (PLACE[kind], "")
            if (self.delivered.folder(name) / inside).is_dir()
        ]


def _path(written: str) -> tuple[bool, list[str]] | None:
    """Whether a path counts from elsewhere, and its parts without the ending; None where it is none, or leads out."""
    path = written.strip().replace("\\", "/").removeprefix("./")
    if elsewhere := ELSEWHERE.match(path):
        path = path[elsewhere.end() :]
    found = parts(path, RECORDING)[0].split("/")
    return (elsewhere is not None, found) if {"", ".", ".."}.isdisjoint(found) else None


def _without_home(path: str) -> str:
    """A path without the folder of recordings that it begins with, if it does."""
    return next((path.removeprefix(home) for home in HOMES if home and path.startswith(home)), path)


def _shared(ours: list[str], theirs: list[str]) -> list[str]:
    """What both lists begin with."""
    return [own for own, _ in takewhile(lambda pair: pair[0] == pair[1], zip(ours, theirs, strict=False))]
