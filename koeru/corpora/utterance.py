"""What every adapter gives: who says what in which file."""

from __future__ import annotations

import re
from dataclasses import dataclass

SAFE_ID = re.compile(r"[A-Za-z0-9_.-]+")


@dataclass(frozen=True)
class Utterance:
    """One recording with its text. Paths are relative to the corpus's folder and never leave it.

    `dialogue` groups utterances that belong together, `turn` is the place in it, counted from 0. `bytes` and
    `mtime_ns` identify the recording without reading it, and so do those of the TextGrid.
    """

    id: str
    speaker: str
    emotion: str
    text: str
    wav: str
    dialogue: str = ""
    turn: int = 0
    kana: str = ""
    textgrid: str | None = None
    bytes: int = 0
    mtime_ns: int = 0
    textgrid_bytes: int = 0
    textgrid_mtime_ns: int = 0
