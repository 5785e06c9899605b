"""JVS 1: a hundred people read sentences of JSUT, some also whispering and in falsetto (arXiv 1908.06248).

Layout: `jvsNNN/<subset>/transcripts_utf8.txt` with rows `ID:text`, and `jvsNNN/<subset>/wav24kHz16bit/<ID>.wav`. The
IDs are JSUT's, and repeat between people and between subsets.

Labels come from sets that lie beside the corpus, the preferred one first, and then from the corpus itself, in folders
beside the wavs': `TextGrid/` (see `Delivered.timed`), `lab/mon/` or `lab/` (phones with times), `lab/ful/`
(full-context labels with times). Those in the corpus itself a machine made: they tell times alone. A set may also hold
the phones of parallel100 as `jvsNNN/<ID>.lab`: so do the folders aligned_labels_openjtalk and aligned_labels_julius of
jvs_hiho.

Who speaks is told by `gender_f0range.txt`, with rows `jvs001 M 70 340`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from koeru.corpora.delivered import Delivered
from koeru.corpora.endings import LAB, TEXTGRID
from koeru.corpora.people import Person, sex, table
from koeru.corpora.selection import Selection
from koeru.corpora.sentences import group
from koeru.corpora.transcripts import Found, Row, attributed, join, named_rows
from koeru.corpora.utterance import File
from koeru.graph.store import Excluded

SUBSETS = {"parallel100": "Normal", "nonpara30": "Normal", "whisper10": "Whisper", "falset10": "Falsetto"}
SPEAKER = re.compile(r"jvs\d{3}")
WAVS = "wav24kHz16bit"
LICENCE = (
    "research and non-commercial use; not to be passed on (as third parties state it: read the corpus's own licence)"
)
CREDIT = "JVS corpus (Takamichi et al., The University of Tokyo, arXiv 1908.06248)"
LAYOUT = "jvs001/<subset>/transcripts_utf8.txt with rows ID:text, and jvs001/<subset>/wav24kHz16bit/<ID>.wav"


def utterances(delivered: Delivered, selection: Selection) -> Iterator[Found]:
    """Every utterance of the subsets that are there and wanted; speakers are folders such as jvs001.

    Refused: a row that is not `ID:text`, and what `transcripts.join` refuses: the corpus lacks three wavs.
    """
    for speaker in filter(SPEAKER.fullmatch, delivered.subfolders()):
        there = set(delivered.subfolders(speaker))
        for subset, emotion in SUBSETS.items():
            if subset in there and selection.takes_subset(subset):
                rows = _rows(delivered, speaker, subset, emotion)
                yield from attributed(join(rows, delivered, f"{speaker}/{subset}/{WAVS}"), speaker, emotion)


def people(delivered: Delivered) -> dict[str, Person]:
    """Who speaks: the sex."""
    rows = table(delivered, "gender_f0range.txt")
    return {row[0]: Person(sex(row[1])) for row in rows if SPEAKER.fullmatch(row[0])}


def _rows(delivered: Delivered, speaker: str, subset: str, emotion: str) -> Iterator[Row | Excluded | str]:
    inside = f"{speaker}/{subset}"
    alignments, full = _labels(delivered, speaker, subset)
    ending = "" if emotion == "Normal" else f"_{emotion}"
    for item in named_rows(delivered, f"{inside}/transcripts_utf8.txt"):
        if isinstance(item, Excluded | str):
            yield item
            continue
        place, name, text = item
        yield Row(
            id=f"{speaker}_{name}{ending}",
            name=name,
            speaker=speaker,
            emotion=emotion,
            text=text,
            subset=subset,
            dialogue=group(name),
            alignment=alignments.get(name),
            full_context=full.get(name),
            recording=name,
            place=place,
        )


def _labels(delivered: Delivered, speaker: str, subset: str) -> tuple[dict[str, File], dict[str, File]]:
    """The files that tell the times of the phones, and those that tell the reading, by ID."""
    inside = f"{speaker}/{subset}"
    phones = [f"{inside}/lab/mon", f"{inside}/lab", *([speaker] if subset == "parallel100" else [])]
    full = f"{inside}/lab/ful"
    places = {TEXTGRID: [f"{inside}/TextGrid"], LAB: [*phones, full]}
    times = delivered.first_of((place, kind, name) for kind, name in delivered.timed() for place in places[kind])
    return times, delivered.first_of((full, LAB, name) for name in delivered.giving("reading"))
