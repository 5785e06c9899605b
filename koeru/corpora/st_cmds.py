"""ST-CMDS-20170001_1 (OpenSLR 38): 855 people say 102,600 sentences of Mandarin to their telephones, at 16 kHz.

Layout: everything in one folder, `20170001P00001A0001.wav` beside `20170001P00001A0001.txt`, which holds its text in a
line. The speaker is P00001A; recipes that leave out the letter make people of one number one. Spaces between words are
taken out; commas and small letters stay, which recipes change. There are no sets. Files with times:
`koeru.corpora.beside`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from koeru.corpora.beside import Beside
from koeru.corpora.delivered import Delivered
from koeru.corpora.endings import TEXT
from koeru.corpora.listed import NORMAL
from koeru.corpora.selection import Selection
from koeru.corpora.spaced import joined
from koeru.corpora.transcripts import Found, Row, attributed, join, read_transcript
from koeru.graph.store import Excluded

LICENCE = "CC BY-NC-ND 4.0 (as OpenSLR states it): no commercial use, no changed copies to be passed on"
CREDIT = "ST-CMDS-20170001_1, Free ST Chinese Mandarin Corpus"
LAYOUT = "20170001P00001A0001.wav, 20170001P00001A0001.txt and so on in one folder"
ID = re.compile(r"\d{8}(P\d{5}[A-Z])\d{4}")


def utterances(delivered: Delivered, selection: Selection) -> Iterator[Found]:
    """Every utterance; the corpus is one subset, "".

    Refused: a text that cannot be decoded, and what `transcripts.join` refuses. Texts of other names are not read.
    """
    if selection.takes_subset(""):
        yield from attributed(join(_rows(delivered), delivered, ""), _speaker_of, NORMAL)


def _rows(delivered: Delivered) -> Iterator[Row | Excluded | str]:
    times = Beside(delivered)
    for path in sorted(file.path for name, file in delivered.directly("", TEXT) if ID.fullmatch(name)):
        name, speaker = path.rpartition(".")[0], _speaker_of(path)
        try:
            words, remark = read_transcript(f"{delivered.root}/{path}")
        except ValueError as error:
            yield Excluded(f"{speaker}_{name}", "transcript cannot be read", str(error), None, speaker, NORMAL)
            continue
        if remark:
            yield f"{path}: {remark}"
        yield Row(
            id=f"{speaker}_{name}",
            name=name,
            speaker=speaker,
            emotion=NORMAL,
            text=joined(words.strip()),
            alignment=times.of(name),
            recording=name,
            place=path,
        )


def _speaker_of(path: str) -> str:
    known = ID.fullmatch(path.rpartition(".")[0])
    return known[1] if known else ""
