"""What the fakes of all layouts have in common."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from koeru.config.corpora import Corpus
from koeru.corpora.catalogue import ADAPTERS
from koeru.corpora.delivered import Delivered
from koeru.corpora.provenance import Provenance
from koeru.corpora.selection import Selection
from koeru.corpora.utterance import Utterance
from koeru.graph.store import Excluded


@dataclass(frozen=True)
class Fake:
    """A corpus on disk and what is to be found in it.

    entry: its entry in the configuration's `corpora` (format, path, labels). kept: the ids that an adapter gives;
    excluded: id -> reason of what it does not. one_of_each: a file of each kind ("wav", "transcript", "TextGrid",
    "lab" ...), the loss of which must not stop a dataset from being built. labels: the section of that name that a
    dataset of it needs.
    """

    entry: dict
    kept: frozenset[str]
    excluded: dict[str, str] = field(default_factory=dict)
    one_of_each: dict[str, Path] = field(default_factory=dict)
    labels: dict = field(default_factory=dict)

    @property
    def delivered(self) -> Delivered:
        """The corpus as an adapter gets it."""
        sets = Corpus(**self.entry).labels
        made = {labels.name: Provenance.of(labels.provenance()) for labels in sets}
        return Delivered("FAKE", Path(self.entry["path"]), {labels.name: Path(labels.path) for labels in sets}, made)

    def listed(self, **filters: tuple[str, ...]) -> Listed:
        """What the adapter gives of the subsets that are wanted."""
        found = list(ADAPTERS[self.entry["format"]].utterances(self.delivered, Selection(**filters)))
        return Listed(
            {u.id: u for u in found if isinstance(u, Utterance)},
            {e.id: e for e in found if isinstance(e, Excluded)},
            [r for r in found if isinstance(r, str)],
        )


@dataclass(frozen=True)
class Listed:
    """A listing, sorted out: utterances and exclusions by id, and remarks."""

    kept: dict[str, Utterance]
    excluded: dict[str, Excluded]
    remarks: list[str]

    @property
    def reasons(self) -> dict[str, str]:
        """id -> reason of every exclusion."""
        return {name: e.reason for name, e in self.excluded.items()}
