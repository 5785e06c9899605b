"""Find silence with pydub: trim head and tail, mark or split at inner silences, and mute what is wanted.

Thresholds are in dBFS, lengths in ms.
"""

import argparse
from collections.abc import Iterable

import numpy as np

from koeru.audio.files import read_wav
from koeru.audio.muting import find_muted, quiet
from koeru.audio.silence import Segment, Stretch, find_segments, level_dbfs, taken, trimmed
from koeru.graph.store import FACTS, Record
from koeru.jobs.command_line import stage_command
from koeru.jobs.segments import samples_of
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
        chunk_size=work["segments.chunk_size"],
    )
    if not found:
        loudest = "segments.silence_thresh_h and silence_thresh_t"
        raise ExclusionError("only silence", f"nothing is louder than {loudest}: lower them, or check the recording")
    return found


def muted(work: Work, wav: np.ndarray, sample_rate: int, speech: Stretch) -> list[Stretch] | None:
    """The stretches of a recording's speech that are to be digital zero; None where none are wanted."""
    if not work["segments.mute_inner"]:
        return None
    return find_muted(wav, speech, sample_rate, work["segments.chunk_size"], work["segments.silence_thresh_t"])


def part(stretches: Iterable[Stretch], piece: Segment) -> list[list[int]]:
    """What of some stretches lies in a segment."""
    both = ([max(start, piece.start), min(stop, piece.stop)] for start, stop in stretches)
    return [[start, stop] for start, stop in both if start < stop]


def job(work: Work, arguments: argparse.Namespace) -> None:
    """Segment one shard."""
    shard = arguments.shard
    folder = work.store.folder(work.parents["wav"])

    def process(recording: Record) -> tuple[list[Record], dict]:
        wav, sample_rate = read_wav(folder / recording["file"])
        found = segment(work, wav, sample_rate)
        zero = muted(work, wav, sample_rate, found[0].speech)
        # Of the whole utterance: its first segment tells.
        lost = vars(taken(wav, trimmed(wav, found), sample_rate))
        facts = {"quiet": vars(quiet(wav, found[0].speech, sample_rate, work["segments.chunk_size"]))}
        if zero is not None:
            facts["muted"] = vars(taken(wav, zero, sample_rate))
        records = []
        for i, piece in enumerate(found):
            record = {
                # An id of an utterance has no ~, so no piece is mistaken for one.
                "id": recording["id"] if len(found) == 1 else f"{recording['id']}~{i:02d}",
                "utterance": recording["id"],
                **{name: recording[name] for name in ("name", "speaker", "emotion", "dialogue")},
                "start": piece.start,
                "stop": piece.stop,
                "n_samples": recording["n_samples"],
                "silences": [list(silence) for silence in piece.silences],
                "seconds": round((piece.stop - piece.start) / sample_rate, 6),
                "trimmed": None if i else lost,
            }
            if zero is not None:
                record["muted"] = part(zero, piece)
            record["level_dbfs"] = level_dbfs(samples_of(record, wav))
            records.append(record if i else record | {FACTS: facts})
        return records, {}

    run_shard(work, shard, process, arrays=False)


def look(work: Work, arguments: argparse.Namespace) -> None:
    """Print the segments of one file."""
    wav, sample_rate = read_wav(arguments.file)
    print(f"{arguments.file}: {len(wav) / sample_rate:.3f} s, {level_dbfs(wav):.1f} dBFS")
    found = segment(work, wav, sample_rate)
    for piece in found:
        inner = _listed(piece.silences, sample_rate)
        print(f"  {piece.start / sample_rate:.3f}–{piece.stop / sample_rate:.3f} s, inner silences: {inner}")
    zero = muted(work, wav, sample_rate, found[0].speech)
    if zero is not None:
        print(f"  muted: {_listed(zero, sample_rate)}")
    lost = taken(wav, trimmed(wav, found), sample_rate)
    loudest = "" if lost.loudest_dbfs is None else f", at its loudest {lost.loudest_dbfs:.1f} dBFS"
    print(f"  trimmed: {lost.seconds:.3f} s, {lost.energy_share:.3%} of the energy{loudest}")


def _listed(stretches: Iterable[Stretch], sample_rate: int) -> str:
    return ", ".join(f"{start / sample_rate:.3f}–{stop / sample_rate:.3f}" for start, stop in stretches) or "none"


if __name__ == "__main__":
    stage_command("segments", __doc__, job, look)
