"""Close a dataset: the account of everything kept and excluded, the quality page, and the gates."""

import argparse
import shutil

from koeru.command_line import stage_command
from koeru.data.reading import Features
from koeru.report.data import Quality
from koeru.report.page import quality_page
from koeru.report.quality import quality
from koeru.stage import Work, finish
from koeru.store import replacing, timed


def job(work: Work, arguments: argparse.Namespace) -> None:
    """Write quality.html, lists of ids, exclusions and statistics; raise ValueError if a gate is not passed."""
    run: dict = {}
    with timed(run):
        page, _ = quality(work)
        _write(work, "quality.html", quality_page(page))
        _write(work, "excluded.tsv", _rows([("id", "stage", "reason", "detail"), *_exclusions(page)]))
        shutil.copyfile(work.store.folder(work.parents["stats"]) / "stats.json", work.folder / "stats.json")
        features = Features.of(work, ("pitch", "energy", "mel", "sp"))
        for split in ("train", "dev", "eval"):
            _write(work, f"{split}.list", "".join(f"{r['id']}\n" for _, r in features.records(split)))
    failed = [gate for gate in page.gates if not gate.passed]
    if failed:
        told = "; ".join(f"{g.name}: {g.value:.2%}, allowed {g.threshold:.2%} ({g.about})" for g in failed)
        raise ValueError(f"the dataset does not pass its gates: {told}. Look at {work.folder / 'quality.html'}")
    finish(work, run, {"kept": page.kept, "seconds_kept": round(page.kept_s, 3), "warnings": list(page.warnings)})


def _exclusions(page: Quality) -> list[tuple[str, ...]]:
    return [(e.id, e.stage, e.reason, e.detail) for e in page.exclusions]


def _rows(rows: list[tuple[str, ...]]) -> str:
    return "".join("\t".join(" ".join(cell.split()) for cell in row) + "\n" for row in rows)


def _write(work: Work, name: str, text: str) -> None:
    with replacing(work.folder / name) as temporary:
        temporary.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    stage_command("dataset", __doc__, job)
