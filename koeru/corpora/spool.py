"""Utterances on their way into shards, on disk, so that a listing of any length takes the memory of one shard."""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from koeru.corpora.catalogue import shard_of
from koeru.corpora.utterance import Utterance
from koeru.graph.store import Excluded, Record

HELD = 5000  # lines in memory before they are written


class Spool:
    """Lines of JSON in one file a shard below `folder`, which is made anew, in the order in which they came."""

    def __init__(self, folder: Path, shards: int) -> None:
        self.folder, self.shards = folder, shards
        shutil.rmtree(folder, ignore_errors=True)  # of a listing that was interrupted
        folder.mkdir(parents=True)
        self._lines: dict[int, list[str]] = defaultdict(list)
        self._held = 0

    def add(self, corpus: str, item: Utterance | Excluded) -> None:
        """Take an utterance, or an exclusion, of a corpus."""
        kept = isinstance(item, Utterance)
        content: dict[str, Any] = item.record() | {"corpus": corpus} if kept else asdict(item)
        line = json.dumps([kept, content], ensure_ascii=False)
        self._lines[shard_of(item.id, self.shards)].append(f"{line}\n")
        self._held += 1
        if self._held >= HELD:
            self._write()

    def shard(self, number: int) -> tuple[list[Record], list[Excluded]]:
        """The utterances of a shard and its exclusions; the second and later utterances of an id are excluded.

        Equal ids are in the same shard, whatever corpora they come from.
        """
        self._write()
        seen: dict[str, Record] = {}
        excluded: list[Excluded] = []
        for kept, content in self._read(number):
            if not kept:
                excluded.append(Excluded(**content))
            elif (first := seen.setdefault(content["id"], content)) is not content:
                excluded.append(_duplicate(content, first))
        return list(seen.values()), excluded

    def _read(self, number: int) -> Iterator[tuple[bool, dict[str, Any]]]:
        path = self._path(number)
        if path.exists():
            with path.open(encoding="utf-8") as lines:
                yield from map(json.loads, lines)

    def _write(self) -> None:
        for number, lines in self._lines.items():
            with self._path(number).open("a", encoding="utf-8") as file:
                file.writelines(lines)
        self._lines.clear()
        self._held = 0

    def _path(self, number: int) -> Path:
        return self.folder / f"{number:03d}.jsonl"


def _duplicate(again: Record, first: Record) -> Excluded:
    def place(record: Record) -> str:
        return f"{record['wav']['path']} of {record['corpus']}"

    if place(again) == place(first):
        detail = f"two rows of a transcript name {place(first)}; remove one of them"
    else:
        detail = f"{place(again)} has the same id as {place(first)}; rename or remove one of them"
    return Excluded(
        f"{again['id']}@{again['wav']['path']}",
        "duplicate id",
        detail,
        speaker=again["speaker"],
        emotion=again["emotion"],
    )
