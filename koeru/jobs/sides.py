"""Both sides of an utterance: how its text is read, and when its phones sound."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from koeru.corpora.delivered import Delivered
from koeru.corpora.provenance import Provenance, provenance
from koeru.graph.store import Record
from koeru.jobs.readings import ALONE, Known, Read, read
from koeru.jobs.stage import Work
from koeru.languages import Language, Reader, language
from koeru.text.align import single_phones
from koeru.text.lab import LabError, read_lab
from koeru.text.phonology import Phonology
from koeru.text.reading import END, PLAIN, START, Interval, Reading
from koeru.text.times import Times, TimesError, read_times

MAKERS = {made: Provenance.by(made) for made in ("by_hand", "machine")}
BY_HAND = MAKERS["by_hand"]


@dataclass(frozen=True)
class Sources:
    """What both sides of an utterance come from: its text, and files of times and of full-context labels, if any.

    `made` says who made the times, and `labels_made` the full-context labels.
    """

    text: str
    kana: str = ""
    correction: str = ""
    times: str | Path | None = None
    full_context: str | Path | None = None
    made: Provenance = BY_HAND
    labels_made: Provenance = BY_HAND


@dataclass(frozen=True)
class Sides:
    """How an utterance is read, and when its phones sound."""

    read: Read
    times: Times


def sources_of(
    utterance: Record, corpus: Delivered, made: Mapping[str, Any], corrections: Mapping[str, str]
) -> Sources:
    """The sources of an utterance of a corpus; `made` is what the parameter `provenance` says of it."""
    files = [utterance[role] for role in ("alignment", "full_context")]
    paths = (None if file is None else corpus.path(file) for file in files)
    makers = (BY_HAND if file is None else provenance(made, file) for file in files)
    return Sources(utterance["text"], utterance["kana"], corrections.get(utterance["id"], ""), *paths, *makers)


def spoken(work: Work) -> Language:
    """The language of the dataset."""
    return language(work["labels.language"])


def times_of(work: Work, sources: Sources) -> Times:
    """When the phones of an utterance sound; raises an error of REASONS."""
    if sources.times is None:
        raise TimesError("no TextGrid or .lab lies beside the recording: align it, or drop the utterance")
    return read_times(sources.times, work["labels.tier"], spoken(work).full_context)


def known_of(work: Work, sources: Sources, times: Times) -> Known:
    """What is known of an utterance before its text is read; raises an error of REASONS.

    Labels and phones are looked at only where something is read as they say.
    """
    own = spoken(work)
    told = {"text": sources.text, "kana": sources.kana, "correction": sources.correction}
    if sources.correction or work["labels.reading"] == ALONE or not work["labels.accent"]:
        return Known(**told)
    if sources.full_context:
        labels = read_lab(sources.full_context, own.full_context).full_context
        if labels is None:
            raise LabError(f"{sources.full_context}: full-context labels are wanted, and these are others")
        return Known(**told, labels=own.read_labels(labels), gives=sources.labels_made.gives)
    if "reading" not in sources.made.gives:
        return Known(**told)
    if times.full_context:
        return Known(**told, labels=own.read_labels(times.full_context), gives=sources.made.gives)
    return Known(**told, heard=heard(times, own, "devoicing" in sources.made.gives))


def heard(times: Times, phonology: Phonology, devoiced: bool = False) -> tuple[str, ...]:
    """The phones of a recording without silences, by their own names; or with `devoiced`, by those they have there."""
    labels = [label for _, _, label in single_phones(times.intervals, phonology)]
    named = [(label, phonology.normalise(label)[0]) for label in labels]
    return tuple(label if devoiced else phone for label, phone in named if phone not in phonology.silences)


def read_sides(work: Work, front_end: Reader, known: Known, times: Times) -> Sides:
    """Both sides of an utterance; raises an error of REASONS."""
    own = spoken(work)
    if not work["labels.accent"]:
        return Sides(Read(unmarked(times.intervals, own), "alignment"), times)
    return Sides(read(known, own, front_end, work["labels.reading"]), times)


def unmarked(intervals: list[Interval], phonology: Phonology) -> Reading:
    """The reading that the intervals themselves give: their phones, without accent marks."""
    heard = [phonology.normalise(interval.phone) for interval in single_phones(intervals, phonology)]
    heard = [(phone, devoiced) for phone, devoiced in heard if phone not in phonology.silences]
    silence, _ = phonology.silences
    phones = (silence, *(phone for phone, _ in heard), silence)
    return Reading(phones, (0, *(devoiced for _, devoiced in heard), 0), (START, *(PLAIN for _ in heard), END))
