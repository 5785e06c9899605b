"""AISHELL-3: two sets, of which one has prosodic labels; a person who speaks in both; pinyin that is missing."""

from __future__ import annotations

from pathlib import Path

from fakes import mandarin
from fakes.fake import Fake
from fakes.speech import write_lab

RATE = 44_100
SPEAKERS = {"train": ("SSB0005", "SSB0009"), "test": ("SSB0005", "SSB0393")}
EACH = {"train": 6, "test": 3}
NO_WAV = "SSB03930099"
NO_PINYIN = "SSB00090098.wav\t广 guang3 州 女 nv3"
ERHUA = ("SSB00090097", "好 hao3 玩儿 wanr2", "好玩儿", "hao3 wanr2")
HEAD = "# label_train-set\n# id|pinyin|text\n# % prosodic phrase\n# $ sentence\n\n"
PEOPLE = "SSB0005\tB\tfemale\tnorth\nSSB0009\tC\tmale\tsouth\nSSB0393\tA\tfemale\tothers\n"


def write(root: Path) -> Fake:
    """The corpus at root/data_aishell3."""
    corpus = root / "data_aishell3"
    kept = set()
    for subset, speakers in SPEAKERS.items():
        rows, labels = [], []
        for voice, speaker, number in mandarin.numbered(speakers, EACH[subset]):
            name = f"{speaker}{number + 1 + 50 * (subset == 'test'):04d}"
            mandarin.record(corpus / subset / "wav" / speaker / f"{name}.wav", number, voice, RATE)
            rows.append(f"{name}.wav\t{interleaved(number)}")
            labels.append(f"{name}|{mandarin.pinyin(number)} $|{mandarin.text(number)}$")
            kept.add(f"{speaker}_{name}")
        if subset == "train":
            mandarin.record(corpus / "train/wav/SSB0009" / f"{ERHUA[0]}.wav", 7, 1, RATE)
            rows += [NO_PINYIN, f"{ERHUA[0]}.wav\t{ERHUA[1]}"]
            write_lab(corpus / "train" / "label_train-set.txt", HEAD + "\n".join(labels) + "\n")
        else:
            rows.append(f"{NO_WAV}.wav\t{interleaved(0)}")
        write_lab(corpus / subset / "content.txt", "\n".join(rows) + "\n")
    write_lab(corpus / "spk-info.txt", f"# speaker, age group, sex, accent\n\n{PEOPLE}")
    return Fake(
        entry={"format": "aishell3", "path": str(corpus)},
        kept=frozenset(kept | {f"SSB0009_{ERHUA[0]}"}),
        excluded={
            f"SSB0393_{NO_WAV}": "no recording",
            "line-13-of-train/content.txt": "row not understood",
        },
        one_of_each={
            "wav": corpus / "train/wav/SSB0005/SSB00050002.wav",
            "transcript": corpus / "test" / "content.txt",
        },
        labels=mandarin.NO_TIMES,
    )


def interleaved(number: int) -> str:
    """A sentence as content.txt has it: every character with its pinyin."""
    pairs = zip(mandarin.text(number), mandarin.pinyin(number).split(), strict=True)
    return " ".join(f"{character} {pinyin}" for character, pinyin in pairs)
