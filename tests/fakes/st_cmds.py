"""ST-CMDS: a text beside every recording, telephones A and I of people of one number, a text that nobody can decode."""

from __future__ import annotations

from pathlib import Path

from fakes import mandarin
from fakes.fake import Fake
from fakes.speech import write_lab

SPEAKERS = ("P00001A", "P00001I", "P00002A")
EACH = 5
NO_TEXT = "20170001P00002A0099"
NO_WAV = "20170001P00002A0098"
BROKEN = "20170001P00001I0097"
LATIN = ("20170001P00001A0096", "打开 WIFI，再 open the door", "打开WIFI，再open the door")


def write(root: Path) -> Fake:
    """The corpus at root/ST-CMDS-20170001_1-OS."""
    corpus = root / "ST-CMDS-20170001_1-OS"
    kept = set()
    for voice, speaker, number in mandarin.numbered(SPEAKERS, EACH):
        name = f"20170001{speaker}{number + 1:04d}"
        mandarin.record(corpus / f"{name}.wav", number, voice)
        write_lab(corpus / f"{name}.txt", mandarin.text(number))
        write_lab(corpus / f"{name}.metadata", "SEX\tMale\n")
        kept.add(f"{speaker}_{name}")
    for name in (NO_TEXT, BROKEN, LATIN[0]):
        mandarin.record(corpus / f"{name}.wav", 6, 0)
    write_lab(corpus / f"{NO_WAV}.txt", "没有录音\n")
    write_lab(corpus / f"{LATIN[0]}.txt", f"{LATIN[1]}\r\n")
    (corpus / f"{BROKEN}.txt").write_bytes(b"\x81\x20\xff\xfe\x00")
    write_lab(corpus / "README.txt", "Free ST Chinese Mandarin Corpus\n")
    return Fake(
        entry={"format": "st_cmds", "path": str(corpus)},
        kept=frozenset(kept | {f"P00001A_{LATIN[0]}"}),
        excluded={
            f"P00002A_{NO_WAV}": "no recording",
            f"P00001I_{BROKEN}": "transcript cannot be read",
            f"{BROKEN}.wav": "no transcript row",
            f"{NO_TEXT}.wav": "no transcript row",
        },
        one_of_each={
            "wav": corpus / "20170001P00002A0009.wav",
            "transcript": corpus / "20170001P00002A0010.txt",
        },
        labels=mandarin.NO_TIMES,
    )
