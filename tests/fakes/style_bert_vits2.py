"""What Style-Bert-VITS2 trains on, as its tools cut and transcribe recordings: two styles, another language."""

from __future__ import annotations

from pathlib import Path

from fakes.fake import Fake
from fakes.speech import spoken, write_grid, write_lab, write_recording

# file, speaker, language, text
SAID = (
    ("calm/1.wav", "aki", "JP", "今日は晴れです。"),
    ("calm/2.wav", "aki", "JP", "はい、そうです。"),
    ("calm/3.wav", "aki", "JP", "水が冷たい。"),
    ("calm/4.wav", "aki", "JP", "道が遠い。"),
    ("glad/1.wav", "aki", "JP", "犬が走る。"),
    ("glad/2.wav", "aki", "JP", "猫が寝る。"),
    ("glad/3.wav", "aki", "JP", "空が暗い。"),
    ("glad/4.wav", "aki", "JP", "夜が長い。"),
    ("glad/5.wav", "aki", "JP", "こんにちは。"),
    ("glad/6.wav", "aki", "JP", "さようなら。"),
    ("hello.wav", "aki", "EN", "Hello."),
    ("thanks.wav", "aki", "EN", "Thank you."),
)
NO_FILE = "glad/7.wav|aki|JP|録音がない。"
NO_ROW = "glad/8.wav|aki|はい。"


def write(root: Path) -> Fake:
    """The corpus at root/Data/aki."""
    corpus = root / "Data" / "aki"
    for file, _, language, text in SAID:
        speech = spoken(text if language == "JP" else "はい。")
        write_recording(corpus / "raw" / file, speech)
        if language == "JP":
            write_grid(corpus / "TextGrid" / file.replace(".wav", ".TextGrid"), speech)
    rows = ["|".join(row) for row in SAID]
    write_lab(corpus / "esd.list", "\n".join([*rows, NO_FILE, NO_ROW]))
    write_lab(corpus / "config.json", "{}")
    return Fake(
        entry={"format": "style_bert_vits2", "path": str(corpus)},
        kept=frozenset(f"{speaker}_{file[:-4].replace('/', '-')}" for file, speaker, _, _ in SAID),
        excluded={"aki_glad-7": "no recording", f"line-{len(SAID) + 2}-of-esd.list": "row not understood"},
        one_of_each={
            "wav": corpus / "raw" / "glad" / "2.wav",
            "TextGrid": corpus / "TextGrid" / "calm" / "2.TextGrid",
        },
    )
