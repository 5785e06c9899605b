"""Phones, accent marks and durations in frames: how the text is read, reconciled with the times of its phones."""

import argparse
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from koeru.audio.files import read_wav
from koeru.audio.frames import n_frames
from koeru.corpora.delivered import Delivered
from koeru.corpora.on_disk import delivered
from koeru.corpora.provenance import provenance
from koeru.data.corrections import corrections_of, narrowed
from koeru.graph.store import FACTS, Record, file_digest
from koeru.jobs.command_line import stage_command
from koeru.jobs.stage import ExclusionError, Work, run_shard
from koeru.jobs.texts import UNREADABLE, kept_of, reader_of
from koeru.languages import Language, Reader, language
from koeru.text.align import Aligned, AlignmentError, CutOffError, ReadingMismatchError, reconcile, single_phones
from koeru.text.lab import LabError, read_lab
from koeru.text.phonology import Phonology
from koeru.text.reading import END, PLAIN, START, Interval, LabelError, Reading, TextError, UnknownPhoneError
from koeru.text.textgrid import TextGridError
from koeru.text.times import Times, TimesError, read_times


@dataclass(frozen=True)
class Piece:
    """Which part of a recording of `n_samples` samples a segment is."""

    start: int
    stop: int
    n_samples: int
    first: bool = True
    last: bool = True


@dataclass(frozen=True)
class Sources:
    """What both sides of an utterance come from: its text, and files of times and of full-context labels, if any.

    `believed` says whether full-context labels in the file of times tell the reading as well.
    """

    text: str
    times: str | Path | None = None
    full_context: str | Path | None = None
    believed: bool = True


@dataclass(frozen=True)
class Sides:
    """How an utterance is read, when its phones sound, and where the reading comes from."""

    reading: Reading
    times: Times
    source: str  # "delivered", "front end" or "alignment"


REASONS: dict[type[Exception], str] = {
    TextError: UNREADABLE,
    TextGridError: "TextGrid cannot be read",
    LabError: ".lab cannot be read",
    TimesError: "no alignment",
    LabelError: "full-context labels cannot be read",
    UnknownPhoneError: "unknown phone",
    ReadingMismatchError: "readings differ",
    CutOffError: "cut off by silence trimming",
    AlignmentError: "labels do not fit",
}


def spoken(work: Work) -> Language:
    """The language of the dataset."""
    return language(work["labels.language"])


def times_of(work: Work, sources: Sources) -> Times:
    """When the phones of an utterance sound; raises an error of REASONS."""
    if sources.times is None:
        raise TimesError("no TextGrid or .lab lies beside the recording: align it, or drop the utterance")
    return read_times(sources.times, work["labels.tier"], spoken(work).full_context)


def read_sides(work: Work, front_end: Reader, sources: Sources, times: Times) -> Sides:
    """Both sides of an utterance; raises an error of REASONS."""
    if not work["labels.accent"]:
        return Sides(unmarked(times.intervals, spoken(work)), times, "alignment")
    if asks_front_end(work, sources, times):
        return Sides(front_end.reading(sources.text), times, "front end")
    labels = times.full_context
    if sources.full_context:
        labels = read_lab(sources.full_context, spoken(work).full_context).full_context
    if labels is None:
        raise LabError(f"{sources.full_context}: full-context labels are wanted, and these are others")
    return Sides(spoken(work).read_labels(labels), times, "delivered")


def asks_front_end(work: Work, sources: Sources, times: Times) -> bool:
    """Whether the front end reads the text: there are no full-context labels, or they are not to be used."""
    delivered_reading = sources.full_context or (sources.believed and times.full_context)
    return work["labels.reading"] == "front_end" or not delivered_reading


def unmarked(intervals: list[Interval], phonology: Phonology) -> Reading:
    """The reading that the intervals themselves give: their phones, without accent marks."""
    heard = [phonology.normalise(interval.phone) for interval in single_phones(intervals, phonology)]
    heard = [(phone, devoiced) for phone, devoiced in heard if phone not in phonology.silences]
    silence, _ = phonology.silences
    phones = (silence, *(phone for phone, _ in heard), silence)
    return Reading(phones, (0, *(devoiced for _, devoiced in heard), 0), (START, *(PLAIN for _ in heard), END))


def label(work: Work, sides_of: Callable[[], Sides], piece: Piece) -> tuple[Sides, Aligned]:
    """Both sides and what a segment is of them; raises ExclusionError where they cannot be read or do not fit."""
    try:
        sides = sides_of()
        return sides, reconcile(
            sides.reading,
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
        )
    except tuple(REASONS) as error:
        reason = next(reason for kind, reason in REASONS.items() if isinstance(error, kind))
        raise ExclusionError(reason, str(error)) from error


