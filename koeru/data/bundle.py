"""A folder in one file: what is packed, to give away. It is read where it lies, and never unpacked.

A zip whose files are stored as they are, manifest.json first, which tells the sha256 of each other. The path of a file
in it goes through it: `LINE_15.koeru/model.safetensors`. Packed twice, the same folder has the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from koeru.graph.store import replacing

SUFFIX = ".koeru"
MANIFEST = "manifest.json"
FORMAT = 1  # of the manifest; another is refused
NO_TIME = (1980, 1, 1, 0, 0, 0)  # the first that a zip knows
READABLE = 0o100644 << 16  # a file that all may read
UNIX = 3


def is_bundle(path: Path) -> bool:
    """Whether a path is such a file, by its name."""
    return path.suffix == SUFFIX and path.is_file()


def exists(path: Path) -> bool:
    """Whether there is a file, in a bundle or not. Errors: ValueError naming the bundle that is damaged."""
    archive, name = _split(path)
    if archive is None:
        return path.is_file()
    with _opened(archive) as (_, digests):
        return name in digests


@contextmanager
def opened(path: Path) -> Iterator[tuple[IO[bytes], int]]:
    """A file, in a bundle or not, and its bytes; in a bundle, they are not compared with the manifest.

    Errors: FileNotFoundError; ValueError naming the bundle that is damaged.
    """
    archive, name = _split(path)
    if archive is None:
        with path.open("rb") as file:
            yield file, path.stat().st_size
        return
    with _opened(archive) as (zipped, digests):
        if name not in digests:
            raise FileNotFoundError(f"{archive} holds no {name}: it has {', '.join(sorted(digests))}")
        with zipped.open(name) as file:
            yield file, zipped.getinfo(name).file_size


def read_bytes(path: Path) -> bytes:
    """What is in a file, in a bundle or not; in a bundle, as the manifest says. Errors: as of `opened`."""
    with opened(path) as (file, _):
        content = file.read()
    archive, name = _split(path)
    if archive is not None:
        with _opened(archive) as (_, digests):
            if hashlib.sha256(content).hexdigest() != digests[name]:
                raise _damaged(archive, f"{name} is not what {MANIFEST} says")
    return content


def write_bundle(path: Path, files: Mapping[str, bytes]) -> None:
    """Write files by their names, such as samples/1.wav."""
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())}
    if unsafe := [name for name in digests if not _safe(name)]:
        raise ValueError(f"{path}: {unsafe[0]!r} cannot be the name of a file in it")
    manifest = json.dumps({"format": FORMAT, "sha256": digests}, ensure_ascii=False, indent=1).encode()
    with replacing(path) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_STORED) as zipped:
        for name, content in ((MANIFEST, manifest), *((name, files[name]) for name in digests)):
            entry = zipfile.ZipInfo(name, NO_TIME)
            entry.external_attr, entry.create_system = READABLE, UNIX
            zipped.writestr(entry, content)


def _split(path: Path) -> tuple[Path | None, str]:
    """The bundle that a path goes through, and the name of a file in it."""
    archive = next((parent for parent in path.parents if is_bundle(parent)), None)
    return archive, "" if archive is None else path.relative_to(archive).as_posix()


@contextmanager
def _opened(archive: Path) -> Iterator[tuple[zipfile.ZipFile, dict[str, str]]]:
    """A bundle, and the digests of its files by name. ValueError where it is not one, or not all of one."""
    try:
        with zipfile.ZipFile(archive) as zipped:
            entries = {entry.filename: entry for entry in zipped.infolist()}
            if any(entry.compress_type != zipfile.ZIP_STORED for entry in entries.values()):
                raise _damaged(archive, "its files are not stored as they are")
            manifest = json.loads(zipped.read(MANIFEST))
            if manifest["format"] != FORMAT:
                raise ValueError(f"{archive} is of format {manifest['format']}: another koeru has packed it")
            digests = manifest["sha256"]
            if entries.keys() != {MANIFEST, *digests} or len(entries) != len(zipped.infolist()):
                raise _damaged(archive, f"its files are not those of {MANIFEST}")
            if unsafe := [name for name in digests if not _safe(name)]:
                raise _damaged(archive, f"{unsafe[0]!r} is no name of a file in it")
            yield zipped, digests
    except (zipfile.BadZipFile, KeyError, TypeError, json.JSONDecodeError, EOFError, UnicodeDecodeError) as error:
        raise _damaged(archive, str(error)) from error


def _safe(name: str) -> bool:
    """Whether a name leads to a place within a folder, wherever somebody may unpack it."""
    path = PurePosixPath(name)
    plain = path.as_posix() == name and not {"..", "/"} & {*path.parts}
    return plain and name != "." and not set(name) & set("\\:\0")


def _damaged(archive: Path, why: str) -> ValueError:
    return ValueError(f"{archive} is not a file that koeru has packed, or not all of one: get it again ({why})")
