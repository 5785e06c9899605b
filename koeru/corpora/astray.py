"""What to tell of a corpus in which no utterance was found: what it should hold, and where else it may lie."""

from __future__ import annotations

from itertools import islice

from koeru.corpora.catalogue import ADAPTERS
from koeru.corpora.delivered import Delivered
from koeru.corpora.selection import Selection
from koeru.corpora.utterance import Utterance

FEW = 12  # names that are told of what a folder holds
LOOKED_AT = 1000  # rows of a folder that may be the corpus


def wanted_of(place: Delivered, kind: str) -> str:
    """What a corpus should hold, what there is, and where else it may lie."""
    adapter = ADAPTERS[kind]
    there = [*place.subfolders(), *sorted(path.name for path in place.root.iterdir() if path.is_file())]
    words = f"corpora.{place.name}: {place.root} should hold {adapter.LAYOUT}; it holds {_few(there)}"
    for below in (place.root / name for name in place.subfolders()):
        try:
            found = islice(adapter.utterances(Delivered(place.name, below), Selection()), LOOKED_AT)
            if any(isinstance(item, Utterance) for item in found):
                return f"{words}. The corpus seems to be {below}: set corpora.{place.name}.path to it"
        except ValueError:
            continue  # which is no such corpus
    return words


def _few(names: list[str]) -> str:
    more = f" and {len(names) - FEW} more" if len(names) > FEW else ""
    return ", ".join(names[:FEW]) + more if names else "nothing"
