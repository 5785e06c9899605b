"""What every adapter gives: who says what in which file."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import Any

SAFE_ID = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,199}")  # files are named by it


@dataclass(frozen=True, slots=True)
class File:
    """A delivered file. `path` is relative to `folder` and never leaves it.

    `folder` is "" for the corpus's own folder, else the name of a set of labels that lies beside it
    (`corpora.<name>.labels`). `bytes` and `mtime_ns` identify the content without reading it.
    """

    path: str
    folder: str = ""
    bytes: int = 0
    mtime_ns: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """What is known of an utterance but for its recording.

    `id` is unique in a dataset; `name` is the corpus's own name of the sentence, equal where speakers (also of other
    corpora) read the same one. `subset` is the part of the corpus. `dialogue` groups utterances that belong together,
    `turn` is the place in it, counted from 0. `before_emotion` is the emotion of the turn before, whoever speaks it and
    whether or not a dataset takes it; "" where there is no such turn, or nobody knows its emotion. `begin` and `end`
    bound an excerpt, in seconds of the recording. `alignment` says when the phones sound (a TextGrid or .lab file),
    `full_context` how the text is read (.lab).
    """

    id: str
    name: str
    speaker: str
    emotion: str
    text: str
    subset: str = ""
    dialogue: str = ""
    turn: int = 0
    before_emotion: str = ""
    kana: str = ""
    begin: float | None = None
    end: float | None = None
    alignment: File | None = None
    full_context: File | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Utterance(Said):
    """One recording, or an excerpt of one, with its text."""

    wav: File

    def label_folders(self) -> set[str]:
        """The sets of labels that its label files are from."""
        return {file.folder for file in (self.alignment, self.full_context) if file is not None}

    def record(self) -> dict[str, Any]:
        """The utterance as JSON holds it (`dataclasses.asdict` takes several times as long)."""
        return {name: _plain(getattr(self, name)) for name in _UTTERANCE}


_FILE = tuple(field.name for field in fields(File))
_UTTERANCE = tuple(field.name for field in fields(Utterance))
SAID = tuple(field.name for field in fields(Said))


def _plain(value: Any) -> Any:
    return {name: getattr(value, name) for name in _FILE} if isinstance(value, File) else value
