"""Resample recordings with SoX: mono, 16 bit, without dither, guarded against clipping; broken files are excluded."""

import argparse
import hashlib
from functools import lru_cache
from pathlib import Path

from koeru.audio.bandwidth import bandwidth_hz
from koeru.audio.files import Excerpt, UnfitError, check, read_wav, resample
from koeru.corpora.on_disk import delivered
from koeru.graph.store import FACTS, Record, file_digest
from koeru.jobs.command_line import stage_command
from koeru.jobs.stage import ExclusionError, Work, run_shard

KEPT = ("id", "name", "speaker", "emotion", "dialogue", "turn")


def convert(work: Work, source: str | Path, target: Path, excerpt: Excerpt | None = None) -> Record:
    """Write the resampled recording and say what it holds; raises ExclusionError for one that is not fit for use.

    The facts are what the source was, and the bandwidth of what is heard by a model: of the resampled recording.
    """
    try:
        info = check(source, work["wav.max_clipped"], excerpt)
    except UnfitError as error:
        raise ExclusionError(error.reason, error.detail) from error
    target.parent.mkdir(parents=True, exist_ok=True)
    made = resample(source, target, work["wav.sample_rate"], excerpt)
    wav, sample_rate = read_wav(target)
    return {
        "n_samples": made.n_samples,
        "seconds": made.n_samples / sample_rate,
        "gain_db": made.gain_db,
        "clipped": info.clipped,
        FACTS: {
            "sample_rate": info.sample_rate,
            "n_channels": info.n_channels,
            "encoding": info.encoding,
            "bandwidth_hz": bandwidth_hz(wav, sample_rate),
        },
    }


def job(work: Work, arguments: argparse.Namespace) -> None:
    """Resample one shard."""
    shard = arguments.shard
    corpora = delivered(work.settings, work.store.root)
    digest_of_source = lru_cache(maxsize=4)(file_digest)  # excerpts of a recording follow each other

    def process(utterance: Record) -> tuple[list[Record], dict]:
        file = f"{shard:03d}/{utterance['id']}.wav"
        source = corpora[utterance["corpus"]].path(utterance["wav"])
        excerpt = None if utterance["begin"] is None else (utterance["begin"], utterance["end"])
        read = digest_of_source(source)
        made = convert(work, source, work.folder / file, excerpt)
        made[FACTS]["digests"] = {"wav": read}
        digest = hashlib.sha256((work.folder / file).read_bytes()).hexdigest()
        return [{k: utterance[k] for k in KEPT} | made | {"file": file, "sha256": digest}], {}

    run_shard(work, shard, process, arrays=False)


def look_arguments(parser: argparse._ArgumentGroup) -> None:
    parser.add_argument("file", type=Path, nargs="?", help="a recording")
    parser.add_argument("--out", type=Path, default=Path("look.wav"), help="where to write it (%(default)s)")


def look(work: Work, arguments: argparse.Namespace) -> None:
    """Resample one file."""
    made = convert(work, arguments.file, arguments.out)
    facts, hz = made[FACTS], made[FACTS]["bandwidth_hz"]
    print(f"{arguments.file}: {facts['sample_rate']} Hz, channels {facts['n_channels']}, {facts['encoding']}")
    band = "no speech to measure its bandwidth by" if hz is None else f"speech up to {hz:.0f} Hz"
    print(f"{arguments.out}: {made['seconds']:.3f} s, gain {made['gain_db']:.2f} dB, {band}")


if __name__ == "__main__":
    stage_command("wav", __doc__, job, look, look_arguments=look_arguments)
