"""Recordings of the ITA corpus, 424 sentences in the public domain (github.com/mmorise/ita-corpus), by anybody.

Transcripts, as the ITA corpus has them, at the top or in `transcripts/`: `emotion_transcript_utf8.txt` and
`recitation_transcript_utf8.txt`, with rows `ID:text,katakana`.

Recordings: `[<speaker>/[<emotion>/]][wav/]<ID>.wav`. Without such folders the speaker has the name that the
configuration gives the corpus, and the emotion is Normal.

Labels come from sets that lie beside the corpus, the preferred one first, and then from the corpus itself, in folders
beside or in place of `wav/`: `TextGrid/` (see `Delivered.timed`) or `lab/` (phones or full-context labels with times).
In a set they may lie under `[<speaker>/[<emotion>/]]` alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from koeru.corpora.delivered import Delivered
from koeru.corpora.endings import PLACE, RECORDING
from koeru.corpora.selection import Selection
from koeru.corpora.transcripts import Found, Row, attributed, join, named_rows, not_understood
from koeru.corpora.utterance import File
from koeru.graph.store import Excluded

SUBSETS = {"EMOTION100": "emotion_transcript_utf8.txt", "RECITATION324": "recitation_transcript_utf8.txt"}
LICENCE = "texts: public domain (Unlicense); recordings: as their owner says"
CREDIT = ""
LAYOUT = "emotion_transcript_utf8.txt or recitation_transcript_utf8.txt, and [<speaker>/[<emotion>/]][wav/]<ID>.wav"
PLACES = ("", "transcripts/")
SENTENCE = re.compile(rf"({'|'.join(SUBSETS)})_\d{{3}}")
READING = re.compile(r"[^ぁ-ゖ一-龥]+")  # katakana and marks
Sentence = tuple[str, str, str, str]  # place of the row, ID, text, katakana


def utterances(delivered: Delivered, selection: Selection) -> Iterator[Found]:
    """Every utterance of the subsets (`SUBSETS`) that are there and wanted.

    In a folder that has recordings of a subset, all sentences of the subset are expected. Refused: a row that is not
    `ID:text,katakana` with an ID of the transcript's subset, a recording that lies deeper than
    `<speaker>/<emotion>/wav/`, and what `transcripts.join` refuses.
    """
    folders = _folders(delivered)
    names = {name for recordings in folders.values() for name in recordings}
    there = {s: t for s in SUBSETS if (t := _transcript(delivered, s)) or any(_subset(n) == s for n in names)}
    wanted = {subset: there[subset] for subset in there if selection.takes_subset(subset)}
    refused = set(there) - set(wanted)
    sentences: dict[str, list[Sentence]] = {}
    for subset, transcript in wanted.items():
        sentences[subset] = []
        for item in _sentences(delivered, subset, transcript or SUBSETS[subset]):
            if isinstance(item, tuple):
                sentences[subset].append(item)
            else:
                yield item
    for folder, recordings in folders.items():
        recordings = {name: file for name, file in recordings.items() if _subset(name) not in refused}
        yield from _folder(delivered, folder, recordings, sentences)


def _folders(delivered: Delivered) -> dict[str, dict[str, File]]:
    """The recordings of every folder that has some."""
    found: dict[str, dict[str, File]] = {}
    for path, file in delivered.tree(RECORDING).items():
        folder, _, name = path.rpartition("/")
        found.setdefault(folder, {})[name] = file
    return found


def _transcript(delivered: Delivered, subset: str) -> str:
    """The path of a transcript; "" if there is none."""
    paths = (place + SUBSETS[subset] for place in PLACES)
    return next((path for path in paths if (delivered.root / path).is_file()), "")


def _subset(name: str) -> str:
    """The subset of a recording as its name tells it; "" if it tells none."""
    known = SENTENCE.fullmatch(name)
    return known[1] if known else ""


def _sentences(delivered: Delivered, subset: str, transcript: str) -> Iterator[Sentence | Excluded | str]:
    for item in named_rows(delivered, transcript):
        if isinstance(item, Excluded | str):
            yield item
            continue
        place, name, said = item
        text, comma, kana = (part.strip() for part in said.rpartition(","))
        if _subset(name) == subset and comma and (not kana or READING.fullmatch(kana)):
            yield place, name, text, kana
        else:
            yield not_understood(place, f"{subset}_<nnn>:text,katakana: {f'{name}:{said}'!r}")


def _folder(
    delivered: Delivered, folder: str, recordings: dict[str, File], sentences: Mapping[str, Iterable[Sentence]]
) -> Iterator[Found]:
    """The utterances of one folder of recordings, and its account."""
    whose = [part for part in folder.split("/") if part not in ("", "wav")]
    if len(whose) > 2:
        for file in recordings.values():
            detail = f"{file.path} lies deeper than <speaker>/<emotion>/wav/"
            yield Excluded(file.path, "folder not understood", detail)
        return
    speaker, emotion = [*whose, *(delivered.name, "Normal")[len(whose) :]]
    alignments = _alignments(delivered, folder, "/".join(whose))
    rows = (
        Row(
            id="_".join((speaker, name, *whose[1:])),
            name=name,
            speaker=speaker,
            emotion=emotion,
            text=text,
            kana=kana,
            subset=subset,
            alignment=alignments.get(name),
            recording=name,
            place=place,
        )
        for subset in dict.fromkeys(map(_subset, recordings))
        for place, name, text, kana in sentences.get(subset, ())
    )
    found = join(rows, delivered, folder, unwanted=lambda name: name not in recordings)
    yield from attributed(found, speaker, emotion)


def _alignments(delivered: Delivered, folder: str, whose: str) -> dict[str, File]:
    """The file that tells the times of each recording of a folder, by ID."""
    return delivered.first_of(
        (inside, kind, name)
        for kind, name in delivered.timed()
        for inside in (*(f"{place}/{PLACE[kind]}".lstrip("/") for place in (whose, folder)), *([whose] if name else []))
    )
