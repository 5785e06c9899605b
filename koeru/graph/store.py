"""Where outputs live and how they appear: folders named by key, manifests written last, every write atomic.

`store/<stage>/<key>/` holds the output of one node. Each job lists one file, its manifest (`NNN.json` for a shard,
`node.json` for the whole node, `epoch_NNNN.json` for a saved epoch), which appears by rename after everything that it
speaks of; so existence means completeness. Arrays lie beside it in one safetensors file a shard.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
import socket
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from itertools import dropwhile, takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

if TYPE_CHECKING:
    import numpy as np

Record = dict[str, Any]
# Of a record: what only pages tell, and under "digests" the sha256 of the delivered files that were read, by what the
# utterance's record calls them. No stage computes with it, and so it is in no digest of a shard.
FACTS = "facts"
# What a file system says that knows no hard links, or not between these two places, or not so many of one file.
NO_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EXDEV, errno.EMLINK)
CANONICAL = json.JSONEncoder(sort_keys=True, ensure_ascii=False, allow_nan=False)


@dataclass(frozen=True)
class Place:
    """The part of a node that decides where its output lives."""

    stage: str
    key: str
    shards: int = 1
    epoch: int | None = None


@dataclass(frozen=True)
class Excluded:
    """An utterance that a stage left out, why (a short reason and a sentence), and how many seconds it held."""

    id: str
    reason: str
    detail: str
    seconds: float | None = None
    speaker: str = ""
    emotion: str = ""


@dataclass
class Manifest:
    """What one job made: records of what came out, what was excluded, the payload's digest, and how it ran.

    `tools` are the versions of what is in no key and can change the content, such as a dictionary.
    """

    stage: str
    key: str
    utterances: list[Record] = field(default_factory=list)
    excluded: list[Excluded] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    tools: dict[str, str] = field(default_factory=dict)
    payload: dict[str, Any] | None = None
    digest: str = ""
    run: dict[str, Any] = field(default_factory=dict)

    @property
    def ids(self) -> set[str]:
        """What came out, and what was excluded."""
        return {record["id"] for record in self.utterances} | {lost.id for lost in self.excluded}


@dataclass(frozen=True, kw_only=True)
class NodeManifest:
    """What the manifest of a whole node tells, or that of a saved epoch of a training.

    `params` are its leaves, `run` says when, where and how long it ran, and `more` is what only its own stage tells.
    """

    stage: str
    key: str
    params: Mapping[str, Any]
    parents: Mapping[str, Place]
    version: int = 0
    commit: str = ""
    run: Mapping[str, Any] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> Self:
        """The manifest whose file has this content."""
        own = {known.name for known in fields(cls)} - {"more", "parents"}
        parents = {role: Place(p["stage"], p["key"], epoch=p["epoch"]) for role, p in content["parents"].items()}
        more = {name: value for name, value in content.items() if name not in own and name != "parents"}
        return cls(parents=parents, more=more, **{name: content[name] for name in own if name in content})


AnyManifest = TypeVar("AnyManifest", bound=NodeManifest)


class Store:
    """The folder of all outputs."""

    def __init__(self, root: Path | str = "store") -> None:
        self.root = Path(root)

    def folder(self, place: Place) -> Path:
        """The folder of a node."""
        return self.root / place.stage / place.key

    def shard_path(self, place: Place, shard: int) -> Path:
        """The manifest of one shard."""
        return self.folder(place) / f"{shard:03d}.json"

    def node_path(self, place: Place) -> Path:
        """The manifest of a whole node; its existence means that the node is complete."""
        return self.folder(place) / "node.json"

    def epoch_path(self, place: Place, epoch: int) -> Path:
        """The manifest of a saved epoch of a training."""
        return self.folder(place) / f"epoch_{epoch:04d}.json"

    def epoch_state_path(self, place: Place, epoch: int) -> Path:
        """The full state of a saved epoch, beside its manifest."""
        return self.epoch_path(place, epoch).with_suffix(".pt")

    def link(self, source: Path, target: Path) -> None:
        """Let an output be at a path that is free as well; that copies take room is said once in a store's life."""
        if linked_or_copied(source, target):
            with contextlib.suppress(FileExistsError):
                (self.root / ".copies").touch(exist_ok=False)
                words = "has no hard links: equal outputs are copied, and take room twice"
                print(f"store: the file system of {self.root.resolve()} {words}", file=sys.stderr)

    def read_node(self, place: Place, kind: type[AnyManifest] = NodeManifest) -> AnyManifest:
        """The manifest of a node; of a training, of its epoch `place.epoch`."""
        path = self.node_path(place) if place.epoch is None else self.epoch_path(place, place.epoch)
        return kind.of(read_json(path))

    def read_shard(self, place: Place, shard: int) -> Manifest:
        """The manifest of a shard."""
        return read_manifest(self.shard_path(place, shard))

    def records(self, place: Place) -> Iterator[tuple[int, Record]]:
        """Every utterance of a node with its shard."""
        for shard in range(place.shards):
            for record in self.read_shard(place, shard).utterances:
                yield shard, record

    def write_shard(
        self,
        place: Place,
        shard: int,
        manifest: Manifest,
        arrays: Mapping[str, np.ndarray] | None = None,
    ) -> None:
        """Write a shard's arrays, then its manifest with the digest of both."""
        path = self.shard_path(place, shard)
        path.parent.mkdir(parents=True, exist_ok=True)
        if arrays is not None:
            manifest.payload = write_arrays(path.with_suffix(".safetensors"), arrays)
        # Encoded once, for the digest (`digest_of` utterances, excluded, payload) and for the file, unless with facts.
        utterances = list(map(CANONICAL.encode, manifest.utterances))
        decisive = [
            CANONICAL.encode(without_facts(record)) if FACTS in record else encoded
            for record, encoded in zip(manifest.utterances, utterances, strict=True)
        ]
        excluded = [asdict(e) for e in manifest.excluded]
        rest = f"{CANONICAL.encode(excluded)}, {CANONICAL.encode(manifest.payload)}"
        manifest.digest = hashlib.sha256(f"[[{', '.join(decisive)}], {rest}]".encode()).hexdigest()
        write_manifest(path, utterances, vars(manifest) | {"excluded": excluded})

    def arrays(self, place: Place, shard: int) -> ArrayReader:
        """The arrays of a shard, read one at a time."""
        return ArrayReader(self.shard_path(place, shard).with_suffix(".safetensors"))


