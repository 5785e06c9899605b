"""AISHELL-3 (OpenSLR 93): 218 people read 85 hours of Mandarin at 44.1 kHz, for speech from text (arXiv 2010.11567).

Layout: `<set>/content.txt` with rows `SSB00050001.wav<TAB>广 guang3 州 zhou1 …`, and `<set>/wav/SSB0005/<id>.wav`;
<set> is train or test. Characters and pinyin take turns: the pinyin is how the text is read, and goes where other
corpora deliver kana. Most people speak in both sets, so they are no split by speakers. `train/label_train-set.txt`
tells the same pinyin with prosodic boundaries, of one set alone; it is not read. Files with times:
`koeru.corpora.beside`.

Who speaks is told by `spk-info.txt`, with rows `SSB0005<TAB>B<TAB>female<TAB>north`: age group, sex, accent.

A public recipe for this corpus (lhotse, 1.33 and before) returns recordings under the name of transcripts, transcripts
under that of recordings, and no pinyin.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from koeru.corpora.beside import Beside
from koeru.corpora.delivered import Delivered
from koeru.corpora.endings import RECORDING, parts
from koeru.corpora.listed import NORMAL
from koeru.corpora.people import Person, sex, table
from koeru.corpora.selection import Selection
from koeru.corpora.transcripts import Found, Row, attributed, join, lines, not_understood
from koeru.graph.store import Excluded

LICENCE = "Apache License 2.0 (as OpenSLR states it)"
CREDIT = "AISHELL-3, Beijing Shell Shell Technology (Shi et al., arXiv 2010.11567)"
LAYOUT = "train/content.txt with rows <id>.wav<TAB>广 guang3 州 zhou1 …, and train/wav/SSB0005/<id>.wav"
SETS = ("train", "test")
ID = re.compile(r"(SSB\d{4})\d{4}")
PINYIN = re.compile(r"[a-zü:]+[0-9]?", re.IGNORECASE)
ROW = "<id>.wav<TAB>character pinyin character pinyin …"


def utterances(delivered: Delivered, selection: Selection) -> Iterator[Found]:
    """Every utterance of the sets train and test, which are the subsets, that are there and wanted.

    Refused: a row in which characters and pinyin do not take turns, and what `transcripts.join` refuses.
    """
    for name in SETS:
        if name in delivered.subfolders() and selection.takes_subset(name):
            found = join(_rows(delivered, name), delivered, f"{name}/wav", any_depth=True)
            yield from attributed(found, _speaker_of, NORMAL)


def people(delivered: Delivered) -> dict[str, Person]:
    """Who speaks: age group (A to D), sex and accent."""
    rows = ([*row, "", "", ""] for row in table(delivered, "spk-info.txt"))
    return {row[0]: Person(sex(row[2]), row[1], row[3]) for row in rows if ID.fullmatch(f"{row[0]}0000")}


def _rows(delivered: Delivered, subset: str) -> Iterator[Row | Excluded | str]:
    times = Beside(delivered)
    for item in lines(delivered, f"{subset}/content.txt"):
        if isinstance(item, Excluded | str):
            yield item
            continue
        place, line = item
        written, *said = line.split()
        name = parts(written, RECORDING)[0]
        characters, pinyin = said[::2], said[1::2]
        known = ID.fullmatch(name)
        if not known or len(characters) != len(pinyin) or not all(map(PINYIN.fullmatch, pinyin)):
            yield not_understood(place, f"{ROW}: {line!r}")
            continue
        recording = f"{known[1]}/{name}"
        yield Row(
            id=f"{known[1]}_{name}",
            name=name,
            speaker=known[1],
            emotion=NORMAL,
            text="".join(characters),
            kana=" ".join(pinyin),
            subset=subset,
            alignment=times.of(f"{subset}/wav/{recording}"),
            recording=recording,
            place=place,
        )


def _speaker_of(path: str) -> str:
    """Whose folder a recording lies in."""
    folder = path.split("/")[-2] if "/wav/" in path else ""
    return folder if ID.fullmatch(f"{folder}0000") else ""