def describe(sides: Sides, aligned: Aligned) -> Record:
    """The part of a labels record that the reading and its times make."""
    return {
        "reading": sides.source,
        "times": sides.times.source,
        "substitutions": aligned.substitutions,
        "means": "",
        "spread": aligned.spread,
        "kana": "",
        "remarks": list(sides.reading.remarks),
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
    empty = {
        "reading": "none",
        "times": "none",
        "substitutions": 0,
        "means": "",
        "spread": 0,
        "kana": "",
        "remarks": [],
    }
    empty |= {"phones": [], "devoiced": [], "accents": [], "durations": []}

    def process(segment: Record) -> tuple[list[Record], dict]:
        frames = n_frames(segment["stop"] - segment["start"], work["mel.hop_length"])
        return [kept_of(segment, listed[segment["utterance"]]) | empty | {"n_frames": frames}], {}

    run_shard(work, shard, process, arrays=False)


def label_shard(work: Work, shard: int) -> None:
    """Label every segment of a shard."""
    corpora = delivered(work.settings, work.store.root)
    listed = {utterance["id"]: utterance for utterance in work.shard("utterances", shard).utterances}
    sources = {
        name: sources_of(utterance, corpora[utterance["corpus"]], work["provenance"][utterance["corpus"]])
        for name, utterance in listed.items()
    }
    own = corrections_of(work, shard)
    starts: dict[str, list[int]] = {}  # of the segments of every utterance, in order
    for segment in work.shard("segments", shard).utterances:
        starts.setdefault(segment["utterance"], []).append(segment["start"])

    front_end = reader_of(work)

    @lru_cache(maxsize=2 * front_end.ahead)  # asked for before a text is read, and when its turn comes
    def times(name: str) -> Times:
        return times_of(work, sources[name])

    @lru_cache(maxsize=1)  # the segments of an utterance follow each other
    def sides(name: str) -> Sides:
        return read_sides(work, front_end, sources[name], times(name))

    @lru_cache(maxsize=1)
    def digests(name: str) -> dict[str, str]:
        """Of the files of labels, as they are when they are read."""
        files = {"alignment": sources[name].times, "full_context": sources[name].full_context}
        return {role: file_digest(path) for role, path in files.items() if path is not None}

    def questions() -> Iterator[tuple[str, tuple[str, ...]]]:
        """What the front end will be asked."""
        for name in starts if work["labels.accent"] else ():
            with suppress(*REASONS):  # told when its turn comes
                if asks_front_end(work, sources[name], times(name)):
                    yield sources[name].text, ()

    def process(segment: Record) -> tuple[list[Record], dict]:
        name = segment["utterance"]
        first, last = segment["start"] == min(starts[name]), segment["start"] == max(starts[name])
        piece = Piece(segment["start"], segment["stop"], segment["n_samples"], first, last)
        facts = {"digests": digests(name)}
        both, aligned = label(work, lambda: sides(name), piece)
        return [kept_of(segment, listed[name]) | describe(both, aligned) | {FACTS: facts}], {}

    with front_end:
        front_end.expect(questions())
        used = spoken(work).tools() if work["labels.accent"] else None
        run_shard(work, shard, process, arrays=False, tools=used, narrowed=narrowed(own), summary=count_sources)


def sources_of(utterance: Record, corpus: Delivered, made: Mapping[str, Any]) -> Sources:
    """The sources of an utterance of a corpus; `made` is what the parameter `provenance` says of it."""
    files = (corpus.path(file) if (file := utterance[role]) else None for role in ("alignment", "full_context"))
    times = utterance["alignment"]
    return Sources(utterance["text"], *files, times is None or "reading" in provenance(made, times).gives)


def count_sources(records: list[Record]) -> Iterator[str]:
    """Lines that say how many segments were read how, and where their times come from."""
    for what in ("reading", "times"):
        counts = Counter(record[what] for record in records)
        if counts:
            yield f"{what}: " + ", ".join(f"{n} × {source}" for source, n in counts.most_common())


def look_arguments(parser: argparse._ArgumentGroup) -> None:
    parser.add_argument("file", type=Path, nargs="?", help="a recording")
    parser.add_argument("--text", default="", help="what is said in it")
    parser.add_argument("--times", type=Path, help="its TextGrid or .lab")
    parser.add_argument("--full_context", type=Path, help="a .lab with its full-context labels")


def look(work: Work, arguments: argparse.Namespace) -> None:
    """Print the phones of one file with marks and durations."""
    wav, _ = read_wav(arguments.file)
    sources = Sources(arguments.text, arguments.times, arguments.full_context)
    with reader_of(work) as front_end:
        whole = Piece(0, len(wav), len(wav))
        sides, aligned = label(work, lambda: read_sides(work, front_end, sources, times_of(work, sources)), whole)
    print(f"reading: {sides.source}{f' {spoken(work).version()}' if sides.source == 'front end' else ''}")
    print(f"times: {sides.times.source}")
    for phone, devoiced, accent, frames in zip(
        aligned.phones, aligned.devoiced, aligned.accents, aligned.durations, strict=True
    ):
        print(f"{phone:4}{'devoiced' if devoiced else '':9}{accent:2}{frames:4d} frames")


if __name__ == "__main__":
    stage_command("labels", __doc__, job, look, look_arguments=look_arguments)
