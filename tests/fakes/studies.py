"""STUDIES: short dialogues of both parts, and some sentences of ITA, one recording of which is missing."""

from __future__ import annotations

from pathlib import Path

from fakes.fake import Fake
from fakes.speech import lab, spoken, write_grid, write_lab, write_recording
from koeru.stand_in.files import DialogueFiles, transcript_line
from koeru.stand_in.script import Line

DIALOGUES = {
    "Long_dialogue/LD01/LD01-Dialogue-01": (
        Line("FStudent", "Happy", "百点でした！"),
        Line("Teacher", "Happy", "おめでとう。"),
    ),
    "Long_dialogue/LD01/LD01-Dialogue-02": (
        Line("Teacher", "Normal", "宿題はできましたか？"),
        Line("MStudent", "Sad", "まだです、先生。"),
        Line("Teacher", "Angry", "早くしなさい。"),
    ),
    "Long_dialogue/LD10/LD10-Dialogue-02": (
        Line("FStudent", "Normal", "もう帰ります。"),
        Line("Teacher", "Normal", "また明日。"),
    ),
    "Short_dialogue/SD06/SD06-Dialogue-27": (
        Line("MStudent", "Normal", "雨ですね。"),
        Line("FStudent", "Normal", "傘がありません。"),
        Line("MStudent", "Happy", "貸しますよ。"),
    ),
    "Short_dialogue/SD07/SD07-Dialogue-01": (Line("FStudent", "Sad", "寒いです。"),),
}
UNLABELLED = "FStudent_SD07-Dialogue-01-FStudent-Turn-01_Sad"  # it has no TextGrid, and dialogues have no .lab
EMOTION100 = ("ゼロです。", "犬が走る。", "猫が寝る。", "花が咲いた。")
RECITATION324 = ("願いをかなえる。", "名札を用意する。", "ボヤですんでよかった。")
ITA = {
    "Emotion100-Normal": ("Normal", EMOTION100),
    "Emotion100-Happy": ("Happy", EMOTION100),
    "Recitation324": ("Normal", RECITATION324),
}
MISSING = "ITA-Emotion100-Teacher-Happy-002"


def write(root: Path) -> Fake:
    """The corpus at root/STUDIES."""
    corpus = root / "STUDIES"
    kept = {name for place, rows in DIALOGUES.items() for name in _write_dialogue(corpus, place, rows)}
    kept |= {name for group, (emotion, texts) in ITA.items() for name in _write_ita(corpus, group, emotion, texts)}
    missing = f"Teacher_{MISSING}_Happy"
    return Fake(
        entry={"format": "studies", "path": str(corpus)},
        kept=frozenset(kept - {missing}),
        excluded={missing: "no recording"},
        one_of_each={
            "wav": corpus / "ITA" / "Emotion100-Normal" / "wav" / "ITA-Emotion100-Teacher-Normal-001.wav",
            "transcript": corpus / "ITA" / "Recitation324" / "txt" / "transcript_recitation.txt",
            "TextGrid": corpus / "Long_dialogue/LD01/TextGrid/LD01-Dialogue-02-Teacher-Turn-01.TextGrid",
            "lab": corpus / "ITA" / "Emotion100-Happy" / "full" / "ITA-Emotion100-Teacher-Happy-003.lab",
        },
    )


def _write_dialogue(corpus: Path, place: str, rows: tuple[Line, ...]) -> list[str]:
    """A dialogue; its ids."""
    part, group, name = place.split("/")
    folder = corpus / part / group
    write_lab(folder / "txt" / f"{name}.txt", "".join(f"{transcript_line(row)}\n" for row in rows))
    stems = DialogueFiles(corpus, group, int(name[-2:])).stems(rows)
    ids = []
    for stem, row in zip(stems, rows, strict=True):
        speech = spoken(row.text, row.speaker, row.emotion)
        write_recording(folder / "wav" / f"{stem}.wav", speech)
        ids.append(f"{row.speaker}_{stem}_{row.emotion}")
        if ids[-1] != UNLABELLED:
            write_grid(folder / "TextGrid" / f"{stem}.TextGrid", speech)
    return ids


def _write_ita(corpus: Path, group: str, emotion: str, texts: tuple[str, ...]) -> list[str]:
    """A set of ITA sentences, read by the Teacher, with full-context labels in seconds; its ids."""
    folder, sentences = corpus / "ITA" / group, group.partition("-")[0]
    rows = [Line("Teacher", emotion, text) for text in texts]
    name = f"transcript_{'recitation' if sentences == 'Recitation324' else 'emotion'}.txt"
    write_lab(folder / "txt" / name, "".join(f"{transcript_line(row)}\n" for row in rows))
    ids = []
    for number, text in enumerate(texts, 1):
        stem = f"ITA-{sentences}-Teacher-{emotion}-{number:03d}"
        ids.append(f"Teacher_{stem}_{emotion}")
        if stem != MISSING:
            speech = spoken(text, "Teacher", emotion)
            write_recording(folder / "wav" / f"{stem}.wav", speech)
            write_lab(folder / "full" / f"{stem}.lab", lab(speech, text))
    return ids
