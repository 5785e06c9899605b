"""The lists and tables beside the page, written row by row: some have a row an utterance."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from koeru.data.splits import SPLITS
from koeru.graph.store import replacing
from koeru.report.quality.recorded import FACTS_TOLD

EXCLUDED, READINGS, RECORDINGS = "excluded.tsv", "readings.tsv", "recordings.tsv"
HEADS = {
    EXCLUDED: ("id", "stage", "reason", "detail"),
    READINGS: ("id", "text", "means", "said", "heard", "correction"),
    RECORDINGS: ("id", "speaker", *FACTS_TOLD),
}

AddRow = Callable[..., None]  # the name of a table, and the cells of a row


def list_of(split: str) -> str:
    """The name of the list of what is kept in a split."""
    return f"{split}.list"


@contextmanager
def tables(folder: Path) -> Iterator[AddRow]:
    """Write the tables of a dataset into its folder: cells between tabs, white space within one a single space."""
    names = (*HEADS, *map(list_of, SPLITS))
    with ExitStack() as stack:
        paths = {name: stack.enter_context(replacing(folder / name)) for name in names}
        files = {name: stack.enter_context(path.open("w", encoding="utf-8")) for name, path in paths.items()}

        def add(name: str, *cells: str) -> None:
            files[name].write("\t".join(" ".join(cell.split()) for cell in cells) + "\n")

        for name, head in HEADS.items():
            add(name, *head)
        yield add
