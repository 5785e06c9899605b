"""Corpora of several speakers that come as the sets train, dev and test, with one transcript of all.

Layout: `<inside>/<set>/<speaker>/<id>.wav`, and a transcript with rows `id word word …`, where an id names its speaker.
Spaces between words are taken out. Files with times: `koeru.corpora.beside`. Within, the recordings of a speaker come
as an archive, which has to be unpacked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from koeru.corpora.beside import Beside
from koeru.corpora.delivered import Below, Delivered
from koeru.corpora.endings import RECORDING
from koeru.corpora.listed import NORMAL
from koeru.corpora.packed import packed
from koeru.corpora.selection import Selection
from koeru.corpora.spaced import joined
from koeru.corpora.transcripts import Found, Row, attributed, join, lines, not_understood
from koeru.graph.store import Excluded

SETS = ("train", "dev", "test")


@dataclass(frozen=True)
class Layout:
    """Where the sets lie, the transcript, and the form of an id, with the speaker as its group."""

    inside: str
    transcript: str
    id: re.Pattern[str]


def utterances(delivered: Delivered, selection: Selection, layout: Layout) -> Iterator[Found]:
    """Every utterance of the sets, which are the subsets, that are there and wanted.

    Refused: a row that is not `id word word …`, a row of a speaker of whom no set has a folder (where all sets are
    wanted: else nobody knows whether it is of one of them), and what `transcripts.join` refuses. Remarked: archives.
    """
    corpus = _Sets(delivered, layout)
    there = [name for name in SETS if name in delivered.subfolders(layout.inside)]
    wanted = [name for name in there if selection.takes_subset(name)]
    yield from packed(delivered, (layout.inside, *(f"{layout.inside}/{name}" for name in there)), corpus.homes)
    rows = corpus.rows(wanted, everything=not selection.subsets)
    refused = set(there) - set(wanted)
    found = join(rows, delivered, layout.inside, any_depth=True, unwanted=lambda path: path.split("/")[0] in refused)
    yield from attributed(found, corpus.speaker_of, NORMAL)


@dataclass(frozen=True)
class _Sets:
    delivered: Delivered
    layout: Layout

    @cached_property
    def homes(self) -> dict[str, list[str]]:
        """The sets that have a folder of a speaker."""
        found: dict[str, list[str]] = {}
        for name in SETS:
            for speaker in self.delivered.subfolders(f"{self.layout.inside}/{name}"):
                found.setdefault(speaker, []).append(name)
        return found

    def speaker_of(self, path: str) -> str:
        """Whose folder a recording lies in; "" where it is none of the known ones."""
        folder = path.split("/")[-2] if path.startswith(f"{self.layout.inside}/") else ""
        return folder if folder in self.homes else ""

    def rows(self, wanted: list[str], everything: bool) -> Iterator[Row | Excluded | str]:
        """The rows of the transcript that are of the sets that are wanted."""
        times = Beside(self.delivered)
        for item in lines(self.delivered, self.layout.transcript):
            if isinstance(item, Excluded | str):
                yield item
                continue
            place, line = item
            name, _, words = line.replace("\t", " ").partition(" ")
            known = self.layout.id.fullmatch(name)
            if not known:
                yield not_understood(place, f"`id word word …`: {line!r}")
                continue
            speaker = known[1]
            home = self._home(speaker, name)
            if not home and everything:
                told = f"{place}: no set in {self.layout.inside}/ has a folder {speaker}"
                yield Excluded(f"{speaker}_{name}", "no recording", told, None, speaker, NORMAL)
            elif home in wanted:
                recording = f"{home}/{speaker}/{name}"
                yield Row(
                    id=f"{speaker}_{name}",
                    name=name,
                    speaker=speaker,
                    emotion=NORMAL,
                    text=joined(words.strip()),
                    subset=home,
                    alignment=times.of(f"{self.layout.inside}/{recording}"),
                    recording=recording,
                    place=place,
                )

    def _home(self, speaker: str, name: str) -> str:
        """The set of a recording; of a speaker in several sets the first that has it, "" where there is none."""
        sets = self.homes.get(speaker, [""])
        return sets[0] if len(sets) == 1 else next((s for s in sets if self._has(f"{s}/{speaker}", name)), sets[0])

    def _has(self, folder: str, name: str) -> bool:
        return bool(Below(self.delivered, RECORDING, f"{self.layout.inside}/{folder}", any_depth=False).get(name))
