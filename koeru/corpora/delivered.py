"""A corpus as it lies on disk: its own folder, and the folders of label files beside it."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from koeru.corpora.endings import LAB, TEXTGRID, Kind, hidden, parts, spellings
from koeru.corpora.provenance import Provenance, usual
from koeru.corpora.utterance import File

# What says that there is no such file: a link to nowhere or in a circle, a name that is too long. All else, such as an
# error of a disk or of a network, says nothing of the corpus.
NO_FILE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG)


@dataclass(frozen=True)
class Delivered:
    """A corpus by its name in the configuration; `labels` are folders of label files by the names of the sets.

    `sets` says who made these and what they give, of those whose name alone does not tell.
    """

    name: str
    root: Path
    labels: Mapping[str, Path] = field(default_factory=dict)
    sets: Mapping[str, Provenance] = field(default_factory=dict)

    def folder(self, name: str = "") -> Path:
        """The corpus's own folder, or that of a set of labels."""
        return self.labels[name] if name else self.root

    def path(self, file: Mapping[str, Any]) -> str:
        """Where the file of a record (`Utterance.record`) lies; as text: a Path takes some time to make."""
        return os.path.join(self.folder(file["folder"]), file["path"])

    def as_listed(self, file: Mapping[str, Any]) -> bool:
        """Whether the file of a record is there, of the size and time that it had when it was listed."""
        try:
            status = os.stat(self.path(file))
        except OSError as error:
            if error.errno not in NO_FILE:
                raise
            return False
        return (status.st_size, status.st_mtime_ns) == (file["bytes"], file["mtime_ns"])

    def giving(self, what: str) -> list[str]:
        """The sets of labels that are believed for something ("times", "reading", …), the preferred one first."""
        return [name for name in self.labels if what in self._made(name).gives]

    @property
    def own(self) -> list[str]:
        """The corpus's own folder, [""]; none where a set names it to say who made the labels in it."""
        return [] if self.root in self.labels.values() else [""]

    def timed(self) -> list[tuple[Kind, str]]:
        """Where times are taken from, as (TEXTGRID or LAB, folder), the preferred one first.

        TextGrids that are made by hand come first wherever they lie; all else is in the order of the sets, with the
        corpus itself ("") behind them, and of one folder TextGrids before .lab files.
        """
        folders = [*self.giving("times"), *self.own]
        by_hand = [folder for folder in folders if not folder or self._made(folder).by_hand]
        rest = [(kind, folder) for folder in folders for kind in (TEXTGRID, LAB)]
        return list(dict.fromkeys([(TEXTGRID, folder) for folder in by_hand] + rest))

    def _made(self, name: str) -> Provenance:
        return self.sets.get(name) or usual(name)

    def files(self, inside: str | Path, kind: Kind, folder: str = "") -> dict[str, File]:
        """Files of a kind directly inside a subfolder, by their names without the ending, sorted.

        Of a name with several endings it is the preferred one. Empty where there is no such subfolder. What leaves the
        folder by a link is left out: the path of a delivered file never leads elsewhere. Raises ValueError where the
        subfolder itself leaves it, or a name is not UTF-8.
        """
        return _preferred(self.directly(inside, kind, folder), kind)

    def directly(self, inside: str | Path, kind: Kind, folder: str = "") -> Iterator[tuple[str, File]]:
        """All that `files` chooses from, in no order."""
        home = os.path.realpath(self.folder(folder))
        prefix = "" if str(inside) in ("", ".") else f"{Path(inside).as_posix()}/"
        for entry in self._entries(inside, folder):
            stem, ending = parts(entry.name, kind)
            if ending and _is_file(entry) and _stays(home, entry):
                _check_name(entry)
                yield stem, _file(entry, prefix, folder)

    def find(self, path: str, folder: str = "") -> File | None:
        """The file of a path, None where there is none. Raises ValueError where a link leads out of the folder."""
        root = self.folder(folder)
        place = f"{root}/{path}"
        try:
            status = os.lstat(place)
            if linked := stat.S_ISLNK(status.st_mode):
                status = os.stat(place)
        except OSError as error:
            if error.errno not in NO_FILE:
                raise
            return None
        if not stat.S_ISREG(status.st_mode):
            return None
        if not (stays_inside(root, place) if linked else _folder_stays(str(root), os.path.dirname(place))):
            raise ValueError(self._leads_out(place, folder))
        return File(path, folder, status.st_size, status.st_mtime_ns)

    def walk(self, kind: Kind, inside: str = "", folder: str = "") -> Iterator[tuple[str, File]]:
        """Files of a kind at any depth below a subfolder, with their paths from there without the ending, in no order.

        A folder to which several links lead is taken once. Raises ValueError as `files` does, and for every link that
        leads out of the folder: nobody else would notice that what is behind it is not there.
        """
        home = os.path.realpath(self.folder(folder))
        seen: set[str] = set()
        waiting = [inside]
        for place in waiting:  # which grows
            real = os.path.realpath(self.folder(folder) / place)
            if real in seen:
                continue
            seen.add(real)
            prefix = place and f"{place}/"
            below = []
            for entry in self._entries(place, folder):
                if _is_dir(entry):
                    below.append(prefix + _check_name(entry))
                elif (ending := parts(entry.name, kind)[1]) and _is_file(entry):
                    if not _stays(home, entry):
                        raise ValueError(self._leads_out(entry.path, folder))
                    path = prefix + _check_name(entry)
                    yield path[len(inside) + 1 if inside else 0 : -len(ending)], _file(entry, prefix, folder)
            waiting += sorted(below)

    def tree(self, kind: Kind, inside: str = "", folder: str = "") -> dict[str, File]:
        """What `walk` finds, sorted; of a path with several endings the preferred one."""
        return _preferred(self.walk(kind, inside, folder), kind)

    def endings(self, inside: str, kind: Kind, folder: str = "") -> list[str]:
        """The endings of a kind that names of files directly inside a subfolder have, the preferred one first."""
        place = f"{self.folder(folder)}/{inside}"  # as text: this is asked for every utterance
        try:
            status = os.stat(place)
        except OSError as error:
            if error.errno not in NO_FILE:
                raise
            return []
        return _endings(place, kind, status.st_mtime_ns) if stat.S_ISDIR(status.st_mode) else []

    def alike(self, path: str, folder: str = "") -> list[str]:
        """Files beside a path whose names differ from its own in the ending, or in capital letters, alone."""
        inside, _, name = path.rpartition("/")
        place = self.folder(folder) / inside
        stem = name.rpartition(".")[0] or name
        return _by_stem(str(place)).get(stem.casefold(), []) if stays_inside(self.folder(folder), place) else []

    def subfolders(self, inside: str | Path = "", folder: str = "") -> list[str]:
        """The names of the folders directly inside a subfolder, sorted; none where there is no such subfolder.

        Raises ValueError as `files` does.
        """
        return sorted(_check_name(entry) for entry in self._entries(inside, folder) if _is_dir(entry))

    def first_of(self, places: Iterable[tuple[str | Path, Kind, str]]) -> dict[str, File]:
        """Files by name from several places (inside, kind, folder); the first place that has a name wins."""
        found: dict[str, File] = {}
        for inside, kind, folder in places:
            found = self.files(inside, kind, folder) | found
        return found

    def _entries(self, inside: str | Path, folder: str) -> Iterator[os.DirEntry[str]]:
        """What lies in a subfolder and is not hidden."""
        place = self.folder(folder) / inside
        if not place.is_dir():
            return
        if not stays_inside(self.folder(folder), place):
            raise ValueError(self._leads_out(place, folder))
        with os.scandir(place) as entries:
            yield from (entry for entry in entries if not hidden(entry.name))

    def _leads_out(self, place: str | Path, folder: str) -> str:
        return (
            f"corpora.{self.name}: {place} is a link that leads out of {self.folder(folder)}; copy there what it links "
            f"to, or set the path of the corpus (or of its labels) to where that lies"
        )


