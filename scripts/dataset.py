"""Close a dataset: the account of everything kept and excluded, the quality page, and the gates."""

import argparse
import shutil
import sys
from collections.abc import Iterable, Sequence
from itertools import chain

from koeru.graph.store import FACTS, replacing, write_json
from koeru.jobs.command_line import stage_command
from koeru.jobs.run import timed
from koeru.jobs.stage import Work, finish
from koeru.report.data import Gate
from koeru.report.page import measured
from koeru.report.quality.dataset import Quality
from koeru.report.quality.html import quality_page
from koeru.report.quality.page import gather, quality

FACTS_TOLD = ("sample_rate", "n_channels", "encoding", "bandwidth_hz")
WORDS = {"<=": "at most", ">=": "at least"}


def job(work: Work, arguments: argparse.Namespace) -> None:
    """Write quality.html with what there is to hear, the lists and tables of the dataset, and its names' ids.

    Raises ValueError if a gate is not passed, or if exclusions left nothing of what was listed and is needed; the page
    is there all the same.
    """
    run: dict = {}
    with timed(run):
        gathered = gather(work)
        page = quality(work, gathered)
        _write(work, "quality.html", [quality_page(page)])
        _table(work, "excluded.tsv", ("id", "stage", "reason", "detail"), _exclusions(page))
        readings = ((d.id, d.text, d.said, d.heard) for d in page.differing)
        _table(work, "readings.tsv", ("id", "text", "said", "heard"), readings)
        _table(work, "recordings.tsv", ("id", "speaker", *FACTS_TOLD), _recordings(work))
        for split, ids in gathered.account.ids.items():
            _write(work, f"{split}.list", (f"{name}\n" for name in ids))
        write_json(work.folder / "speakers.json", page.names)
        _copy(work, "stats", "stats.json")
        if "pairs" in work.parents:
            _copy(work, "pairs", "pairs.tsv")
            _copy(work, "pairs", "pairs_excluded.tsv")
    for warning in gathered.emptied.warnings():
        print(f"dataset: warning: {warning}", file=sys.stderr)
    failed = [_failure(gate) for gate in page.gates if not gate.passed]
    gone = [f"  {problem}" for problem in gathered.emptied.problems()]
    if failed or gone:
        told = ["the dataset does not pass its gates:", *failed] if failed else []
        told += ["exclusions have emptied a part of the dataset:", *gone] if gone else []
        raise ValueError("\n".join([*told, f"Look at {work.folder / 'quality.html'}"]))
    finish(work, run, {"kept": page.kept, "seconds_kept": round(page.kept_s, 3), "warnings": list(page.warnings)})


def _failure(gate: Gate) -> str:
    value, limit = (measured(number, gate.unit) for number in (gate.value, gate.threshold))
    where = f" ({gate.worst})" if gate.worst else ""
    return f"  {gate.name}: {value}{where}, {gate.leaf} allows {WORDS[gate.relation]} {limit}. {gate.remedy}"


def _exclusions(page: Quality) -> Iterable[tuple[str, ...]]:
    return ((e.id, e.stage, e.reason, e.detail) for e in page.exclusions)


def _recordings(work: Work) -> Iterable[tuple[str, ...]]:
    """What every recording was before it was resampled; its bandwidth is empty where it was not measured."""
    for _, record in work.store.records(work.parents["wav"]):
        facts = (record[FACTS][name] for name in FACTS_TOLD)
        yield record["id"], record["speaker"], *("" if fact is None else str(fact) for fact in facts)


def _table(work: Work, name: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Lines of cells between tabs; white space within a cell becomes a space."""
    _write(work, name, ("\t".join(" ".join(cell.split()) for cell in row) + "\n" for row in chain([columns], rows)))


def _write(work: Work, name: str, lines: Iterable[str]) -> None:
    with replacing(work.folder / name) as temporary, temporary.open("w", encoding="utf-8") as file:
        file.writelines(lines)


def _copy(work: Work, stage: str, name: str) -> None:
    shutil.copyfile(work.store.folder(work.parents[stage]) / name, work.folder / name)


if __name__ == "__main__":
    stage_command("dataset", __doc__, job)
