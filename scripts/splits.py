"""Assign every utterance to train, dev or eval by a hash of its dialogue."""

import argparse
import sys
from collections import Counter

from koeru.data.splits import assign, leaked, needed, warnings
from koeru.graph.store import write_json
from koeru.jobs.command_line import stage_command
from koeru.jobs.run import timed
from koeru.jobs.stage import Work, finish


def job(work: Work, arguments: argparse.Namespace) -> None:
    """Write splits.json: utterance id -> split."""
    run: dict = {}
    with timed(run):
        utterances = [needed(record) for _, record in work.store.records(work.parents["utterances"])]
        splits = assign(utterances, work["splits.dev"], work["splits.eval"])
        if sentences := leaked(utterances, splits):
            raise ValueError(f"held-out sentences occur in training, a defect of koeru: {sentences[:5]}")
        write_json(work.folder / "splits.json", splits)
    lacking = warnings(utterances, splits)
    for warning in lacking:
        print(f"splits: warning: {warning}", file=sys.stderr)
    finish(work, run, {"sizes": dict(Counter(splits.values())), "warnings": lacking})


if __name__ == "__main__":
    stage_command("splits", __doc__, job)
