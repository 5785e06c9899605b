"""Synthesise a stand-in corpus: Japanese dialogues of three speakers in four emotions, in the layout of STUDIES.

By hand: `python scripts/stand_in.py --out DIR [--stand_in.minutes 60] [--stand_in.faults "[clipping, crlf]"]`.
With `--stand_in.pair true` two speakers who read the same sentences, in the layout of a folder.
"""

import argparse
from pathlib import Path

from koeru.corpora.on_disk import size_on_disk
from koeru.jobs.command_line import stage_command
from koeru.jobs.progress import Progress, duration
from koeru.jobs.run import timed
from koeru.jobs.stage import Work, finish
from koeru.stand_in.corpus import write_corpus
from koeru.stand_in.faults import FAULTS
from koeru.stand_in.pair import write_pair


def write(work: Work, folder: Path, workers: int) -> dict:
    """Write the corpus with progress lines; returns its counts."""
    minutes, seed, faults, pair = (work[f"stand_in.{leaf}"] for leaf in ("minutes", "seed", "faults", "pair"))
    if pair and faults:
        raise ValueError("stand_in.faults: the pair has none; leave them out, or the pair")
    with Progress("stand_in", None) as progress:

        def report(done: int, total: int) -> None:
            progress.total = total
            progress.step(done - progress.done)

        told = {"minutes": minutes, "seed": seed, "workers": workers, "progress": report}
        if pair:
            return write_pair(folder, **told)
        return write_corpus(folder, faults=list(FAULTS) if faults == ["all"] else faults, **told)


def job(work: Work, arguments: argparse.Namespace) -> None:
    """Write the corpus into the store."""
    run: dict = {}
    folder = work.folder / "corpus"
    with timed(run):
        made = None if folder.exists() else write(work, folder, arguments.workers)
    finish(work, run, {"made": made, "size": size_on_disk(folder)})


def job_arguments(parser: argparse._ArgumentGroup) -> None:
    parser.add_argument("--workers", type=int, default=1, help="processes (%(default)s)")


def look_arguments(parser: argparse._ArgumentGroup) -> None:
    parser.add_argument("--out", type=Path, help="the folder to write; it must be empty or not exist yet")


def look(work: Work, arguments: argparse.Namespace) -> None:
    """Write a corpus anywhere, and say what is in it."""
    if arguments.out is None:
        raise ValueError("say where to write the corpus: --out DIR")
    made = write(work, arguments.out, arguments.workers)
    print(f"{arguments.out}: {made['utterances']} utterances, {duration(made['seconds'])}")
    for name, count in {**made["speakers"], **made["emotions"]}.items():
        print(f"  {name:<9}{count['utterances']:>6} utterances, {duration(count['seconds'])}")
    for name, utterance in made["faults"].items():
        print(f"  fault {name} in {utterance}: to be {FAULTS[name].expect}")


if __name__ == "__main__":
    stage_command("stand_in", __doc__, job, look, job_arguments=job_arguments, look_arguments=look_arguments)
