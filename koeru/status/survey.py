"""What there is of every corpus of the configuration, told in words: `snakemake corpora`.

Plain Python reads the headers of the recordings and lists the utterances; nothing is written.
"""

from __future__ import annotations

import os
import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from koeru.config.corpora import Corpus
from koeru.corpora.catalogue import ADAPTERS, PEOPLE
from koeru.corpora.delivered import Delivered
from koeru.corpora.endings import RECORDING, parts
from koeru.corpora.header import seconds_of
from koeru.corpora.licences import credit_of, licence_of
from koeru.corpora.on_disk import Size, all_delivered, count, difference, files_below
from koeru.corpora.people import Person
from koeru.corpora.selection import Selection
from koeru.corpora.utterance import Utterance
from koeru.graph.plan import Plan
from koeru.graph.store import Excluded
from koeru.jobs.progress import Progress, duration
from koeru.status.status import when_listed
from koeru.status.verified import Verified, verified_files

WIDTH, INDENT = 100, 14
FEW = 9  # names that are told one by one
QUIET_S = 2.0  # progress is told of a survey that takes longer


@dataclass
class Files:
    """What lies in the folders: `size` of all of it, and of the recordings below the corpus's own folder the rest."""

    size: Size = field(default_factory=lambda: {"files": 0, "bytes": 0, "times": 0})
    labels: dict[str, int] = field(default_factory=dict)
    recordings: Counter[str] = field(default_factory=Counter)  # by their forms: wav, flac
    seconds: float = 0.0
    unreadable: list[str] = field(default_factory=list)


@dataclass
class Content:
    """What the adapter finds; `timed` utterances have label files with times, `read` ones a delivered reading."""

    utterances: int = 0
    silent: int = 0  # of which nobody tells the text
    speakers: Counter[str] = field(default_factory=Counter)
    emotions: Counter[str] = field(default_factory=Counter)
    subsets: Counter[str] = field(default_factory=Counter)
    people: Mapping[str, Person] = field(default_factory=dict)
    timed: int = 0
    read: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)  # by reason, what was first refused for it
    remarks: list[str] = field(default_factory=list)
    problem: str = ""


def survey_lines(plan: Plan, verify: bool = False) -> list[str]:
    """A block of lines for every corpus of the configuration, and how many of them are there.

    To `verify`, every file that was read of them is read again.
    """
    corpora, places = plan.graph.config.corpora, all_delivered(plan.graph, plan.store.root)
    listed = when_listed(plan)
    verified = verified_files(plan, places) if verify else {}
    blocks = [
        _block(name, corpus, places[name], listed.get(name, []), verified.get(name)) for name, corpus in corpora.items()
    ]
    there = sum(place.root.is_dir() for place in places.values())
    return [line for block in blocks for line in [*block, ""]] + [f"{there} of {_many(len(corpora), 'corpus')} found"]


def look_at_files(place: Delivered, progress: Progress) -> Files:
    """Count the files of a corpus and of its sets of labels, and add up what the headers of recordings say."""
    found = Files()
    try:
        for path, status in files_below(place.root):
            count(found.size, status)
            progress.step()
            if ending := parts(path, RECORDING)[1].lower():
                found.recordings[ending[1:]] += 1
                try:
                    found.seconds += seconds_of(path)
                except (ValueError, OSError) as error:
                    found.unreadable.append(f"{_printable(os.path.relpath(path, place.root))}: {error}")
        for name, folder in place.labels.items():
            before = found.size["files"]
            for _, status in files_below(folder):
                count(found.size, status)
                progress.step()
            found.labels[name] = found.size["files"] - before
    except OSError as error:
        found.unreadable.append(str(error))
    return found


def look_at_content(kind: str, place: Delivered, progress: Progress) -> Content:
    """List the utterances of a corpus in a format; a `problem` is what the adapter refuses to read."""
    found = Content()
    try:
        for item in ADAPTERS[kind].utterances(place, Selection()):
            progress.step()
            if isinstance(item, Utterance):
                _add(found, item)
            elif isinstance(item, Excluded):
                found.refused[item.reason] += 1
                found.examples.setdefault(item.reason, item.detail)
            else:
                found.remarks.append(item)
        if kind in PEOPLE:
            found.people = PEOPLE[kind](place)
    except (ValueError, OSError) as error:
        found.problem = str(error)
    return found


def _printable(path: str) -> str:
    """A path whose bytes may not be UTF-8."""
    return os.fsencode(path).decode("utf-8", "replace")


def _add(found: Content, utterance: Utterance) -> None:
    found.utterances += 1
    found.silent += not utterance.text
    found.speakers[utterance.speaker] += 1
    found.emotions[utterance.emotion] += 1
    found.subsets[utterance.subset] += 1
    found.timed += utterance.alignment is not None
    found.read += utterance.full_context is not None


