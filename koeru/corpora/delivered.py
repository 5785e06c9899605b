"""A corpus as it lies on disk: its own folder, and the folders of label files beside it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from koeru.corpora.utterance import File


@dataclass(frozen=True)
class Delivered:
    """A corpus by its name in the configuration; `labels` are folders of label files by the names of the sets."""

    name: str
    root: Path
    labels: Mapping[str, Path] = field(default_factory=dict)

    def folder(self, name: str = "") -> Path:
        """The corpus's own folder, or that of a set of labels."""
        return self.labels[name] if name else self.root

    def path(self, file: Mapping[str, Any]) -> Path:
        """Where the file of a record (`Utterance.record`) lies."""
        return self.folder(file["folder"]) / file["path"]

    def files(self, inside: str | Path, suffix: str, folder: str = "") -> dict[str, File]:
        """Files with a suffix directly inside a subfolder, by their names without it, sorted.

        Empty where there is no such subfolder. What leaves the folder by a link is left out: the path of a delivered
        file never leads elsewhere.
        """
        root = self.folder(folder)
        place = root / inside
        if not place.is_dir() or not stays_inside(root, place):
            return {}
        prefix = "" if str(inside) in ("", ".") else f"{Path(inside).as_posix()}/"
        found = []
        with os.scandir(place) as entries:
            for entry in entries:
                if not entry.name.endswith(suffix) or not entry.is_file():
                    continue
                if entry.is_symlink() and not stays_inside(root, entry.path):
                    continue
                status = entry.stat()
                file = File(prefix + entry.name, folder, status.st_size, status.st_mtime_ns)
                found.append((entry.name[: -len(suffix)], file))
        return dict(sorted(found))

    def subfolders(self, inside: str | Path = "", folder: str = "") -> list[str]:
        """The names of the folders directly inside a subfolder, sorted; none where there is no such subfolder."""
        root = self.folder(folder)
        place = root / inside
        if not place.is_dir() or not stays_inside(root, place):
            return []
        with os.scandir(place) as entries:
            return sorted(entry.name for entry in entries if entry.is_dir())

    def first_of(self, places: Iterable[tuple[str, str | Path, str]]) -> dict[str, File]:
        """Files by name from several places (inside, suffix, folder); the first place that has a name wins."""
        found: dict[str, File] = {}
        for inside, suffix, folder in places:
            found = self.files(inside, suffix, folder) | found
        return found


def stays_inside(root: str | Path, path: str | Path) -> bool:
    """Whether a path, its links followed, lies in a folder."""
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root))
