"""What a dataset takes of a corpus: some subsets, speakers and emotions, less some utterances."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any, Self

from koeru.config.nearest import nearest
from koeru.corpora.utterance import Utterance
from koeru.graph.store import Excluded

KINDS = ("subsets", "speakers", "emotions")
KNOWN_IDS = 20_000  # of a corpus, among which an id that is to be dropped and is not there is looked for


@dataclass
class Selection:
    """Names, or patterns of names as a shell has them; an empty list takes everything. `drop` names ids to leave out.

    `not_taken` counts the utterances that were left out, by the filter that did so; `offered` are the names that the
    corpus had, of each kind; `ids` are the first of its ids, where some are to be dropped.
    """

    subsets: tuple[str, ...] = ()
    speakers: tuple[str, ...] = ()
    emotions: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    not_taken: Counter[str] = field(default_factory=Counter)
    offered: dict[str, set[str]] = field(default_factory=lambda: {kind: set() for kind in KINDS})
    dropped: set[str] = field(default_factory=set)
    ids: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, corpus: Mapping[str, Any]) -> Self:
        """The selection that an entry of the leaf `corpora` describes."""
        return cls(*(tuple(corpus.get(kind, ())) for kind in (*KINDS, "drop")))

    def takes_subset(self, name: str) -> bool:
        """Whether a part of the corpus is wanted; an adapter asks before it lists the part."""
        return self._takes("subsets", name)

    def takes(self, item: Utterance | Excluded) -> bool:
        """Whether an utterance, or what was excluded of one, belongs to the dataset."""
        found = {item.id} & self._ids | {pattern for pattern in self._patterns if fnmatchcase(item.id, pattern)}
        self.dropped |= found
        if self.drop and len(self.ids) < KNOWN_IDS:
            self.ids.append(item.id)
        for kind, name in (("speakers", item.speaker), ("emotions", item.emotion)):
            if name and not self._takes(kind, name):
                self.not_taken[kind] += 1
                return False
        self.not_taken["drop"] += bool(found)
        return not found

    def problems(self) -> Iterator[str]:
        """Filters that took nothing: a misspelt name would leave data out in silence."""
        for kind in KINDS:
            for pattern in getattr(self, kind):
                if not any(fnmatchcase(name, pattern) for name in self.offered[kind]):
                    there = ", ".join(sorted(self.offered[kind])) or "none"
                    yield f"{kind}: {pattern!r} matches nothing; there is {there}"

    def remarks(self) -> Iterator[str]:
        """Ids to drop that no utterance has, and what was left out."""
        for pattern in self.drop:
            if pattern not in self.dropped:
                near = nearest(pattern, self.ids)
                yield f"drop: no utterance of the subsets that are taken has the id {pattern!r}{near}"
        if refused := sorted(n for n in self.offered["subsets"] if not _matches(n, self.subsets)):
            yield f"subsets that are not taken: {', '.join(refused)}"
        for kind, count in self.not_taken.items():
            if count:
                yield f"{count} utterances are not taken, by the filter `{kind}`"

    @cached_property
    def _patterns(self) -> frozenset[str]:
        return frozenset(entry for entry in self.drop if set(entry) & set("*?["))

    @cached_property
    def _ids(self) -> frozenset[str]:
        return frozenset(self.drop) - self._patterns

    def _takes(self, kind: str, name: str) -> bool:
        self.offered[kind].add(name)
        return _matches(name, getattr(self, kind))


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    return not patterns or any(fnmatchcase(name, pattern) for pattern in patterns)
