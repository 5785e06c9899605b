"""Files with times that are named as the recordings are, and lie beside them or in sets of their own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from koeru.corpora.delivered import Below, Delivered
from koeru.corpora.utterance import File


@dataclass(frozen=True)
class Beside:
    """TextGrids and .lab files of a corpus by the paths of its recordings, in the order of `Delivered.timed`.

    In the corpus such a file lies beside its recording. In a set it has the recording's path, which may lack its first
    folders: wav/train/S0002/a, train/S0002/a, S0002/a or a. Aligners keep the folders that they were given.
    """

    delivered: Delivered
    _known: dict[str, list[Below]] = field(default_factory=dict)  # by the folder of recordings: where such files lie

    def of(self, recording: str) -> File | None:
        """The file that tells the times of a recording, which is named by its path without the ending."""
        folder, _, name = recording.rpartition("/")
        if folder not in self._known:
            self._known[folder] = list(self._places(folder))
        return next(filter(None, (files.get(name) for files in self._known[folder])), None)

    def _places(self, folder: str) -> Iterator[Below]:
        for kind, labels in self.delivered.timed():
            for inside in _ends(folder) if labels else [folder]:
                if self.delivered.endings(inside, kind, labels):
                    yield Below(self.delivered, kind, inside, labels, any_depth=False)


def _ends(folder: str) -> Iterator[str]:
    """A path, and what is left of it without its first folders, down to ""."""
    yield folder
    while folder:
        folder = folder.partition("/")[2]
        yield folder
