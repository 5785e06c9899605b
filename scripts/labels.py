"""Phones, accent marks and durations in frames: full-context labels of the text, reconciled with a TextGrid's times."""

import argparse
from dataclasses import dataclass
from pathlib import Path

from koeru.audio.files import read_wav
from koeru.command_line import stage_command
from koeru.corpora.on_disk import delivered
from koeru.stage import ExclusionError, Work, run_shard
from koeru.store import Record
from koeru.text.accents import Reading, read_labels
from koeru.text.align import Aligned, AlignmentError, CutOffError, ReadingMismatchError, reconcile
from koeru.text.front_end import FrontEnd, FrontEndError, version
from koeru.text.phones import PAU, SIL, UnknownPhoneError, normalise
from koeru.text.textgrid import Interval, TextGridError, read_phones


@dataclass(frozen=True)
class Piece:
    """Which part of a recording of `n_samples` samples a segment is."""

    start: int
    stop: int
    n_samples: int
    first: bool = True
    last: bool = True


REASONS: dict[type[Exception], str] = {
    FrontEndError: "text cannot be read",
    TextGridError: "TextGrid cannot be read",
    UnknownPhoneError: "unknown phone",
    ReadingMismatchError: "readings differ",
    CutOffError: "cut off by silence trimming",
    AlignmentError: "labels do not fit",
}


def label(work: Work, front_end: FrontEnd, text: str, textgrid: Path | None, piece: Piece) -> Aligned:
    """Phones, accents and durations of a segment; raises ExclusionError where text and times do not go together."""
    if textgrid is None:
        raise ExclusionError("no TextGrid", "no TextGrid lies beside the recording: align it, or drop the utterance")
    try:
        intervals = read_phones(textgrid, work["labels.tier"])
        reading = read_labels(front_end.labels(text)) if work["labels.accent"] else unmarked(intervals)
        return reconcile(
            reading,
            intervals,
            start=piece.start,
            stop=piece.stop,
            n_samples=piece.n_samples,
            sample_rate=work["wav.sample_rate"],
            hop_length=work["mel.hop_length"],
            first=piece.first,
            last=piece.last,
        )
    except tuple(REASONS) as error:
        reason = next(reason for kind, reason in REASONS.items() if isinstance(error, kind))
        raise ExclusionError(reason, str(error)) from error


def unmarked(intervals: list[Interval]) -> Reading:
    """The reading that the intervals themselves give: their phones, without accent marks."""
    spoken = [normalise(interval.phone) for interval in intervals]
    spoken = [(phone, devoiced) for phone, devoiced in spoken if phone not in (SIL, PAU)]
    phones = (SIL, *(phone for phone, _ in spoken), SIL)
    return Reading(phones, (0, *(devoiced for _, devoiced in spoken), 0), ("^", *("_" for _ in spoken), "$"))


def job(work: Work, arguments: argparse.Namespace) -> None:
    """Label one shard."""
    said = {r["id"]: r for r in work.store.read_shard(work.parents["utterances"], arguments.shard).utterances}
    corpora = delivered(work.settings, work.store.root)
    ends: dict[str, list[int]] = {}
    for segment in work.store.read_shard(work.parents["segments"], arguments.shard).utterances:
        ends.setdefault(segment["utterance"], []).append(segment["start"])

    with FrontEnd(work["labels.max_characters"]) as front_end:

        def process(segment: Record) -> tuple[list[Record], dict]:
            utterance = said[segment["utterance"]]
            starts = ends[segment["utterance"]]
            piece = Piece(
                segment["start"],
                segment["stop"],
                segment["n_samples"],
                first=segment["start"] == min(starts),
                last=segment["start"] == max(starts),
            )
            grid = utterance["alignment"] and corpora[utterance["corpus"]].path(utterance["alignment"])
            aligned = label(work, front_end, utterance["text"], grid, piece)
            kept = {k: segment[k] for k in ("id", "utterance", "speaker", "emotion", "dialogue", "seconds")}
            return [kept | {"text": utterance["text"]} | describe(aligned)], {}

        run_shard(work, arguments.shard, process, arrays=False)


def describe(aligned: Aligned) -> Record:
    """The part of a labels record that the reading and its times make."""
    return {
        "phones": list(aligned.phones),
        "devoiced": list(aligned.devoiced),
        "accents": list(aligned.accents),
        "durations": list(aligned.durations),
        "n_frames": sum(aligned.durations),
    }


def look_arguments(parser: argparse._ArgumentGroup) -> None:
    parser.add_argument("file", type=Path, nargs="?", help="a recording")
    parser.add_argument("--text", help="what is said in it")
    parser.add_argument("--textgrid", type=Path, help="its TextGrid")


def look(work: Work, arguments: argparse.Namespace) -> None:
    """Print the phones of one file with marks and durations."""
    wav, _ = read_wav(arguments.file)
    with FrontEnd(work["labels.max_characters"]) as front_end:
        aligned = label(work, front_end, arguments.text or "", arguments.textgrid, Piece(0, len(wav), len(wav)))
    print(f"front end: {version()}")
    for phone, devoiced, accent, frames in zip(
        aligned.phones, aligned.devoiced, aligned.accents, aligned.durations, strict=True
    ):
        print(f"{phone:4}{'devoiced' if devoiced else '':9}{accent:2}{frames:4d} frames")


if __name__ == "__main__":
    stage_command("labels", __doc__, job, look, look_arguments=look_arguments)
