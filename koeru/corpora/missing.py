"""What to say when a corpus is not there. Light enough for the Snakefile."""

from pathlib import Path


def missing_corpus(name: str, path: str, source: str) -> str:
    """What to tell a person whose corpus is not where the configuration says."""
    return (
        f"corpora.{name}: there is no corpus at {Path(path).absolute()}\n"
        f"  Get it: {source or 'its `source:` in the configuration says nothing about where'}\n"
        f"  Then set corpora.{name}.path. Without it, `make demo` (or --profile profiles/demo) runs the same "
        f"experiments on a stand-in corpus that koeru synthesises."
    )
