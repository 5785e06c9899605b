"""Names of speakers that a dataset's entry gives, and those of them that are nobody's."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from koeru.config.nearest import nearest

Named = tuple[str, str]  # a leaf, and a name in it: of `pairs.speakers`, perhaps a pattern


def named_speakers(values: Mapping[str, Any]) -> list[Named]:
    """Every name of a speaker in the leaves `pitch.speakers` and `pairs.speakers`, where `values` have them."""
    bounds = dict.fromkeys(values.get("pitch.speakers", {}))
    paired = dict.fromkeys(name for couple in values.get("pairs.speakers", ()) for name in couple)
    return [("pitch.speakers", name) for name in bounds] + [("pairs.speakers", name) for name in paired]


def nobodies(named: Iterable[Named], speakers: Collection[str], others: Collection[str] = ()) -> Iterator[str]:
    """What to tell of names that are nobody's, of a dataset with these speakers.

    Bounds of F0 may be those of `others`, whom the corpora have and the dataset does not take: entries that inherit
    from each other may take different speakers.
    """
    for leaf, name in named:
        if leaf == "pairs.speakers" and not any(fnmatchcase(speaker, name) for speaker in speakers):
            yield f"{leaf}: {name!r} matches no speaker of the dataset{nearest(name, speakers)}"
        elif leaf == "pitch.speakers" and name not in speakers and name not in others:
            alone = " (names act here, patterns do not)" if set(name) & set("*?[") else ""
            yield f"{leaf}: no speaker of the dataset is called {name!r}{alone}{nearest(name, speakers)}"
