"""A corpus as files: how many there are, and what to say when it is not there. Light enough for the Snakefile."""

import os
from pathlib import Path


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
