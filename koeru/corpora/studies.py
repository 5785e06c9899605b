"""STUDIES: dialogues of a teacher with students, in four emotions (arXiv 2203.14757), and sentences of the ITA corpus.

Dialogues: `<part>/<LDnn>/txt/<dialogue>.txt` with rows `role|emotion|text|katakana`, and
`<part>/<LDnn>/wav/<dialogue>-<Speaker>-Turn-<nn>.wav`, where nn counts the rows of that role in the dialogue from 01.

ITA: `ITA/<set>/txt/transcript*.txt` with the same rows, and `ITA/<set>/wav/ITA-Emotion100-Teacher-Happy-001.wav`, where
<set> is Recitation324, or Emotion100 with an emotion (Emotion100-Happy). Row n, counted from 1, is that of the
recording whose name ends in the number n: counting recordings would move every row behind one that is missing.

Beside each `wav/`, in the corpus or in a set of labels with the same folders: `TextGrid/` (see `Delivered.timed`) and
`full/` (full-context labels with times), under the recording's name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from koeru.corpora.delivered import Delivered
from koeru.corpora.endings import LAB, RECORDING, TEXT, TEXTGRID
from koeru.corpora.selection import Selection
from koeru.corpora.transcripts import Found, Row, join, lines, not_understood
from koeru.corpora.utterance import File
from koeru.graph.store import Excluded

PARTS = ("Long_dialogue", "Short_dialogue")
ITA = "ITA"
SPEAKERS = {"講師": "Teacher", "男子生徒": "MStudent", "女子生徒": "FStudent"}
LICENCE = "by agreement with its makers; not to be passed on"
CREDIT = "STUDIES corpus (Saito et al., The University of Tokyo, arXiv 2203.14757)"
LAYOUT = (
    "Long_dialogue/<LDnn>/txt/<dialogue>.txt and Long_dialogue/<LDnn>/wav/<dialogue>-<Speaker>-Turn-<nn>.wav, or ITA/"
)
EMOTIONS = {"平静": "Normal", "喜び": "Happy", "悲しみ": "Sad", "怒り": "Angry"}
ITA_SET = re.compile(r"(Emotion100|Recitation324)(?:-.*)?")
NUMBERED = re.compile(r"(?:.*-)?(\d+)")
ROW = "role|emotion|text|katakana"
Labels = tuple[dict[str, File], dict[str, File]]


def utterances(delivered: Delivered, selection: Selection) -> Iterator[Found]:
    """Every utterance of the subsets (`PARTS` and `ITA`) that are there and wanted.

    Refused: a row that is not `role|emotion|text[|katakana]` with a known role and emotion, every row of a dialogue
    behind one of an unknown role (nobody knows whose recording is whose then), a row of ITA that has another role or
    emotion than the name of its recording, the rows of an ITA set with several transcripts, and what
    `transcripts.join` refuses.
    """
    there = set(delivered.subfolders())
    for part in (*PARTS, ITA):
        if part not in there or not selection.takes_subset(part):
            continue
        for group in delivered.subfolders(part):
            inside = f"{part}/{group}"
            if part != ITA:
                yield from join(_dialogues(delivered, part, inside), delivered, f"{inside}/wav")
            elif known := ITA_SET.fullmatch(group):
                yield from join(_ita_set(delivered, known[1], inside), delivered, f"{inside}/wav")
            else:
                yield f"{inside} is not a set of ITA sentences that koeru knows; it is not read"


def _dialogues(delivered: Delivered, part: str, inside: str) -> Iterator[Row | Excluded | str]:
    labels = _labels(delivered, inside)
    for name, transcript in delivered.files(f"{inside}/txt", TEXT).items():
        yield from _dialogue(delivered, part, name, transcript.path, labels)


def _dialogue(
    delivered: Delivered, part: str, dialogue: str, path: str, labels: Labels
) -> Iterator[Row | Excluded | str]:
    """The rows of one dialogue; the names of their recordings follow from counting each role's rows.

    The turn before is the row before, also where it is refused; a row that is not understood has no emotion.
    """
    counted: dict[str, int] = {}
    countable = True
    turn, before_emotion = 0, ""
    for item in lines(delivered, path):
        if isinstance(item, Excluded | str):
            yield item
            continue
        place, line = item
        role, emotion, text, kana = _fields(line)
        countable = countable and role in SPEAKERS
        if countable:
            counted[role] = counted.get(role, 0) + 1
        if countable and emotion in EMOTIONS:
            stem = f"{dialogue}-{SPEAKERS[role]}-Turn-{counted[role]:02d}"
            said = {"name": stem, "text": text, "kana": kana, "subset": part}
            where = {"dialogue": dialogue, "turn": turn, "before_emotion": before_emotion}
            yield _row(role, emotion, stem, labels, place, said | where)
        elif role in SPEAKERS and not countable:
            detail = f"{place} comes after one of an unknown role, so nobody knows which recording is its own"
            yield Excluded(place.replace(" ", "-"), "row not understood", detail)
        else:
            yield not_understood(place, f"{ROW}: {line!r}")
        turn, before_emotion = turn + 1, EMOTIONS.get(emotion, "")


def _ita_set(delivered: Delivered, sentences: str, inside: str) -> Iterator[Row | Excluded | str]:
    """The rows of one set of ITA sentences (Emotion100 or Recitation324), in one emotion."""
    transcripts = list(delivered.files(f"{inside}/txt", TEXT).values())
    if len(transcripts) != 1:
        found = ", ".join(file.path for file in transcripts) or "none"
        reason = "several transcripts" if transcripts else "no transcript"
        yield Excluded(f"{inside}/txt", reason, f"{inside}/txt must hold one .txt file; it holds {found}")
        return
    recordings: dict[int, list[str]] = {}
    for stem in delivered.files(f"{inside}/wav", RECORDING):
        if numbered := NUMBERED.fullmatch(stem):
            recordings.setdefault(int(numbered[1]), []).append(stem)
    labels = _labels(delivered, inside)
    number = 0
    for item in lines(delivered, transcripts[0].path):
        if isinstance(item, Excluded | str):
            yield item
            continue
        number += 1
        place, line = item
        role, emotion, text, kana = _fields(line)
        if role not in SPEAKERS or emotion not in EMOTIONS:
            yield not_understood(place, f"{ROW}: {line!r}")
            continue
        speaker, mood = SPEAKERS[role], EMOTIONS[emotion]
        missing = f"ITA-{sentences}-{speaker}-{mood}-{number:03d}"
        stem, *others = recordings.get(number, [missing])
        if others:
            names = ", ".join((stem, *others))
            yield Excluded(f"{inside}/{number:03d}", "several recordings", f"{place} could be that of {names}")
        elif differing := _differing(f"{inside}/{stem}", speaker, mood):
            detail = f"{place} is of {speaker}, {mood}; {inside}/wav/{stem}.wav is of {differing}"
            yield Excluded(f"{speaker}_{stem}_{mood}", "row and recording differ", detail, None, speaker, mood)
        else:
            name = f"{sentences.upper()}_{number:03d}"
            yield _row(role, emotion, stem, labels, place, {"name": name, "text": text, "kana": kana, "subset": ITA})


def _differing(path: str, speaker: str, emotion: str) -> str:
    """Another speaker or emotion than these that the path of a recording names; "" if it names none."""
    words = re.split("[-_/]", path)
    others = [word for word in words if word in SPEAKERS.values() and word != speaker]
    others += [word for word in words if word in EMOTIONS.values() and word != emotion]
    return ", ".join(dict.fromkeys(others))


def _fields(line: str) -> tuple[str, str, str, str]:
    """Role, emotion, text and katakana of a row; all but the role are empty if there are too few fields or too many."""
    fields = [field.strip() for field in line.split("|")]
    role, emotion, text, kana = [*fields, ""][:4] if len(fields) in (3, 4) else (fields[0], "", "", "")
    return role, emotion, text, kana


def _row(role: str, emotion: str, stem: str, labels: Labels, place: str, said: dict[str, str | int]) -> Row:
    speaker, mood = SPEAKERS[role], EMOTIONS[emotion]
    alignments, full = labels
    return Row(
        id=f"{speaker}_{stem}_{mood}",
        speaker=speaker,
        emotion=mood,
        alignment=alignments.get(stem),
        full_context=full.get(stem),
        recording=stem,
        place=place,
        **said,
    )


def _labels(delivered: Delivered, inside: str) -> Labels:
    """The files that tell the times of the phones, and those that tell the reading, by the names of the recordings."""
    places = {TEXTGRID: f"{inside}/TextGrid", LAB: f"{inside}/full"}
    times = delivered.first_of((places[kind], kind, name) for kind, name in delivered.timed())
    return times, delivered.first_of(
        (places[LAB], LAB, name) for name in (*delivered.giving("reading"), *delivered.own)
    )
