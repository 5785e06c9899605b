"""What the stages that read texts share."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from koeru.config.languages import FILES
from koeru.config.word_lists import digest, read_rows
from koeru.graph.stages import READING
from koeru.graph.store import Record
from koeru.jobs.readings import CORRECTION
from koeru.jobs.stage import Work
from koeru.languages import Reader, language

UNREADABLE, OTHER_SENTENCE = "text cannot be read", "another sentence"  # reasons of exclusions
OF_SEGMENT = ("id", "utterance", "name", "speaker", "emotion", "dialogue", "seconds")
OF_UTTERANCE = ("text", "before_emotion")


def kept_of(segment: Record, utterance: Record) -> Record:
    """The part of a record that is the segment's own, or its utterance's."""
    return {name: segment[name] for name in OF_SEGMENT} | {name: utterance[name] for name in OF_UTTERANCE}


def reader_of(work: Work) -> Reader:
    """Who reads the texts of a dataset. Raises ValueError where a user's file says something else than when planned."""
    options = _options(work)
    return language(options.pop("language")).reader(**options, **_files(work, work.settings))


def _options(params: Mapping[str, Any]) -> dict[str, Any]:
    return {leaf.removeprefix("labels."): params[leaf] for leaf in READING if leaf not in FILES}


def told_of_reading(params: Mapping[str, Any], settings: Mapping[str, Any], records: Iterable[Record]) -> Record:
    """How the texts of a dataset were read, as the file of a voice tells it: see `koeru.use.reading`.

    `params` are those of its labels, `settings` say where a user's files lie, and of `records` those count that a
    person has corrected: a text whose corrections differ is read by none. Raises ValueError as `reader_of`.
    """
    files = _files(params, settings)
    rows = {name: [*read_rows(path).values()] if path else [] for name, path in files.items()}
    corrected: dict[str, set[str]] = {}
    for record in records:
        if record["reading"] == CORRECTION:
            corrected.setdefault(record["text"], set()).add(record["kana"])
    return _options(params) | rows | {"corrections": {text: min(k) for text, k in corrected.items() if len(k) == 1}}


def concerning(work: Work, texts: Iterable[str]) -> dict[str, Any]:
    """Of a user's files, the rows whose word may occur in texts, by the leaves that hold the files' content."""
    if not (told := {leaf: name for leaf, name in FILES.items() if work[leaf]}):
        return {}
    rows = language(work["labels.language"]).rows_concerning(*_files(work, work.settings).values(), texts)
    return {leaf: rows[name] for leaf, name in told.items()}


def _files(params: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Path | None]:
    """The user's files: name -> path, None where there is none."""
    found: dict[str, Path | None] = {}
    for leaf, name in FILES.items():
        path = settings.get("files", {}).get(leaf, "") if params[leaf] else ""
        if path and digest(read_rows(path).values()) != params[leaf]:
            raise ValueError(
                f"languages.{params['labels.language']}.{name}: {path} was changed after this run was planned: "
                "start the same command again"
            )
        found[name] = Path(path) if path else None
    return found
