"""The adapters by format, and the listing of a dataset's corpora into shards."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from koeru.corpora import studies
from koeru.corpora.utterance import Utterance
from koeru.store import Excluded

ADAPTERS: dict[str, Callable[[Path], Iterator[Utterance | Excluded | str]]] = {"studies": studies.utterances}


def shard_of(utterance_id: str, shards: int) -> int:
    """The shard of an utterance: a hash of its id alone, so that adding data moves nobody."""
    return int.from_bytes(hashlib.sha256(utterance_id.encode()).digest()[:8], "big") % shards


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
