"""Find silence with pydub: trim head and tail, and mark or split at inner silences.

Thresholds are in dBFS, lengths in ms.
"""

import argparse
from dataclasses import asdict

import numpy as np

from koeru.audio.files import read_wav
from koeru.audio.silence import Segment, find_segments, level_dbfs, trimmed
from koeru.graph.store import Record
from koeru.jobs.command_line import stage_command
from koeru.jobs.stage import ExclusionError, Work, run_shard


def segment(work: Work, wav: np.ndarray, sample_rate: int) -> list[Segment]:
    """The segments of one recording; raises ExclusionError if none of it is loud enough."""
    found = find_segments(
        wav,
        sample_rate,
        silence_thresh_h=work["segments.silence_thresh_h"],
        silence_thresh_t=work["segments.silence_thresh_t"],
        min_silence_len=work["segments.min_silence_len"],
        keep_silence=work["segments.keep_silence"],
        inner=work["segments.inner"],
    )
    if not found:
        loudest = "segments.silence_thresh_h and silence_thresh_t"
        raise ExclusionError("only silence", f"nothing is louder than {loudest}: lower them, or check the recording")
    return found


def job(work: Work, arguments: argparse.Namespace) -> None:
    """Segment one shard."""
    shard = arguments.shard
    folder = work.store.folder(work.parents["wav"])

    def process(recording: Record) -> tuple[list[Record], dict]:
        wav, sample_rate = read_wav(folder / recording["file"])
        found = segment(work, wav, sample_rate)
        taken = asdict(trimmed(wav, found, sample_rate))
        records = [
            {
                # An id of an utterance has no ~, so no piece is mistaken for one.
                "id": recording["id"] if len(found) == 1 else f"{recording['id']}~{i:02d}",
                "utterance": recording["id"],
                "name": recording["name"],
                "speaker": recording["speaker"],
                "emotion": recording["emotion"],
                "dialogue": recording["dialogue"],
                "start": piece.start,
                "stop": piece.stop,
                "n_samples": recording["n_samples"],
                "silences": [list(silence) for silence in piece.silences],
                "seconds": round((piece.stop - piece.start) / sample_rate, 6),
                "level_dbfs": level_dbfs(wav[piece.start : piece.stop]),
                "trimmed": None if i else taken,  # of the whole utterance: its first segment tells
            }
            for i, piece in enumerate(found)
        ]
        return records, {}

    run_shard(work, shard, process, arrays=False)


def look(work: Work, arguments: argparse.Namespace) -> None:
    """Print the segments of one file."""
    wav, sample_rate = read_wav(arguments.file)
    print(f"{arguments.file}: {len(wav) / sample_rate:.3f} s, {level_dbfs(wav):.1f} dBFS")
    found = segment(work, wav, sample_rate)
    for piece in found:
        inner = ", ".join(f"{a / sample_rate:.3f}–{b / sample_rate:.3f}" for a, b in piece.silences) or "none"
        print(f"  {piece.start / sample_rate:.3f}–{piece.stop / sample_rate:.3f} s, inner silences: {inner}")
    taken = trimmed(wav, found, sample_rate)
    loudest = "" if taken.loudest_dbfs is None else f", at its loudest {taken.loudest_dbfs:.1f} dBFS"
    print(f"  trimmed: {taken.seconds:.3f} s, {taken.energy_share:.3%} of the energy{loudest}")


if __name__ == "__main__":
    stage_command("segments", __doc__, job, look)
