"""A corpus as files: where it lies, how large it is, and what to say when it is not there.

Light enough for the Snakefile.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from koeru.corpora.delivered import Delivered


def delivered(settings: Mapping[str, Any], store: Path) -> dict[str, Delivered]:
    """The corpora of a node where they lie: at their paths, or the stand-in's place in the store."""
    places = {name: Path(path) for name, path in settings["paths"].items()}
    places |= {name: store / "stand_in" / key / "corpus" for name, key in settings["stand_ins"].items()}
    labels = settings["labels"]
    return {
        name: Delivered(name, root, {n: Path(path) for n, path in labels.get(name, {}).items()})
        for name, root in places.items()
    }


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
        f"  Set the path to where the label files lie, or leave the line out"
    )


def missing(settings: Mapping[str, Any]) -> list[str]:
    """What of the corpora of a node is not on disk, in words."""
    sources, labels = settings["sources"], settings["labels"]
    found = [missing_corpus(n, path, sources[n]) for n, path in settings["paths"].items() if not Path(path).is_dir()]
    for name, sets in labels.items():
        found += [missing_labels(name, n, path) for n, path in sets.items() if not Path(path).is_dir()]
    return found


def size_on_disk(*roots: Path) -> dict[str, int]:
    """Number of files below some folders and their bytes, without reading any."""
    files = total = 0
    for root in roots:
        for folder, _, names in os.walk(root):
            for name in names:
                files += 1
                total += os.stat(os.path.join(folder, name)).st_size
    return {"files": files, "bytes": total}
