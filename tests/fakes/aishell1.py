"""AISHELL-1: three sets, a speaker whose archive nobody has unpacked, full-width letters, a recording without a row."""

from __future__ import annotations

from pathlib import Path

from fakes import mandarin
from fakes.fake import Fake
from fakes.speech import write_lab

SPEAKERS = {"S0002": "train", "S0009": "train", "S0724": "dev", "S0764": "test"}
EACH = 5
LATIN = ("BAC009S0009W0200", "去 Ｋ Ｔ Ｖ 唱歌", "去Ｋ Ｔ Ｖ唱歌")
PACKED = "S0003"
NO_ROW = "wav/train/S0002/BAC009S0002W0199.wav"
NO_WAV = "BAC009S0724W0300"
NO_TEXT = "BAC009S0764W0301"


def write(root: Path) -> Fake:
    """The corpus at root/data_aishell."""
    corpus = root / "data_aishell"
    rows, kept = [], set()
    for voice, speaker, number in mandarin.numbered(SPEAKERS, EACH):
        name = f"BAC009{speaker}W{122 + number:04d}"
        mandarin.record(corpus / "wav" / SPEAKERS[speaker] / speaker / f"{name}.wav", number, voice)
        rows.append(f"{name} {mandarin.words(number)}")
        kept.add(f"{speaker}_{name}")
    mandarin.record(corpus / "wav/train/S0009" / f"{LATIN[0]}.wav", 7, 1)
    mandarin.record(corpus / NO_ROW, 6, 0)
    mandarin.record(corpus / "wav/test/S0764" / f"{NO_TEXT}.wav", 6, 0)
    packed = f"BAC009{PACKED}W0122"
    rows += [f"{LATIN[0]}  {LATIN[1]}", f"{NO_WAV} 没有 录音", NO_TEXT, f"{packed} 打开 空调", "not an id 打开 空调"]
    write_lab(corpus / "transcript" / "aishell_transcript_v0.8.txt", "\n".join([*rows, "", ""]))
    for speaker in ("S0002", PACKED):
        (corpus / "wav" / f"{speaker}.tar.gz").write_bytes(b"\x1f\x8b")
    write_lab(corpus / "resource_aishell" / "speaker.info", "0002 F\n0009 M\n0724 M\n")
    return Fake(
        entry={"format": "aishell1", "path": str(corpus)},
        kept=frozenset(kept | {f"S0009_{LATIN[0]}"}),
        excluded={
            f"S0724_{NO_WAV}": "no recording",
            f"S0764_{NO_TEXT}": "empty text",
            f"{PACKED}_{packed}": "no recording",
            NO_ROW: "no transcript row",
            f"line-{len(rows)}-of-transcript/aishell_transcript_v0.8.txt": "row not understood",
        },
        one_of_each={"wav": corpus / "wav/dev/S0724" / "BAC009S0724W0131.wav"},
        labels=mandarin.NO_TIMES,
    )
