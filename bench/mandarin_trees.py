"""Trees of many utterances in the layouts of Mandarin corpora, with empty recordings."""

import json
import os
import uuid
from collections.abc import Callable
from pathlib import Path
from random import Random

from koeru.corpora import aishell1

EACH = 500  # utterances of a speaker
WORDS = "对 楼市 成交 抑制 作用 最 大"
PINYIN = "dui4 lou2 shi4 cheng2 jiao1 yi4 zhi4 zuo4 yong4 zui4 da4"


def empty_files(folder: Path, names: list[str]) -> None:
    """Empty files in a folder, which is made."""
    folder.mkdir(parents=True)
    for name in names:
        os.close(os.open(folder / name, os.O_CREAT | os.O_WRONLY))


def _write_aishell1(root: Path, count: int) -> None:
    """Three sets of speakers, one transcript."""
    rows = []
    for person in range(count // EACH):
        speaker = f"S{person:04d}"
        names = [f"BAC009{speaker}W{number:04d}" for number in range(EACH)]
        empty_files(root / "wav" / ("train", "dev", "test")[person % 3] / speaker, [f"{name}.wav" for name in names])
        rows += [f"{name} {WORDS}\n" for name in names]
    (root / "transcript").mkdir()
    (root / aishell1.TRANSCRIPT).write_text("".join(rows), "utf-8")


def _write_aishell3(root: Path, count: int) -> None:
    """Two sets, in both of which everybody speaks."""
    said = " ".join(" ".join(pair) for pair in zip(WORDS.replace(" ", ""), PINYIN.split(), strict=True))
    for place, subset in enumerate(("train", "test")):
        rows = []
        for person in range(count // EACH // 2):
            speaker = f"SSB{person:04d}"
            names = [f"{speaker}{EACH * place + number:04d}.wav" for number in range(EACH)]
            empty_files(root / subset / "wav" / speaker, names)
            rows += [f"{name}\t{said}\n" for name in names]
        (root / subset / "content.txt").write_text("".join(rows), "utf-8")


def _write_primewords(root: Path, count: int) -> None:
    """One list, and folders by the letters of the names."""
    random, folders, entries = Random(0), {}, []
    for number in range(count):
        file = f"{uuid.UUID(int=random.getrandbits(128))}.wav"
        folders.setdefault(f"{file[0]}/{file[:2]}", []).append(file)
        entries.append({"id": number, "file": file, "user_id": str(number % 296), "length": "4.2", "text": WORDS})
    for folder, files in folders.items():
        empty_files(root / "audio_files" / folder, files)
    (root / "set1_transcript.json").write_text(json.dumps(entries, ensure_ascii=False), "utf-8")


def _write_st_cmds(root: Path, count: int) -> None:
    """One folder, a text beside every recording."""
    names = [f"20170001P{number // 120:05d}A{number % 120:04d}" for number in range(count)]
    empty_files(root, [f"{name}.wav" for name in names])
    for name in names:
        (root / f"{name}.txt").write_text(WORDS.replace(" ", ""), "utf-8")


def _write_cn_celeb(root: Path, count: int) -> None:
    """Speakers, with ten cuts of every video."""
    for person in range(count // EACH):
        names = [f"interview-{number // 10 + 1:02d}-{number % 10 + 1:03d}.flac" for number in range(EACH)]
        empty_files(root / "data" / f"id{person:05d}", names)


MANDARIN: dict[str, Callable[[Path, int], None]] = {
    "aishell1": _write_aishell1,
    "aishell3": _write_aishell3,
    "primewords": _write_primewords,
    "st_cmds": _write_st_cmds,
    "cn_celeb": _write_cn_celeb,
}
