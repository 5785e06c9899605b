"""A corpus as files: where it lies, how large it is, and what to say when it is not there.

Light enough for the Snakefile.
"""

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from koeru.config.nearest import nearest
from koeru.corpora.delivered import NO_FILE, Delivered
from koeru.corpora.endings import hidden
from koeru.corpora.provenance import Provenance
from koeru.graph.graph import Graph
from koeru.graph.store import Place, Store, read_json

Size = dict[str, int]  # "files", "bytes" and "times" of a corpus and of the sets of labels beside it
TIMES = 2**63  # at which the sum of the files' times of change, in ns, begins anew


Sets = Mapping[str, Mapping[str, Provenance]]  # sets of labels by corpus and name


def delivered(settings: Mapping[str, Any], store: Path, sets: Sets = MappingProxyType({})) -> dict[str, Delivered]:
    """The corpora of a node where they lie: at their paths, or the stand-in's place in the store.

    Who lists them is told who made their `sets` of labels, which decides what is preferred.
    """
    places = {name: Path(path) for name, path in settings["paths"].items()}
    places |= {name: store / "stand_in" / key / "corpus" for name, key in settings["stand_ins"].items()}
    labels = settings["labels"]
    return {
        name: Delivered(name, root, {n: Path(path) for n, path in labels.get(name, {}).items()}, sets.get(name, {}))
        for name, root in places.items()
    }


def all_delivered(graph: Graph, store: Path) -> dict[str, Delivered]:
    """Every corpus of the configuration where it lies, whether a dataset takes it or not."""
    corpora = graph.config.corpora
    where = {
        "paths": {name: corpus.path for name, corpus in corpora.items() if corpus.stand_in is None},
        "stand_ins": {name: node.key for name, node in graph.stand_in.items()},
        "labels": {name: {labels.name: labels.path for labels in corpus.labels} for name, corpus in corpora.items()},
    }
    sets = {n: {own.name: Provenance.of(own.provenance()) for own in corpus.labels} for n, corpus in corpora.items()}
    return delivered(where, store, sets)


def missing_corpus(name: str, path: str, source: str) -> str:
    """What to tell a person whose corpus is not where the configuration says."""
    return (
        f"corpora.{name}: there is no corpus at {Path(path).absolute()}\n"
        f"  Get it: {source or 'its `source:` in the configuration says nothing about where'}\n"
        f"  Then set corpora.{name}.path. Without it, `make demo` (or --profile profiles/demo) runs the same "
        f"experiments on a stand-in corpus that koeru synthesises."
    )


def missing_labels(name: str, labels: str, path: str) -> str:
    """What to tell a person whose labels are not where the configuration says."""
    return (
        f"corpora.{name}.labels.{labels}: there is no folder {Path(path).absolute()}\n"
        f"  Set its path to where the label files lie, or leave the set out"
    )


def missing(settings: Mapping[str, Any]) -> list[str]:
    """What of the corpora of a node is not on disk, in words."""
    sources, labels = settings["sources"], settings["labels"]
    found = [missing_corpus(n, path, sources[n]) for n, path in settings["paths"].items() if not Path(path).is_dir()]
    for name, sets in labels.items():
        found += [missing_labels(name, n, path) for n, path in sets.items() if not Path(path).is_dir()]
    return found


def unmatched(store: Store, listing: Place, path: str, corrected: Collection[str]) -> list[str]:
    """What to tell of corrections, in a file, of utterances that a listing has not, not even as excluded."""
    lost = set(corrected)
    for shard in range(listing.shards):
        lost -= store.read_shard(listing, shard).ids
    known = [name for shard in range(listing.shards) if lost for name in store.read_shard(listing, shard).ids]
    return [
        f"corrections: {path} corrects {name!r}, and the dataset has no such utterance{nearest(name, known)}"
        for name in sorted(lost)
    ]


def files_below(*roots: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Every file below some folders that is not hidden; of a link to nowhere, or in a circle, its own status."""
    for root in roots:
        for folder, folders, names in os.walk(root, onerror=_raised):
            folders[:] = [name for name in folders if not hidden(name)]
            for path in (os.path.join(folder, name) for name in names if not hidden(name)):
                try:
                    yield path, os.stat(path)
                except OSError as error:
                    if error.errno not in NO_FILE:
                        raise
                    yield path, os.lstat(path)


def _raised(error: OSError) -> None:
    """What `os.walk` is told to do with a folder that cannot be read: by itself it passes over it in silence."""
    if error.errno not in NO_FILE:
        raise error


def size_on_disk(*roots: Path) -> Size:
    """Number of files below some folders, their bytes and the sum of their times, without reading any."""
    size = {"files": 0, "bytes": 0, "times": 0}
    for _, status in files_below(*roots):
        count(size, status)
    return size


def count(size: Size, status: os.stat_result) -> None:
    """Add a file."""
    size["files"] += 1
    size["bytes"] += status.st_size
    size["times"] = (size["times"] + status.st_mtime_ns) % TIMES


def sizes_when_listed(manifests: Iterable[Path]) -> dict[str, list[Size]]:
    """The sizes of each corpus when it was listed, from the manifests of those listings that are finished."""
    found: dict[str, list[Size]] = {}
    for path in manifests:
        for name, size in (read_json(path)["corpora"] if path.exists() else {}).items():
            if size not in found.setdefault(name, []):
                found[name].append(size)
    return found


def difference(name: str, listed: Iterable[Size], now: Size) -> str:
    """What to tell of a corpus that is not as it was listed; "" if it is."""
    if others := [size for size in listed if _size(size) != _size(now)]:
        was = " and ".join(map(_size, others))
        return f"corpora.{name}: {was} when listed; now {_size(now)}. Raise its revision to take the change in"
    if any(size.get("times", now["times"]) != now["times"] for size in listed):
        return (
            f"corpora.{name}: files were changed or copied since it was listed, to the same sizes. "
            f"`snakemake corpora --config verify=yes` compares what is in them; raise its revision to take a change in"
        )
    return ""


def _size(size: Size) -> str:
    return f"{size['files']} files, {size['bytes']} bytes"
