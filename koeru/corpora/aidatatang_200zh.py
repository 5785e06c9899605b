"""aidatatang_200zh (OpenSLR 62): 600 people say 200 hours of Mandarin to their telephones, at 16 kHz.

Layout: `transcript/aidatatang_200_zh_transcript.txt` with rows `T0055G0013S0001 以后 你 是 …`, and
`corpus/<set>/G0013/T0055G0013S0001.wav`: see `koeru.corpora.sets`. As delivered, each set holds an archive a speaker.

Who speaks is told beside each recording in `<id>.metadata`, with rows such as `SEX<TAB>Male`; one of a speaker is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from koeru.corpora import sets
from koeru.corpora.delivered import Delivered
from koeru.corpora.people import Person, sex, table
from koeru.corpora.selection import Selection
from koeru.corpora.transcripts import Found

LICENCE = "CC BY-NC-ND 4.0 (as OpenSLR states it): no commercial use, no changed copies to be passed on"
CREDIT = "aidatatang_200zh, a free Chinese Mandarin speech corpus by Beijing DataTang Technology Co., Ltd"
TRANSCRIPT = "transcript/aidatatang_200_zh_transcript.txt"
LAYOUT = f"{TRANSCRIPT} with rows id word word …, and corpus/train/G0013/<id>.wav (its archives unpacked)"
SETS = sets.Layout("corpus", TRANSCRIPT, re.compile(r"T\d{4}(G\d{4})S\d{4}"))
METADATA = (".metadata",)


def utterances(delivered: Delivered, selection: Selection) -> Iterator[Found]:
    """Every utterance of the sets train, dev and test that are there and wanted; see `sets.utterances`."""
    yield from sets.utterances(delivered, selection, SETS)


def people(delivered: Delivered) -> dict[str, Person]:
    """Who speaks: sex, age and accent."""
    found = {}
    for name in sets.SETS:
        for speaker in delivered.subfolders(f"corpus/{name}"):
            files = (file.path for _, file in delivered.directly(f"corpus/{name}/{speaker}", METADATA))
            if path := min(files, default=""):
                told = {row[0]: " ".join(row[1:]) for row in table(delivered, path)}
                found[speaker] = Person(sex(told.get("SEX", "")), told.get("AGE", ""), told.get("ACC", ""))
    return found
