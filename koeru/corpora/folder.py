"""Any recordings with a list of what is said in them.

The list is the only .csv, .tsv, .txt or .list file at the top (README, LICENSE and NOTICE aside), or the one named
`metadata`. Between its columns stands '|', a tab, a comma or a semicolon; fields in quotes may hold commas,
semicolons and ends of lines (and tabs, in a .csv or .tsv file). A first row names the columns: id and text, and
perhaps speaker, emotion, dialogue, turn and kana; without one they are id and text. A list of known columns without
text is for voice conversion, which needs none. Without a speaker it is the name that the configuration gives the
corpus, without an emotion it is Normal. The turn before turn n of a dialogue is its turn n - 1, wherever in the list
that is, whoever speaks; where its rows differ in emotion, or it is not there, the emotion before is not known.

Recordings: `<id>` with the ending of one, at the top, in `wav/`, `wavs/` or `raw/`; an id may hold slashes: jvs001/a is
`wavs/jvs001/a.wav`, for instance. How else lists write it: `koeru.corpora.listed`. The id in koeru is
`<speaker>_<id>[_<emotion>]` with '-' for every slash; the name of the sentence is the id's last part.

Labels come from sets that lie beside the corpus, the preferred one first, and then from the corpus itself:
`TextGrid/<id>.TextGrid` (see `Delivered.timed`) or `lab/<id>.lab` (phones or full-context labels with times). In a set
they may lie directly at the top, in the corpus also beside the recordings.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from koeru.corpora import lists
from koeru.corpora.delivered import Delivered
from koeru.corpora.listed import NORMAL, Listed
from koeru.corpora.selection import Selection
from koeru.corpora.transcripts import Found, Row, content, join, not_understood
from koeru.graph.store import Excluded

LICENCE = ""
CREDIT = ""
LAYOUT = "a list such as metadata.csv with rows id|text at the top, and wavs/<id>.wav (or wav/, raw/, or at the top)"


def utterances(delivered: Delivered, selection: Selection) -> Iterator[Found]:
    """Every utterance of the list; the corpus is one subset, "".

    Refused: a row that has not the fields of the others, or a turn that is no number; an id that leads out of the
    folder; and what `transcripts.join` refuses. Raises ValueError if it is not clear which file is the list, or if it
    has a column twice.
    """
    if selection.takes_subset(""):
        yield from join(_rows(delivered, lists.find(delivered)), delivered, "", any_depth=True)


def _rows(delivered: Delivered, path: str) -> Iterator[Row | Excluded | str]:
    text, remark = content(delivered, path)
    if remark:
        yield remark
    listed = Listed.of(delivered, (item[1]["id"] for item in lists.table(text, path) if isinstance(item, tuple)))
    turns = _emotions(lists.table(text, path))
    if unclear := [f"turn {turn} of {dialogue!r}" for (dialogue, turn), emotion in turns.items() if not emotion]:
        which = f"{unclear[0]}{f' and {len(unclear) - 1} more' if len(unclear) > 1 else ''}"
        yield f"{path}: rows of one turn differ in emotion, so none is known before the next turn: {which}"
    for item in lists.table(text, path):
        if isinstance(item, Excluded | str):
            yield item
            continue
        place, said = item
        turn, dialogue = said.pop("turn", "") or "0", said.get("dialogue", "")
        if turn.isdecimal():
            row = {name: said.get(name, "") for name in ("speaker", "emotion", "dialogue", "kana")}
            row |= {"turn": int(turn), "before_emotion": turns.get((dialogue, int(turn) - 1), "")}
            yield listed.row(place, said["id"], said.get("text"), **row)
        else:
            yield not_understood(place, f"a row whose turn is a number from 0: {turn!r}")


def _emotions(rows: Iterable[tuple[str, dict[str, str]] | Excluded | str]) -> dict[tuple[str, int], str]:
    """The emotion of every turn (dialogue, number) of a list; "" where its rows have several."""
    found: dict[tuple[str, int], str] = {}
    for _, said in (item for item in rows if isinstance(item, tuple)):
        dialogue, turn, emotion = (said.get(name, "") for name in ("dialogue", "turn", "emotion"))
        if dialogue and turn.isdecimal():
            emotion = emotion or NORMAL
            if found.setdefault((dialogue, int(turn)), emotion) != emotion:
                found[dialogue, int(turn)] = ""
    return found
