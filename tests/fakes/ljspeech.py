"""A corpus in the layout of LJSpeech, whose recordings are of every form that people have."""

from __future__ import annotations

from pathlib import Path

import soundfile

from fakes.fake import Fake
from fakes.speech import spoken, write_grid, write_lab
from koeru.stand_in.voice import SAMPLE_RATE, resample

# id, text, normalised text
SAID = (
    ("LJ001", "今日は10度です。", "今日は十度です。"),
    ("LJ002", "「本」です。", "「本」です。"),
    ("LJ003", "水が冷たい。", ""),
    ("LJ004", "道が遠い。", "道が遠い。"),
    ("LJ005", '犬が"走る"。', "犬が走る。"),
    ("LJ006", "猫が寝る。", "猫が寝る。"),
    ("LJ007", "空が暗い。", "空が暗い。"),
    ("LJ008", "夜が長い。", "夜が長い。"),
    ("LJ009", "こんにちは。", "こんにちは。"),
    ("LJ010", "さようなら。", "さようなら。"),
    ("LJ011", "ありがとう。", "ありがとう。"),
    ("LJ012", "もう一度。", "もう一度。"),
    ("LJ013", "花が赤い。", "花が赤い。"),
    ("LJ014", "山が高い。", "山が高い。"),
    ("LJ015", "川が深い。", "川が深い。"),
    ("LJ016", "声が遠い。", "声が遠い。"),
)
FORMS = (".wav", ".WAV", ".flac", ".ogg", ".mp3", ".opus", ".aiff")
CODECS = {".opus": ("OGG", "OPUS", 24_000), ".mp3": ("MP3", "MPEG_LAYER_III", SAMPLE_RATE)}


def write(root: Path) -> Fake:
    """The corpus at root/LJ-1.1."""
    corpus = root / "LJ-1.1"
    (corpus / "wavs").mkdir(parents=True)
    for number, (name, text, normalised) in enumerate(SAID):
        speech = spoken(normalised or text)
        path = corpus / "wavs" / (name + FORMS[number % len(FORMS)])
        container, codec, rate = CODECS.get(path.suffix, (None, None, SAMPLE_RATE))
        soundfile.write(path, resample(speech.samples / 32768, SAMPLE_RATE, rate), rate, codec, format=container)
        write_grid(corpus / "TextGrid" / f"{name}.textgrid", speech)
    for leftover in (corpus / ".DS_Store", corpus / "wavs" / "._LJ001.wav", corpus / "._metadata.csv"):
        leftover.write_bytes(b"\0\5\26\7 Mac OS X")
    soundfile.write(corpus / "wavs" / "LJ099.wav", spoken("もう一度。").samples, SAMPLE_RATE)
    rows = [f"{name}|{text}|{normalised}" for name, text, normalised in SAID]
    write_lab(
        corpus / "metadata.csv", "\n".join([*rows, "LJ098|録音がない。|録音がない。", "LJ097|一つ|二つ|三つ", ""])
    )
    write_lab(corpus / "README", "この中に一覧はありません。\n")
    return Fake(
        entry={"format": "ljspeech", "path": str(corpus)},
        kept=frozenset(f"FAKE_{name}" for name, _, _ in SAID),
        excluded={
            "FAKE_LJ098": "no recording",
            "wavs/LJ099.wav": "no transcript row",
            "line-18-of-metadata.csv": "row not understood",
        },
        one_of_each={
            "wav": corpus / "wavs" / "LJ010.flac",
            "TextGrid": corpus / "TextGrid" / "LJ004.textgrid",
        },
    )
