"""Close a dataset: the account of everything kept and excluded, the quality page, and the gates."""

import argparse
import shutil
import sys

from koeru.graph.store import replacing, write_json
from koeru.jobs.command_line import stage_command
from koeru.jobs.run import timed
from koeru.jobs.stage import Work, finish
from koeru.report.data import Gate
from koeru.report.page import measured
from koeru.report.quality.html import quality_page
from koeru.report.quality.page import gather, quality
from koeru.report.quality.tables import tables

WORDS = {"<=": "at most", ">=": "at least"}


def job(work: Work, arguments: argparse.Namespace) -> None:
    """Write quality.html with what there is to hear, the lists and tables of the dataset, and its names' ids.

    Raises ValueError if a gate is not passed, or if exclusions left nothing of what was listed and is needed; the page
    is there all the same.
    """
    run: dict = {}
    with timed(run):
        with tables(work.folder) as add_row:
            gathered = gather(work, add_row)
        page = quality(work, gathered)
        with replacing(work.folder / "quality.html") as temporary:
            temporary.write_text(quality_page(page), encoding="utf-8")
        write_json(work.folder / "speakers.json", page.names)
        _copy(work, "stats", "stats.json")
        if "pairs" in work.parents:
            _copy(work, "pairs", "pairs.tsv")
            _copy(work, "pairs", "pairs_excluded.tsv")
    for warning in (*gathered.emptied.warnings(), *page.inner.warnings):
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


def _copy(work: Work, stage: str, name: str) -> None:
    shutil.copyfile(work.store.folder(work.parents[stage]) / name, work.folder / name)


if __name__ == "__main__":
    stage_command("dataset", __doc__, job)
