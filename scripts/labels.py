"""Phones, accent marks and durations in frames: how the text is read, reconciled with the times of its phones."""

import argparse
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from koeru.audio.files import read_wav
from koeru.audio.frames import n_frames
from koeru.corpora.on_disk import delivered
from koeru.data.corrections import corrections_of, narrowed
from koeru.graph.store import FACTS, Record, file_digest
from koeru.jobs.command_line import stage_command
from koeru.jobs.readings import Known, Question, question
from koeru.jobs.sides import (
    MAKERS,
    Sides,
    Sources,
    heard,
    known_of,
    read_sides,
    sources_of,
    spoken,
    times_of,
)
from koeru.jobs.stage import ExclusionError, Work, run_shard
from koeru.jobs.texts import OTHER_SENTENCE, UNREADABLE, concerning, kept_of, reader_of
from koeru.languages import Language, written
from koeru.text.align import Aligned, AlignmentError, CutOffError, ReadingMismatchError, reconcile
from koeru.text.lab import LabError
from koeru.text.reading import (
    LabelError,
    OtherSentenceError,
    TextError,
    UnknownPhoneError,
)
from koeru.text.textgrid import TextGridError
from koeru.text.times import Times, TimesError


@dataclass(frozen=True)
class Piece:
    """Which part of a recording of `n_samples` samples a segment is."""

    start: int
    stop: int
    n_samples: int
    first: bool = True
    last: bool = True


REASONS: dict[type[Exception], str] = {
    TextError: UNREADABLE,
    OtherSentenceError: OTHER_SENTENCE,
    TextGridError: "TextGrid cannot be read",
    LabError: ".lab cannot be read",
    TimesError: "no alignment",
    LabelError: "full-context labels cannot be read",
    UnknownPhoneError: "unknown phone",
    ReadingMismatchError: "readings differ",
    CutOffError: "cut off by silence trimming",
    AlignmentError: "labels do not fit",
}


def label(work: Work, sources: Sources, sides_of: Callable[[], Sides], piece: Piece) -> tuple[Sides, Aligned]:
    """Both sides and what a segment is of them; raises ExclusionError where they cannot be read or do not fit."""
    sides = None
    try:
        sides = sides_of()
        return sides, reconcile(
            sides.read.reading,
            sides.times.intervals,
            spoken(work),
            start=piece.start,
            stop=piece.stop,
            n_samples=piece.n_samples,
            sample_rate=work["wav.sample_rate"],
            hop_length=work["mel.hop_length"],
            first=piece.first,
            last=piece.last,
            max_substitutions=work["labels.max_substitutions"],
            spread=not sources.made.by_hand,
        )
    except tuple(REASONS) as error:
        reason = next(reason for kind, reason in REASONS.items() if isinstance(error, kind))
        if isinstance(error, ReadingMismatchError | OtherSentenceError) and sources.correction:
            reason = "correction differs from the recording"
        kana = written(sides.read.reading, spoken(work)) if sides is not None else ""
        raise ExclusionError(reason, f"{error}\nkana: {kana}" if kana else str(error)) from error


def describe(sides: Sides, aligned: Aligned, own: Language) -> Record:
    """The part of a labels record that the reading and its times make."""
    return {
        "reading": sides.read.source,
        "means": sides.read.means,
        "kana": written(sides.read.reading, own),
        "remarks": list(sides.read.reading.remarks),
        "times": sides.times.source,
        "substitutions": aligned.substitutions,
        "spread": aligned.spread,
        "heard": " ".join(heard(sides.times, own)) if aligned.spread else "",
        "phones": list(aligned.phones),
        "devoiced": list(aligned.devoiced),
        "accents": list(aligned.accents),
        "durations": list(aligned.durations),
        "n_frames": sum(aligned.durations),
    }


def job(work: Work, arguments: argparse.Namespace) -> None:
    """Label one shard."""
    if work["labels.times"] == "none":
        pass_on(work, arguments.shard)
    else:
        label_shard(work, arguments.shard)


def pass_on(work: Work, shard: int) -> None:
    """Give every segment of a shard a record without phones."""
    listed = {utterance["id"]: utterance for utterance in work.shard("utterances", shard).utterances}
    empty = {"reading": "none", "means": "", "kana": "", "remarks": []}
    empty |= {"times": "none", "substitutions": 0, "spread": 0, "heard": ""}
    empty |= {"phones": [], "devoiced": [], "accents": [], "durations": []}

    def process(segment: Record) -> tuple[list[Record], dict]:
        frames = n_frames(segment["stop"] - segment["start"], work["mel.hop_length"])
        return [kept_of(segment, listed[segment["utterance"]]) | empty | {"n_frames": frames}], {}

    run_shard(work, shard, process, arrays=False)


