"""JSUT 1.1: one woman reads 7696 sentences in nine subsets (arXiv 1711.00354).

Layout: `<subset>/transcript_utf8.txt` with rows `ID:text`, and `<subset>/wav/<ID>.wav`, 48 kHz.

Labels come from sets that lie beside the corpus, the preferred one first, and then from the corpus itself:
`labels/<subset>/<ID>.lab` (the layout of jsut-label, which has basic5000 alone) or `<subset>/lab/<ID>.lab` (jsut-lab).
Both sets hold full-context labels with times: of jsut-label, which people made, one file tells the reading and the
times; jsut-lab's reading is a machine's guess, and is not taken. TextGrids are in `<subset>/TextGrid/`: see
`Delivered.timed`.
"""

from __future__ import annotations

from collections.abc import Iterator

from koeru.corpora.delivered import Delivered
from koeru.corpora.endings import LAB, TEXTGRID
from koeru.corpora.selection import Selection
from koeru.corpora.sentences import group
from koeru.corpora.transcripts import Found, Row, join, named_rows
from koeru.graph.store import Excluded

SUBSETS = (
    "basic5000",
    "utparaphrase512",
    "onomatopee300",
    "countersuffix26",
    "loanword128",
    "voiceactress100",
    "travel1000",
    "precedent130",
    "repeat500",
)
LICENCE = (
    "texts: CC BY-SA 4.0, CC BY-SA 3.0 or CC BY 2.0, by subset; recordings: academic research, non-commercial research "
    "(also in companies) and personal use; not to be passed on (about 100 sentences may be shown)"
)
CREDIT = "JSUT corpus (Sonobe et al., The University of Tokyo, arXiv 1711.00354)"
LAYOUT = "basic5000/transcript_utf8.txt (or another subset) with rows ID:text, and basic5000/wav/<ID>.wav"


def utterances(delivered: Delivered, selection: Selection) -> Iterator[Found]:
    """Every utterance of the subsets that are there and wanted.

    Refused: a row that is not `ID:text`, and what `transcripts.join` refuses.
    """
    there = set(delivered.subfolders())
    for subset in SUBSETS:
        if subset in there and selection.takes_subset(subset):
            yield from join(_rows(delivered, subset), delivered, f"{subset}/wav")


def _rows(delivered: Delivered, subset: str) -> Iterator[Row | Excluded | str]:
    places = {TEXTGRID: (f"{subset}/TextGrid",), LAB: (f"labels/{subset}", f"{subset}/lab")}
    times = delivered.first_of((inside, kind, folder) for kind, folder in delivered.timed() for inside in places[kind])
    readings = delivered.first_of(
        (inside, LAB, folder)
        for folder in (*delivered.giving("reading"), *delivered.own)
        for inside in (places[LAB] if folder else places[LAB][:1])
    )
    for item in named_rows(delivered, f"{subset}/transcript_utf8.txt"):
        if isinstance(item, Excluded | str):
            yield item
            continue
        place, name, text = item
        yield Row(
            id=f"jsut_{name}",
            name=name,
            speaker="jsut",
            emotion="Normal",
            text=text,
            subset=subset,
            dialogue=group(name),
            alignment=times.get(name),
            full_context=readings.get(name),
            recording=name,
            place=place,
        )
