"""The adapters by format, and the listing of a dataset's corpora into shards."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from koeru.corpora import studies
from koeru.corpora.utterance import Utterance
from koeru.store import Excluded

ADAPTERS: dict[str, Callable[[Path], Iterator[Utterance | Excluded | str]]] = {"studies": studies.utterances}


def shard_of(utterance_id: str, shards: int) -> int:
    """The shard of an utterance: a hash of its id alone, so that adding data moves nobody."""
    return int.from_bytes(hashlib.sha256(utterance_id.encode()).digest()[:8], "big") % shards


def size_on_disk(root: Path) -> dict[str, int]:
    """Number of files below a folder and their bytes, without reading any."""
    files = total = 0
    for folder, _, names in os.walk(root):
        for name in names:
            files += 1
            total += os.stat(os.path.join(folder, name)).st_size
    return {"files": files, "bytes": total}


def without_duplicates(found: Iterable[Utterance | Excluded | str]) -> Iterator[Utterance | Excluded | str]:
    """The same listing, in which an id's second and later utterances are excluded."""
    seen: dict[str, str] = {}
    for item in found:
        if isinstance(item, Utterance):
            if item.id in seen:
                detail = f"{item.wav} has the same id as {seen[item.id]}; rename or remove one of them"
                yield Excluded(f"{item.id}@{item.wav}", "duplicate id", detail, None, item.speaker, item.emotion)
                continue
            seen[item.id] = item.wav
        yield item
