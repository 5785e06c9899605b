"""Resample recordings with SoX: mono, 16 bit, without dither, guarded against clipping; broken files are excluded."""

import argparse
import hashlib
from pathlib import Path

from koeru.audio.files import problem, resample
from koeru.command_line import stage_command
from koeru.corpora.on_disk import corpus_folders
from koeru.stage import ExclusionError, Work, run_shard
from koeru.store import Record

KEPT = ("id", "speaker", "emotion", "dialogue", "turn")


def convert(work: Work, source: Path, target: Path) -> Record:
    """Write the resampled recording and say what it holds; raises ExclusionError for one that is not fit for use."""
    if (fault := problem(source, work["wav.max_clipped"])) is not None:
        raise ExclusionError(*fault)
    target.parent.mkdir(parents=True, exist_ok=True)
    made = resample(source, target, work["wav.sample_rate"])
    return {"n_samples": made.n_samples, "seconds": made.n_samples / work["wav.sample_rate"], "gain_db": made.gain_db}


def job(work: Work, arguments: argparse.Namespace) -> None:
    """Resample one shard."""
    shard = arguments.shard
    folders = corpus_folders(work.settings, work.store.root)

    def process(utterance: Record) -> tuple[list[Record], dict]:
        file = f"{shard:03d}/{utterance['id']}.wav"
        made = convert(work, folders[utterance["corpus"]] / utterance["wav"], work.folder / file)
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
