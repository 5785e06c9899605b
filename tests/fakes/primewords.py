"""Primewords: one list in JSON, recordings in folders by the letters of their names, a user who is a number."""

from __future__ import annotations

import json
import uuid
from pathlib import Path

from fakes import mandarin
from fakes.fake import Fake
from fakes.speech import write_lab

USERS = ("88", "101", 7)
EACH = 6


def file_of(number: int) -> str:
    """The name of a recording."""
    return f"{uuid.uuid5(uuid.NAMESPACE_OID, str(number))}.wav"


def place_of(number: int) -> str:
    """Where it lies."""
    return f"audio_files/{file_of(number)[0]}/{file_of(number)[:2]}/{file_of(number)}"


NO_WAV, NO_TEXT, NO_ROW = 100, 101, 102


def write(root: Path) -> Fake:
    """The corpus at root/primewords_md_2018_set1."""
    corpus = root / "primewords_md_2018_set1"
    entries, kept = [], set()
    for place, (voice, user, number) in enumerate(mandarin.numbered(USERS, EACH)):
        mandarin.record(corpus / place_of(place), number, voice)
        entries.append(entry(place, user, mandarin.words(number)))
        kept.add(f"primewords_{user}_{file_of(place)[:-4]}")
    for place in (NO_TEXT, NO_ROW):
        mandarin.record(corpus / place_of(place), 7, 0)
    entries += [entry(NO_WAV, "88", "没有 录音"), entry(NO_TEXT, "88", " "), {"file": file_of(0), "user_id": "88"}]
    write_lab(corpus / "set1_transcript.json", json.dumps(entries, ensure_ascii=False))
    return Fake(
        entry={"format": "primewords", "path": str(corpus)},
        kept=frozenset(kept),
        excluded={
            f"primewords_88_{file_of(NO_WAV)[:-4]}": "no recording",
            f"primewords_88_{file_of(NO_TEXT)[:-4]}": "empty text",
            place_of(NO_ROW): "no transcript row",
            f"entry-{len(entries)}-of-set1_transcript.json": "row not understood",
        },
        one_of_each={"wav": corpus / place_of(2)},
        labels=mandarin.NO_TIMES,
    )


def entry(number: int, user: str | int, text: str) -> dict:
    """An object of the list."""
    return {"id": number, "file": file_of(number), "user_id": user, "length": "4.2", "text": text}
