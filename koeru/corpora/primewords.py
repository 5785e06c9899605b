"""Primewords Chinese Corpus Set 1 (OpenSLR 47): 296 people say 100 hours of Mandarin to their telephones, at 16 kHz.

Layout: `set1_transcript.json`, a list of objects with `file` (000017e3-….wav), `text` and `user_id`, and
`audio_files/0/00/000017e3-….wav`, in folders named by the first letter of the file and by its first two. Spaces between
words are taken out. There are no sets. Files with times: `koeru.corpora.beside`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from koeru.corpora.beside import Beside
from koeru.corpora.delivered import Delivered
from koeru.corpora.endings import RECORDING, parts
from koeru.corpora.listed import NORMAL
from koeru.corpora.selection import Selection
from koeru.corpora.spaced import joined
from koeru.corpora.transcripts import Found, Row, content, join, not_understood
from koeru.graph.store import Excluded

LICENCE = "CC BY-NC-ND 4.0 (as OpenSLR states it): no commercial use, no changed copies to be passed on"
CREDIT = "Primewords Chinese Corpus Set 1, Primewords Information Technology Co., Ltd, 2018"
TRANSCRIPT = "set1_transcript.json"
AUDIO = "audio_files"
LAYOUT = f"{TRANSCRIPT} with file, text and user_id of every recording, and {AUDIO}/0/00/<file>"
FILE = re.compile(r"[\w-]{2,}\.\w+", re.ASCII)
SPACE = re.compile(r"\s*")


def utterances(delivered: Delivered, selection: Selection) -> Iterator[Found]:
    """Every utterance; the corpus is one subset, "".

    Refused: an object without a file, a text and a user, all that follows what is no JSON, and what `transcripts.join`
    refuses.
    """
    if selection.takes_subset(""):
        yield from join(_rows(delivered), delivered, AUDIO, any_depth=True)


def _rows(delivered: Delivered) -> Iterator[Row | Excluded | str]:
    text, said = content(delivered, TRANSCRIPT)
    if said:
        yield said
    times = Beside(delivered)
    for place, entry in _entries(text):
        if not isinstance(entry, dict):
            yield entry if isinstance(entry, Excluded) else not_understood(place, f"an object: {entry!r}")
            continue
        file, words, user = (entry.get(key) for key in ("file", "text", "user_id"))
        known = isinstance(words, str) and isinstance(user, str | int) and str(user)
        if not (known and isinstance(file, str) and FILE.fullmatch(file)):
            yield not_understood(place, f'an object with "file", "text" and "user_id": {entry!r}')
            continue
        name, speaker = parts(file, RECORDING)[0], f"primewords_{user}"
        recording = f"{name[0]}/{name[:2]}/{name}"
        yield Row(
            id=f"{speaker}_{name}",
            name=name,
            speaker=speaker,
            emotion=NORMAL,
            text=joined(words.strip()),
            alignment=times.of(f"{AUDIO}/{recording}"),
            recording=recording,
            place=place,
        )


def _entries(text: str) -> Iterator[tuple[str, Any]]:
    """What stands in a list in JSON, as (place, entry): one at a time, as a whole list takes many times its text.

    Where the text is no such list, the last entry is an exclusion that says so.
    """
    decode = json.JSONDecoder().raw_decode
    number, at = 0, _skip(text, 0)
    mark = "["
    while at < len(text) and text[at] == mark:
        at = _skip(text, at + 1)
        if mark == "[" and text[at : at + 1] == "]":
            return
        number += 1
        place = f"entry {number} of {TRANSCRIPT}"
        try:
            entry, at = decode(text, at)
        except json.JSONDecodeError as error:
            yield place, Excluded(TRANSCRIPT, "transcript cannot be read", f"{place} is no JSON: {error}")
            return
        yield place, entry
        at, mark = _skip(text, at), ","
    if text and text[at : at + 1] != "]":
        told = f"{TRANSCRIPT} is no list in JSON, or is cut off behind entry {number}"
        yield TRANSCRIPT, Excluded(TRANSCRIPT, "transcript cannot be read", told)


def _skip(text: str, at: int) -> int:
    """Where the white space from a place on ends."""
    return SPACE.match(text, at).end()
