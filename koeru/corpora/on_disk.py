"""A corpus as files: how many there are, and what to say when it is not there. Light enough for the Snakefile."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def corpus_folders(settings: Mapping[str, Any], store: Path) -> dict[str, Path]:
    """Where each corpus of a node lies: its path, or the stand-in's place in the store."""
    found = {name: Path(path) for name, path in settings["paths"].items()}
    return found | {name: store / "stand_in" / key / "corpus" for name, key in settings["stand_ins"].items()}


def missing_corpus(name: str, path: str, source: str) -> str:
    """What to tell a person whose corpus is not where the configuration says."""
    return (
        f"corpora.{name}: there is no corpus at {Path(path).absolute()}\n"
        f"  Get it: {source or 'its `source:` in the configuration says nothing about where'}\n"
        f"  Then set corpora.{name}.path. Without it, `make demo` (or --profile profiles/demo) runs the same "
        f"experiments on a stand-in corpus that koeru synthesises."
    )


def size_on_disk(root: Path) -> dict[str, int]:
    """Number of files below a folder and their bytes, without reading any."""
    files = total = 0
    for folder, _, names in os.walk(root):
        for name in names:
            files += 1
            total += os.stat(os.path.join(folder, name)).st_size
    return {"files": files, "bytes": total}