@dataclass(frozen=True)
class Below(Mapping[str, File]):
    """Files of a kind below a subfolder, looked up on disk when they are asked for: any number takes no memory.

    At any depth they are what `Delivered.walk` finds, else what `Delivered.files` does. An item for which a link leads
    out of the folder raises ValueError.
    """

    delivered: Delivered
    kind: Kind
    inside: str = ""
    folder: str = ""
    any_depth: bool = True

    def __getitem__(self, name: str) -> File:
        path = f"{self.inside}/{name}" if self.inside else name
        for ending in self.delivered.endings(path.rpartition("/")[0], self.kind, self.folder):
            if (file := self.delivered.find(path + ending, self.folder)) is not None:
                return file
        raise KeyError(name)

    def all(self) -> Iterator[tuple[str, File]]:
        """Every file with its name, in no order: of a name with several endings every one of them."""
        if self.any_depth:
            return self.delivered.walk(self.kind, self.inside, self.folder)
        return self.delivered.directly(self.inside, self.kind, self.folder)

    def __iter__(self) -> Iterator[str]:
        return iter({name: None for name, _ in self.all()})

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _preferred(found: Iterable[tuple[str, File]], kind: Kind) -> dict[str, File]:
    """Files by name, sorted; of a name with several endings the preferred one."""
    order = spellings(kind)
    chosen: dict[str, File] = {}
    for name, file in found:
        if name not in chosen or order[parts(file.path, kind)[1]] < order[parts(chosen[name].path, kind)[1]]:
            chosen[name] = file
    return dict(sorted(chosen.items()))


