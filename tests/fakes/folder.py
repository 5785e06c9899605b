"""Any recordings with a list, such as a spreadsheet saves it: a byte order mark, CRLF, quotes where they are needed."""

from __future__ import annotations

import csv
from io import StringIO
from pathlib import Path

from fakes.fake import Fake
from fakes.speech import lab, spoken, write_grid, write_lab, write_recording

COLUMNS = ("id", "speaker", "emotion", "text", "remark")
# id, speaker, emotion, text: below folders or not, with ends of lines and every separator that lists have.
SAID = (
    ("aki/001", "aki", "", "今日は晴れです。"),
    ("aki/002", "aki", "", "はい,そうです。"),
    ("aki/003", "aki", "", "答えは:はい|いいえ、どちら？"),
    ("aki/004", "aki", "", "「本」です。"),
    ("aki/005", "aki", "", "一つ目、\n二つ目。"),
    ("aki/006", "aki", "", "水が冷たい。"),
    ("aki/007", "aki", "", "道が遠い。"),
    ("beni/001", "beni", "Happy", "犬が走る。"),
    ("beni/002", "beni", "Happy", "猫が寝る。"),
    ("beni/003", "beni", "Sad", "空が暗い。"),
    ("beni/004", "beni", "Sad", "夜が長い。"),
    ("greeting", "", "", "こんにちは。"),
    ("farewell", "", "", "さようなら。"),
    ("thanks", "", "", "ありがとう。"),
    ("again", "", "", "もう一度。"),
)
VOICES = {"aki": "Teacher", "beni": "FStudent", "": "MStudent"}
GRIDS = tuple(name for name, speaker, _, _ in SAID if speaker == "aki")
IN_SET = ("greeting", "farewell")
UNLABELLED = "again"
NO_WAV = ("beni/005", "beni", "Happy", "録音がない。")
NO_TEXT = ("beni/006", "beni", "Happy", "")


def write(root: Path) -> Fake:
    """The corpus at root/recordings and a set of labels beside it."""
    corpus = root / "recordings"
    for name, speaker, emotion, text in SAID:
        speech = spoken(text, VOICES[speaker], emotion or "Normal")
        write_recording(corpus / "wavs" / f"{name}.wav", speech)
        if name in GRIDS:
            write_grid(corpus / "TextGrid" / f"{name}.TextGrid", speech)
        elif name in IN_SET:
            write_lab(root / "by_hand" / f"{name}.lab", lab(speech, unit="100ns"))
        elif name != UNLABELLED:
            write_lab(corpus / "lab" / f"{name}.lab", lab(speech))
    for name in (NO_TEXT[0], "beni/007"):
        write_recording(corpus / "wavs" / f"{name}.wav", spoken(SAID[0][3]))
    (corpus / "metadata.csv").write_bytes(table((*SAID, NO_WAV, NO_TEXT)).encode("utf-8-sig"))
    for name in ("README.txt", "notes.txt"):
        write_lab(corpus / name, "この中に一覧はありません。\n")
    return Fake(
        entry={
            "format": "folder",
            "path": str(corpus),
            "labels": [{"name": "by_hand", "path": str(root / "by_hand"), "made": "by_hand"}],
        },
        kept=frozenset(utterance_id(name, speaker, emotion) for name, speaker, emotion, _ in SAID),
        excluded={
            "beni_beni-005_Happy": "no recording",
            "beni_beni-006_Happy": "empty text",
            "wavs/beni/007.wav": "no transcript row",
        },
        one_of_each={
            "wav": corpus / "wavs" / "beni" / "003.wav",
            "TextGrid": corpus / "TextGrid" / "aki" / "001.TextGrid",
            "lab": corpus / "lab" / "thanks.lab",
        },
    )


def table(rows: tuple[tuple[str, str, str, str], ...]) -> str:
    """The list as a spreadsheet would save it, with a column that koeru does not know."""
    saved = StringIO(newline="")
    writer = csv.writer(saved)
    writer.writerow(COLUMNS)
    writer.writerows((*row, "") for row in rows)
    return saved.getvalue()


def utterance_id(name: str, speaker: str, emotion: str, corpus: str = "FAKE") -> str:
    """The id in koeru."""
    return "_".join(filter(None, (speaker or corpus, name.replace("/", "-"), emotion)))
