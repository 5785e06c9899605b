"""JSSS 1: one woman reads single sentences, long texts and summaries (arXiv 2010.01793).

Layout of single sentences (`SENTENCES`): `<subset>/transcript_utf8.txt` with rows `ID:text`, and
`<subset>/wav24kHz16bit/<ID>.wav`. Those of `short-form` are sentences of JSUT under their names there.

Layout of texts (`TEXTS`): `<subset>/wav24kHz16bit/<recording>.wav`, and `<subset>/transcript_utf8/<recording>.txt` with
rows `begin<TAB>end<TAB>sentence`, in seconds of the recording. Each row is an utterance, an excerpt that is named
`<recording>_<begin>_<end>` with times as ten digits of microseconds.

Labels come from sets that lie beside the corpus, the preferred one first, and then from the corpus itself:
`<subset>/lab/<name>.lab` (JSSSLabel: phones with times in seconds), or TextGrids in `<subset>/TextGrid/`: see
`Delivered.timed`. `<subset>` may lack its first folder there (basic5000 for short-form/basic5000). Times of an excerpt
count from where the excerpt begins: it is so in JSSSLabel, and is assumed of TextGrids.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from koeru.corpora.delivered import Delivered
from koeru.corpora.endings import PLACE, TEXT
from koeru.corpora.selection import Selection
from koeru.corpora.transcripts import Found, Row, join, lines, named_rows, not_understood
from koeru.corpora.utterance import File
from koeru.graph.store import Excluded

SENTENCES = ("short-form/basic5000", "short-form/onomatopee300", "short-form/voiceactress100", "simplification")
TEXTS = ("long-form/katsura-masakazu", "long-form/udon", "long-form/washington-dc", "summarization")
LICENCE = "not known to koeru: read the corpus's own licence; do not pass it on"
CREDIT = "JSSS corpus (Takamichi et al., The University of Tokyo, arXiv 2010.01793)"
LAYOUT = "short-form/<subset>/transcript_utf8.txt with rows ID:text, and short-form/<subset>/wav24kHz16bit/<ID>.wav"
WAVS = "wav24kHz16bit"
SECONDS = r"([0-9]+(?:\.[0-9]*)?)"
EXCERPT = re.compile(rf"{SECONDS} *\t *{SECONDS}(?: *\t(.*))?")  # a row without a sentence has lost its last tab


def utterances(delivered: Delivered, selection: Selection) -> Iterator[Found]:
    """Every utterance of the subsets that are there and wanted.

    Refused: a row that is not `ID:text` or `begin<TAB>end<TAB>sentence`, and what `transcripts.join` refuses.
    """
    for subset in (*SENTENCES, *TEXTS):
        if (delivered.root / subset).is_dir() and selection.takes_subset(subset):
            rows = _sentences(delivered, subset) if subset in SENTENCES else _texts(delivered, subset)
            yield from join(rows, delivered, f"{subset}/{WAVS}")


def _sentences(delivered: Delivered, subset: str) -> Iterator[Row | Excluded | str]:
    alignments = _alignments(delivered, subset)
    for item in named_rows(delivered, f"{subset}/transcript_utf8.txt"):
        if isinstance(item, Excluded | str):
            yield item
        else:
            place, name, text = item
            yield _row(name, text, subset, alignments, recording=name, place=place)


def _texts(delivered: Delivered, subset: str) -> Iterator[Row | Excluded | str]:
    alignments = _alignments(delivered, subset)
    for recording, transcript in delivered.files(f"{subset}/transcript_utf8", TEXT).items():
        yield from _excerpts(delivered, subset, recording, transcript.path, alignments)


def _excerpts(
    delivered: Delivered, subset: str, recording: str, transcript: str, alignments: dict[str, File]
) -> Iterator[Row | Excluded | str]:
    """The rows of one recording, which belong together: the recording is their dialogue, and each row a turn."""
    turn = 0
    for item in lines(delivered, transcript):
        if isinstance(item, Excluded | str):
            yield item
            continue
        place, line = item
        if found := EXCERPT.fullmatch(line):
            begin, end, text = float(found[1]), float(found[2]), (found[3] or "").strip()
            name = f"{recording}_{_microseconds(begin)}_{_microseconds(end)}"
            where = {"dialogue": recording, "turn": turn, "begin": begin, "end": end}
            yield _row(name, text, subset, alignments, recording=recording, place=place, **where)
        else:
            yield not_understood(place, f"begin<TAB>end<TAB>sentence, in seconds: {line!r}")
        turn += 1


def _row(name: str, text: str, subset: str, alignments: dict[str, File], **more: Any) -> Row:
    return Row(
        id=f"jsss_{name}",
        name=name,
        speaker="jsss",
        emotion="Normal",
        text=text,
        subset=subset,
        alignment=alignments.get(name),
        **more,
    )


def _alignments(delivered: Delivered, subset: str) -> dict[str, File]:
    """The file that tells the times of each utterance, by name."""
    names = dict.fromkeys((subset, subset.rpartition("/")[2]))
    return delivered.first_of(
        (f"{name}/{PLACE[kind]}", kind, folder) for kind, folder in delivered.timed() for name in names
    )


def _microseconds(seconds: float) -> str:
    return f"{round(seconds * 1e6):010d}"
