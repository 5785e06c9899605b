"""Resample recordings with SoX: mono, 16 bit, without dither, guarded against clipping; broken files are excluded."""

import argparse
import hashlib
from pathlib import Path

from koeru.audio.files import Excerpt, UnfitError, check, resample
from koeru.corpora.on_disk import delivered
from koeru.graph.store import Record
from koeru.jobs.command_line import stage_command
from koeru.jobs.stage import ExclusionError, Work, run_shard

KEPT = ("id", "name", "speaker", "emotion", "dialogue", "turn")


def convert(work: Work, source: str | Path, target: Path, excerpt: Excerpt | None = None) -> Record:
    """Write the resampled recording and say what it holds; raises ExclusionError for one that is not fit for use."""
    try:
        info = check(source, work["wav.max_clipped"], excerpt)
    except UnfitError as error:
        raise ExclusionError(error.reason, error.detail) from error
    target.parent.mkdir(parents=True, exist_ok=True)
    made = resample(source, target, work["wav.sample_rate"], excerpt)
    seconds = made.n_samples / work["wav.sample_rate"]
    return {"n_samples": made.n_samples, "seconds": seconds, "gain_db": made.gain_db, "clipped": info.clipped}


def job(work: Work, arguments: argparse.Namespace) -> None:
    """Resample one shard."""
    shard = arguments.shard
    corpora = delivered(work.settings, work.store.root)

    def process(utterance: Record) -> tuple[list[Record], dict]:
        file = f"{shard:03d}/{utterance['id']}.wav"
        source = corpora[utterance["corpus"]].path(utterance["wav"])
        excerpt = None if utterance["begin"] is None else (utterance["begin"], utterance["end"])
        made = convert(work, source, work.folder / file, excerpt)
        digest = hashlib.sha256((work.folder / file).read_bytes()).hexdigest()
        return [{k: utterance[k] for k in KEPT} | made | {"file": file, "sha256": digest}], {}

    run_shard(work, shard, process, arrays=False)


def look_arguments(parser: argparse._ArgumentGroup) -> None:
    parser.add_argument("file", type=Path, nargs="?", help="a recording")
    parser.add_argument("--out", type=Path, default=Path("look.wav"), help="where to write it (%(default)s)")


def look(work: Work, arguments: argparse.Namespace) -> None:
    """Resample one file."""
    made = convert(work, arguments.file, arguments.out)
    print(f"{arguments.out}: {made['seconds']:.3f} s, gain {made['gain_db']:.2f} dB")


if __name__ == "__main__":
    stage_command("wav", __doc__, job, look, look_arguments=look_arguments)
