"""What the stages that read texts share."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from koeru.config.languages import FILES
from koeru.config.word_lists import digest, read_rows
from koeru.graph.stages import READING
from koeru.graph.store import Record
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
    options = {leaf.removeprefix("labels."): work[leaf] for leaf in READING if leaf not in FILES}
    return language(options.pop("language")).reader(**options, **_files(work))


def concerning(work: Work, texts: Iterable[str]) -> dict[str, Any]:
    """Of a user's files, the rows whose word may occur in texts, by the leaves that hold the files' content."""
    if not (told := {leaf: name for leaf, name in FILES.items() if work[leaf]}):
        return {}
    rows = language(work["labels.language"]).rows_concerning(*_files(work).values(), texts)
    return {leaf: rows[name] for leaf, name in told.items()}


def _files(work: Work) -> dict[str, Path | None]:
    """The user's files: name -> path, None where there is none."""
    found: dict[str, Path | None] = {}
    for leaf, name in FILES.items():
        path = work.settings.get("files", {}).get(leaf, "") if work.params.get(leaf) else ""
        if path and digest(read_rows(path).values()) != work[leaf]:
            raise ValueError(
                f"languages.{work['labels.language']}.{name}: {path} was changed after this run was planned: "
                "start the same command again"
            )
        found[name] = Path(path) if path else None
    return found
