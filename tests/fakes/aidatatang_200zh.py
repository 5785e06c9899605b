"""aidatatang_200zh: two sets, files beside the recordings that are no transcript, and archives that are left behind."""

from __future__ import annotations

from pathlib import Path

from fakes import mandarin
from fakes.fake import Fake
from fakes.speech import write_lab

SPEAKERS = {"G0013": "train", "G0014": "train", "G0002": "dev"}
EACH = 6
NO_WAV = "T0055G0002S0099"


def write(root: Path) -> Fake:
    """The corpus at root/aidatatang_200zh."""
    corpus = root / "aidatatang_200zh"
    rows, kept = [], set()
    for voice, speaker, number in mandarin.numbered(SPEAKERS, EACH):
        name, folder = f"T0055{speaker}S{number:04d}", corpus / "corpus" / SPEAKERS[speaker] / speaker
        mandarin.record(folder / f"{name}.wav", number, voice)
        write_lab(folder / f"{name}.trn", f"{mandarin.words(number)}\n")
        write_lab(folder / f"{name}.metadata", "SEX\tMale\nAGE\t25\nBIR\t广东\nACC\t\nLBO\t\n")
        rows.append(f"{name} {mandarin.words(number)}")
        kept.add(f"{speaker}_{name}")
    rows.append(f"{NO_WAV} 没有 录音")
    write_lab(corpus / "transcript" / "aidatatang_200_zh_transcript.txt", "\n".join([*rows, ""]))
    (corpus / "corpus/train/G0013.tar.gz").write_bytes(b"\x1f\x8b")
    return Fake(
        entry={"format": "aidatatang_200zh", "path": str(corpus)},
        kept=frozenset(kept),
        excluded={f"G0002_{NO_WAV}": "no recording"},
        one_of_each={"wav": corpus / "corpus/dev/G0002/T0055G0002S0008.wav"},
        labels=mandarin.NO_TIMES,
    )
