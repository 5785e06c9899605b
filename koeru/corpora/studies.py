"""STUDIES: dialogues of a teacher with students, in four emotions (arXiv 2203.14757).

Layout: `<part>/<LDnn>/txt/<dialogue>.txt` with rows `role|emotion|text|katakana`, and
`<part>/<LDnn>/wav/<dialogue>-<Speaker>-Turn-<nn>.wav`, where nn counts the rows of that role in the dialogue from 01.
TextGrids, where there are any, lie in `<part>/<LDnn>/TextGrid/` under the recording's name.
"""

from __future__ import annotations

from collections.abc import Iterator

from koeru.corpora.delivered import Delivered
from koeru.corpora.selection import Selection
from koeru.corpora.transcripts import Found, Row, join, lines, not_understood
from koeru.corpora.utterance import File
from koeru.store import Excluded

PARTS = ("Long_dialogue", "Short_dialogue")
SPEAKERS = {"講師": "Teacher", "男子生徒": "MStudent", "女子生徒": "FStudent"}
LICENCE = "by agreement with its makers; not to be passed on"
EMOTIONS = {"平静": "Normal", "喜び": "Happy", "悲しみ": "Sad", "怒り": "Angry"}


def utterances(delivered: Delivered, selection: Selection) -> Iterator[Found]:
    """Every utterance of the subsets (`PARTS`) that are wanted.

    Refused: a row that is not `role|emotion|text[|katakana]` with a known role and emotion, every row of a dialogue
    behind one of an unknown role (nobody knows whose recording is whose then), and what `transcripts.join` refuses.
    """
    for part in PARTS:
        if not selection.takes_subset(part):
            continue
        for group in delivered.subfolders(part):
            inside = f"{part}/{group}"
            grids = delivered.files(f"{inside}/TextGrid", ".TextGrid")
            yield from join(_rows(delivered, part, inside, grids), delivered, f"{inside}/wav")


def _rows(delivered: Delivered, part: str, inside: str, grids: dict[str, File]) -> Iterator[Row | Excluded | str]:
    for name, transcript in delivered.files(f"{inside}/txt", ".txt").items():
        yield from _dialogue(delivered, part, name, transcript.path, grids)


def _dialogue(
    delivered: Delivered, part: str, dialogue: str, path: str, grids: dict[str, File]
) -> Iterator[Row | Excluded | str]:
    """The rows of one dialogue; the names of their recordings follow from counting each role's rows."""
    counted: dict[str, int] = {}
    countable = True
    turn = 0
    for item in lines(delivered, path):
        if isinstance(item, Excluded | str):
            yield item
            continue
        place, line = item
        fields = [f.strip() for f in line.split("|")]
        speaker = SPEAKERS.get(fields[0])
        countable = countable and speaker is not None
        if speaker is not None:
            counted[speaker] = counted.get(speaker, 0) + 1
        if countable and len(fields) >= 3 and fields[1] in EMOTIONS:
            stem, emotion = f"{dialogue}-{speaker}-Turn-{counted[speaker]:02d}", EMOTIONS[fields[1]]
            yield Row(
                id=f"{speaker}_{stem}_{emotion}",
                name=stem,
                speaker=speaker,
                emotion=emotion,
                text=fields[2],
                subset=part,
                dialogue=dialogue,
                turn=turn,
                kana=fields[3] if len(fields) > 3 else "",
                alignment=grids.get(stem),
                recording=stem,
                place=place,
            )
        elif speaker is not None and not countable:
            detail = f"{place} comes after one of an unknown role, so nobody knows which recording is its own"
            yield Excluded(place.replace(" ", "-"), "row not understood", detail)
        else:
            yield not_understood(place, f"role|emotion|text|katakana: {line!r}")
        turn += 1
