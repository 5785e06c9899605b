"""Assign every utterance to train, dev or eval by a hash of its dialogue."""

import argparse
import sys
from collections.abc import Iterator

from koeru.data.split_table import SplitTable, write_splits
from koeru.data.splits import assign, leaked, warnings
from koeru.graph.store import Place, Record, Store
from koeru.jobs.command_line import stage_command
from koeru.jobs.run import timed
from koeru.jobs.stage import Work, finish


class Listed:
    """The utterances of a node, read from the store each time that they are gone through."""

    def __init__(self, store: Store, place: Place) -> None:
        self.store, self.place = store, place

    def __iter__(self) -> Iterator[Record]:
        return (record for _, record in self.store.records(self.place))


def job(work: Work, arguments: argparse.Namespace) -> None:
    """Write splits.json: utterance id -> split."""
    run: dict = {}
    with timed(run):
        utterances = Listed(work.store, work.parents["utterances"])
        path = work.folder / "splits.json"
        write_splits(path, assign(utterances, work["splits.dev"], work["splits.eval"]))
        splits = SplitTable.read(path)
        if sentences := leaked(utterances, splits):
            raise ValueError(f"held-out sentences occur in training, a defect of koeru: {sentences[:5]}")
        lacking = warnings(utterances, splits)
    for warning in lacking:
        print(f"splits: warning: {warning}", file=sys.stderr)
    finish(work, run, {"sizes": splits.sizes(), "warnings": lacking})


if __name__ == "__main__":
    stage_command("splits", __doc__, job)
