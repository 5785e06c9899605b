"""The files of one dialogue in the layout of STUDIES: a transcript, a wav and a TextGrid for every row."""

import wave
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from koeru.stand_in.script import Line
from koeru.stand_in.voice import SAMPLE_RATE, Speech, kana, speak
from koeru.text.reading import Interval

ROLES = {"Teacher": "講師", "MStudent": "男子生徒", "FStudent": "女子生徒"}
EMOTIONS = {"Normal": "平静", "Happy": "喜び", "Sad": "悲しみ", "Angry": "怒り"}


@dataclass(frozen=True)
class DialogueFiles:
    """Paths of one dialogue; `root`: the corpus, `group`: a folder such as LD01, `number`: from 1 in it."""

    root: Path
    group: str
    number: int

    @property
    def name(self) -> str:
        return f"{self.group}-Dialogue-{self.number:02d}"

    @property
    def folder(self) -> Path:
        return self.root / "Long_dialogue" / self.group

    @property
    def transcript(self) -> Path:
        return self.folder / "txt" / f"{self.name}.txt"

    def wav(self, stem: str) -> Path:
        return self.folder / "wav" / f"{stem}.wav"

    def grid(self, stem: str) -> Path:
        return self.folder / "TextGrid" / f"{stem}.TextGrid"

    def stems(self, rows: Iterable[Line]) -> list[str]:
        """The names of the recordings: turns are counted for every role by itself, from 1."""
        turns, stems = Counter(), []
        for row in rows:
            turns[row.speaker] += 1
            stems.append(f"{self.name}-{row.speaker}-Turn-{turns[row.speaker]:02d}")
        return stems

    def write(self, rows: Sequence[Line]) -> list[Speech]:
        """Speaks and writes a whole dialogue; gives back what was spoken, row by row."""
        for path in (self.transcript, self.wav("_"), self.grid("_")):
            path.parent.mkdir(parents=True, exist_ok=True)
        speeches = []
        for stem, row in zip(self.stems(rows), rows, strict=True):
            speech = speak(row.text, row.speaker, row.emotion)
            write_wav(self.wav(stem), speech.samples)
            write_text(self.grid(stem), text_grid(speech.intervals))
            speeches.append(speech)
        write_text(self.transcript, "".join(transcript_line(row) + "\n" for row in rows))
        return speeches


def transcript_line(row: Line) -> str:
    """`role|emotion|text|katakana`, without an end of line."""
    return "|".join((ROLES[row.speaker], EMOTIONS[row.emotion], row.text, kana(row.text)))


def text_grid(intervals: Sequence[Interval], tiers: Sequence[str] = ("phones",)) -> str:
    """A Praat TextGrid in the long format, with the same intervals in every tier."""
    end = intervals[-1].end
    body = "".join(
        f"        intervals [{number}]:\n            xmin = {start!r} \n            xmax = {stop!r} \n"
        f'            text = "{phone}" \n'
        for number, (start, stop, phone) in enumerate(intervals, start=1)
    )
    parts = [
        'File type = "ooTextFile"\nObject class = "TextGrid"\n\n'
        f"xmin = 0 \nxmax = {end!r} \ntiers? <exists> \nsize = {len(tiers)} \nitem []: \n"
    ]
    for item, tier in enumerate(tiers, start=1):
        parts.append(
            f'    item [{item}]:\n        class = "IntervalTier" \n        name = "{tier}" \n'
            f"        xmin = 0 \n        xmax = {end!r} \n        intervals: size = {len(intervals)} \n{body}"
        )
    return "".join(parts)


def write_text(path: Path, text: str) -> None:
    """UTF-8 with \\n on every platform."""
    path.write_text(text, encoding="utf-8", newline="\n")


def write_wav(path: Path, samples: np.ndarray, sample_rate: int = SAMPLE_RATE) -> None:
    """16 bit PCM; samples: int16 (N,) or (N, channels)."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(samples.shape[1] if samples.ndim == 2 else 1)
        file.setsampwidth(2)
        file.setframerate(sample_rate)
        file.writeframes(samples.astype("<i2").tobytes())
