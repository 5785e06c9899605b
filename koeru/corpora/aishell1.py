"""AISHELL-1 (OpenSLR 33): 400 people read 178 hours of Mandarin at 16 kHz (arXiv 1709.05522).

Layout: `transcript/aishell_transcript_v0.8.txt` with rows `BAC009S0002W0122 而 对 楼市 …`, and
`wav/<set>/S0002/BAC009S0002W0122.wav`: see `koeru.corpora.sets`. As delivered, `wav/` holds an archive a speaker. Some
recordings have no row. Latin letters are full-width in part.

Who speaks is told by `speaker.info` (rows `0002 F`), which comes in an archive of its own: put its folder
`resource_aishell/`, or the file, into the corpus.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from koeru.corpora import sets
from koeru.corpora.delivered import Delivered
from koeru.corpora.people import Person, sex, table
from koeru.corpora.selection import Selection
from koeru.corpora.transcripts import Found

LICENCE = "Apache License 2.0 (as OpenSLR states it)"
CREDIT = "AISHELL-1, Beijing Shell Shell Technology (Bu et al., arXiv 1709.05522)"
TRANSCRIPT = "transcript/aishell_transcript_v0.8.txt"
LAYOUT = f"{TRANSCRIPT} with rows id word word …, and wav/train/S0002/<id>.wav (its archives unpacked)"
SETS = sets.Layout("wav", TRANSCRIPT, re.compile(r"BAC\d{3}(S\d{4})W\d{4}"))


def utterances(delivered: Delivered, selection: Selection) -> Iterator[Found]:
    """Every utterance of the sets train, dev and test that are there and wanted; see `sets.utterances`."""
    yield from sets.utterances(delivered, selection, SETS)


def people(delivered: Delivered) -> dict[str, Person]:
    """Who speaks: the sex."""
    rows = (row for folder in ("resource_aishell/", "") for row in table(delivered, f"{folder}speaker.info"))
    return {f"S{row[0].removeprefix('S')}": Person(sex(row[1])) for row in rows}