def label_shard(work: Work, shard: int) -> None:
    """Label every segment of a shard."""
    corpora = delivered(work.settings, work.store.root)
    listed = {utterance["id"]: utterance for utterance in work.shard("utterances", shard).utterances}
    own = corrections_of(work, shard)
    sources = {
        name: sources_of(utterance, corpora[utterance["corpus"]], work["provenance"][utterance["corpus"]], own)
        for name, utterance in listed.items()
    }
    starts: dict[str, list[int]] = {}  # of the segments of every utterance, in order
    for segment in work.shard("segments", shard).utterances:
        starts.setdefault(segment["utterance"], []).append(segment["start"])

    front_end = reader_of(work)

    @lru_cache(maxsize=2 * front_end.ahead)  # asked for before a text is read, and when its turn comes
    def times(name: str) -> Times:
        return times_of(work, sources[name])

    @lru_cache(maxsize=2 * front_end.ahead)
    def known(name: str) -> Known:
        return known_of(work, sources[name], times(name))

    @lru_cache(maxsize=1)  # the segments of an utterance follow each other
    def sides(name: str) -> Sides:
        return read_sides(work, front_end, known(name), times(name))

    @lru_cache(maxsize=1)
    def digests(name: str) -> dict[str, str]:
        """Of the files of labels, as they are when they are read."""
        files = {"alignment": sources[name].times, "full_context": sources[name].full_context}
        return {role: file_digest(path) for role, path in files.items() if path is not None}

    def questions() -> Iterator[Question]:
        """What the front end will be asked."""
        for name in starts if work["labels.accent"] else ():
            with suppress(*REASONS):  # told when its turn comes
                asked = question(known(name), spoken(work), work["labels.reading"])
                if asked is not None:
                    yield asked

    def process(segment: Record) -> tuple[list[Record], dict]:
        name = segment["utterance"]
        first, last = segment["start"] == min(starts[name]), segment["start"] == max(starts[name])
        piece = Piece(segment["start"], segment["stop"], segment["n_samples"], first, last)
        facts = {"digests": digests(name)}
        both, aligned = label(work, sources[name], lambda: sides(name), piece)
        return [kept_of(segment, listed[name]) | describe(both, aligned, spoken(work)) | {FACTS: facts}], {}

    with front_end:
        front_end.expect(questions())
        used = spoken(work).tools() if work["labels.accent"] else None
        part = narrowed(own) | concerning(work, (utterance["text"] for utterance in listed.values()))
        run_shard(work, shard, process, arrays=False, tools=used, narrowed=part, summary=count_sources)


def count_sources(records: list[Record]) -> Iterator[str]:
    """Lines that say how many segments were read how, and where their times come from."""
    for what in ("reading", "means", "times"):
        counts = Counter(record[what] for record in records if record[what])
        if counts:
            yield f"{what}: " + ", ".join(f"{n} × {source}" for source, n in counts.most_common())


def look_arguments(parser: argparse._ArgumentGroup) -> None:
    parser.add_argument("file", type=Path, nargs="?", help="a recording")
    parser.add_argument("--text", default="", help="what is said in it")
    parser.add_argument("--kana", default="", help="the same in kana, as a corpus delivers them")
    parser.add_argument("--correction", default="", help="its reading in kana with accents")
    parser.add_argument("--made", choices=tuple(MAKERS), default="by_hand", help="who made the times (%(default)s)")
    parser.add_argument("--times", type=Path, help="its TextGrid or .lab")
    parser.add_argument("--full_context", type=Path, help="a .lab with its full-context labels")


def look(work: Work, arguments: argparse.Namespace) -> None:
    """Print the phones of one file with marks and durations."""
    wav, _ = read_wav(arguments.file)
    sources = Sources(
        arguments.text,
        arguments.kana,
        arguments.correction,
        arguments.times,
        arguments.full_context,
        MAKERS[arguments.made],
    )

    def sides() -> Sides:
        times = times_of(work, sources)
        return read_sides(work, front_end, known_of(work, sources, times), times)

    with reader_of(work) as front_end:
        both, aligned = label(work, sources, sides, Piece(0, len(wav), len(wav)))
    told = describe(both, aligned, spoken(work))
    print(f"reading: {both.read.source}{f' {spoken(work).version()}' if both.read.source == 'front end' else ''}")
    for what in ("means", "kana", "times", "spread"):
        print(f"{what}: {told[what]}")
    for remark in told["remarks"]:
        print(f"remark: {remark}")
    for phone, devoiced, accent, frames in zip(
        aligned.phones, aligned.devoiced, aligned.accents, aligned.durations, strict=True
    ):
        print(f"{phone:4}{'devoiced' if devoiced else '':9}{accent:2}{frames:4d} frames")


if __name__ == "__main__":
    stage_command("labels", __doc__, job, look, look_arguments=look_arguments)