class ArrayReader:
    """The arrays of one safetensors file, by name, mapped and not loaded whole."""

    def __init__(self, path: Path) -> None:
        from safetensors import safe_open

        self.path = path
        self._file = safe_open(path, framework="numpy")
        self._names = frozenset(self._file.keys())

    def __reduce__(self) -> tuple[type[ArrayReader], tuple[Path]]:
        """Another process, such as a worker that loads batches, opens the file anew."""
        return ArrayReader, (self.path,)

    def __contains__(self, name: str) -> bool:
        return name in self._names

    def __getitem__(self, name: str) -> np.ndarray:
        self._check(name)
        return self._file.get_tensor(name)

    def length(self, name: str) -> int:
        """How many rows an array has; none is read."""
        self._check(name)
        return self._file.get_slice(name).get_shape()[0]

    def rows(self, name: str, start: int, stop: int) -> np.ndarray:
        """The rows from `start` to before `stop` of an array; the others are not read."""
        self._check(name)
        return self._file.get_slice(name)[start:stop]

    def _check(self, name: str) -> None:
        if name not in self._names:
            raise KeyError(f"{self.path} holds no array {name!r}")


def read_json(path: Path) -> Any:
    """A JSON file. A file that is not JSON is named in the error."""
    return _json(path, path.read_text(encoding="utf-8"))


def read_rows(path: Path, name: str) -> Iterator[dict[str, Any]]:
    """The objects of a list of that name in a file of `write_json`, one by one: the whole of it may be large."""
    with path.open(encoding="utf-8") as file:
        within = dropwhile(lambda line: line != f' "{name}": [\n', file)
        next(within, None)
        row = ""
        for line in takewhile(lambda line: not line.startswith(" ]"), within):
            row += line
            if line.startswith("  }"):
                yield _json(path, row.rstrip(",\n"))
                row = ""


def _json(path: Path, text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"{path} is not valid JSON ({error}); delete it and run again to make it anew") from error


def read_manifest(path: Path) -> Manifest:
    """A manifest as `Store.write_shard` wrote it."""
    raw = read_json(path)
    raw["excluded"] = [Excluded(**e) for e in raw["excluded"]]
    return Manifest(**raw)


def write_manifest(path: Path, utterances: Iterable[str], content: Mapping[str, Any]) -> None:
    """Write a shard's manifest atomically: its utterances, as JSON, one a line, and all else of `content`."""
    rest = {name: value for name, value in content.items() if name != "utterances"}
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8") as file:
        file.write('{\n "utterances": [\n  ' + ",\n  ".join(utterances) + "\n ]")
        file.writelines(f',\n "{name}": {CANONICAL.encode(value)}' for name, value in rest.items())
        file.write("\n}\n")


def write_json(path: Path, content: Any) -> None:
    """Write JSON atomically, and not as one text: UTF-8, Japanese kept as it is."""
    pieces = json.JSONEncoder(ensure_ascii=False, indent=1, allow_nan=False).iterencode(content)
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8") as file:
        file.writelines(pieces)
        file.write("\n")


def write_arrays(path: Path, arrays: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """Write a safetensors file atomically; returns its name, size and sha256."""
    import numpy as np
    from safetensors.numpy import save_file

    with replacing(path) as temporary:
        save_file({name: np.ascontiguousarray(array) for name, array in sorted(arrays.items())}, temporary)
    return {"file": path.name, "bytes": path.stat().st_size, "sha256": file_digest(path)}


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path beside `path` that takes its place, by rename, when the block ends without an error."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{socket.gethostname()}.{os.getpid()}")
    try:
        yield temporary
        with temporary.open("rb") as written:
            os.fsync(written.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """A temporary folder beside `path` that takes its place when the block ends; an old folder there is removed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    mark = f"{path.name}.{socket.gethostname()}.{os.getpid()}"
    fresh, old = path.with_name(f".new.{mark}"), path.with_name(f".old.{mark}")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    try:
        yield fresh
        if path.exists():
            os.replace(path, old)
        os.replace(fresh, path)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def linked_or_copied(source: Path, target: Path) -> bool:
    """Let a file be at a path that is free as well; whether that is a copy, as the file system has no hard links.

    Raises FileExistsError where there is something at `target`.
    """
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        with source.open("rb") as content, target.open("xb") as copy:
            shutil.copyfileobj(content, copy)
            copy.flush()
            os.fsync(copy.fileno())  # a manifest that speaks of it may be written next
        return True
    return False


def file_digest(path: str | Path) -> str:
    """sha256 of a file."""
    with open(path, "rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def without_facts(record: Record) -> Record:
    """What of a record decides what is made of it."""
    return {name: value for name, value in record.items() if name != FACTS}


def digest_of(content: Any) -> str:
    """sha256 of a JSON value, whatever the order of its keys."""
    return hashlib.sha256(CANONICAL.encode(content).encode()).hexdigest()