@lru_cache(maxsize=4096)
def _endings(folder: str, kind: Kind, changed_ns: int) -> list[str]:
    """The endings of a kind in a folder, as it was when it was last changed."""
    with os.scandir(folder) as entries:
        there = {parts(entry.name, kind)[1] for entry in entries if not hidden(entry.name)}
    return [ending for ending in spellings(kind) if ending in there]


@lru_cache(maxsize=4)
def _by_stem(folder: str) -> dict[str, list[str]]:
    """The files of a folder by their names without endings and capital letters."""
    found: dict[str, list[str]] = {}
    if os.path.isdir(folder):
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries if not hidden(entry.name) and _is_file(entry))
        for name in names:
            found.setdefault(os.path.splitext(name)[0].casefold(), []).append(name)
    return found


@lru_cache(maxsize=4096)
def _folder_stays(root: str, folder: str) -> bool:
    return stays_inside(root, folder)


def stays_inside(root: str | Path, path: str | Path) -> bool:
    """Whether a path, its links followed, lies in a folder."""
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root))


def _stays(home: str, entry: os.DirEntry[str]) -> bool:
    """Whether an entry of a folder that stays inside `home` does so as well."""
    return not entry.is_symlink() or stays_inside(home, entry.path)


def _is_file(entry: os.DirEntry[str]) -> bool:
    """Whether an entry is a file; a link that leads nowhere, or round in a circle, is none."""
    return stat.S_ISREG(_mode(entry)) if entry.is_symlink() else entry.is_file()


def _is_dir(entry: os.DirEntry[str]) -> bool:
    return stat.S_ISDIR(_mode(entry)) if entry.is_symlink() else entry.is_dir()


def _mode(link: os.DirEntry[str]) -> int:
    """What a link leads to; 0 where that is nothing. Raises OSError where the machine does not let us know."""
    try:
        return link.stat().st_mode
    except OSError as error:
        if error.errno not in NO_FILE:
            raise
        return 0


def _file(entry: os.DirEntry[str], prefix: str, folder: str) -> File:
    status = entry.stat()
    return File(prefix + entry.name, folder, status.st_size, status.st_mtime_ns)


def _check_name(entry: os.DirEntry[str]) -> str:
    """The name of a file or folder. Raises ValueError unless it is UTF-8: no record could hold it."""
    if not entry.name.isascii():
        try:
            entry.name.encode()
        except UnicodeEncodeError as error:
            raise ValueError(f"the name of {entry.path!r} is not UTF-8; rename it") from error
    return entry.name