def _block(name: str, corpus: Corpus, place: Delivered, listed: Sequence[Size], verified: Verified | None) -> list[str]:
    """The lines about one corpus."""
    made_up = corpus.stand_in is not None
    head = f"{name} ({corpus.format}{', a stand-in' if made_up else ''}): "
    licence = ("licence", licence_of(corpus.licence, corpus.format, made_up))
    credit = credit_of(corpus.credit, corpus.format, made_up)
    rights = [licence, *([("credit", credit)] if credit and credit != licence[1] else [])]
    if not place.root.is_dir():
        where = "not made yet" if made_up else f"not found: there is no folder {place.root.absolute()}"
        rows = rights if made_up else [("get it", corpus.source or "its `source:` does not say where"), *rights]
        return [head + where, *_rows(rows)]
    progress = Progress(f"corpora: {name}", None, unit="files and utterances", every_s=QUIET_S)
    files = look_at_files(place, progress)
    content = look_at_content(corpus.format, place, progress)
    rows = [*_file_rows(files), *_content_rows(content), *_label_rows(place, files, content), *rights]
    if all(folder.is_dir() for folder in place.labels.values()) and (told := difference(name, listed, files.size)):
        rows.append(("changed", told))
    if verified is not None:
        rows.append(("verified", verified.words(name)))
    return [f"{head}{place.root.absolute()}", *_rows(rows)]


def _file_rows(files: Files) -> Iterator[tuple[str, str]]:
    size = files.size
    beside = " with its labels" if files.labels else ""
    yield "files", f"{_many(size['files'], 'file')}, {_bytes(size['bytes'])}{beside}"
    forms = f" ({_names(files.recordings)})" if len(files.recordings) > 1 else ""
    what = f"{next(iter(files.recordings))} file" if len(files.recordings) == 1 else "file"
    yield "recordings", f"{duration(files.seconds)} in {_many(files.recordings.total(), what)}{forms}"
    if files.unreadable:
        yield "unreadable", f"{_many(len(files.unreadable), 'file')}, such as {files.unreadable[0]}"


def _content_rows(content: Content) -> Iterator[tuple[str, str]]:
    yield "utterances", f"{content.utterances:,}{f', {content.silent:,} without a text' if content.silent else ''}"
    for kind, counts in (
        ("speakers", content.speakers),
        ("emotions", content.emotions),
        ("subsets", content.subsets),
    ):
        if names := {name: count for name, count in counts.items() if name}:
            yield kind, _names(names)
        if kind == "speakers" and (told := _people(content)):
            yield "", told
    if content.refused:
        reasons = ", ".join(f"{reason} {count:,}" for reason, count in content.refused.most_common())
        yield "refused", f"{sum(content.refused.values()):,}: {reasons}"
        for example in content.examples.values():
            yield "", f"for instance: {example}"
    if content.remarks:
        more = f"; and {len(content.remarks) - 1:,} more" if len(content.remarks) > 1 else ""
        yield "remark", content.remarks[0] + more
    if content.problem:
        yield "problem", content.problem


def _people(content: Content) -> str:
    """What the corpus tells of those who speak: of each kind how many; "" if it tells nothing."""
    found = [content.people[name] for name in content.speakers if name in content.people]
    counts = {kind: Counter(getattr(person, kind) for person in found) for kind in ("sex", "age", "accent")}
    return "; ".join(
        f"{kind}: {', '.join(f'{name} {counted[name]:,}' for name in sorted(counted) if name)}"
        for kind, counted in counts.items()
        if any(counted)
    )


def _label_rows(place: Delivered, files: Files, content: Content) -> Iterator[tuple[str, str]]:
    yield "labels", f"times for {_many(content.timed, 'utterance')}, readings for {_many(content.read, 'utterance')}"
    for name, folder in place.labels.items():
        there = f"{_many(files.labels[name], 'file')} in {folder.absolute()}"
        yield "", f"{name}: {there if folder.is_dir() else f'not found: there is no folder {folder.absolute()}'}"


def _rows(rows: Sequence[tuple[str, str]]) -> list[str]:
    """Rows (what, words), wrapped: the words in a column of their own. A path is never cut."""
    return [
        line
        for what, words in rows
        for line in textwrap.wrap(
            words,
            WIDTH,
            initial_indent=f"  {what}".ljust(INDENT),
            subsequent_indent=" " * INDENT,
            break_long_words=False,
            break_on_hyphens=False,
        )
    ]


def _names(counts: Mapping[str, int]) -> str:
    """Few names with their counts; of many, how many, the first and the last."""
    names = sorted(counts)
    if len(names) > FEW:
        return f"{len(names):,}: {names[0]} … {names[-1]}"
    return ", ".join(f"{name} {counts[name]:,}" for name in names) if len(names) > 1 else names[0]


def _many(count: int, what: str) -> str:
    """A count with its noun."""
    plural = {"corpus": "corpora"}.get(what, f"{what}s")
    return f"{count:,} {what if count == 1 else plural}"


def _bytes(count: int) -> str:
    """A size for people: `812 bytes`, `3.4 MB`, `12.0 GB`."""
    for unit, name in ((10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if count >= unit:
            return f"{count / unit:.1f} {name}"
    return _many(count, "byte")
