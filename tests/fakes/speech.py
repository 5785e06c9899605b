"""Spoken sentences, and their wavs and labels in the forms that corpora deliver."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np

from koeru.stand_in.files import text_grid, write_text, write_wav
from koeru.stand_in.voice import SAMPLE_RATE, Interval, Speech, full_context, resample, speak

spoken = cache(speak)  # spoken(text, speaker, emotion): the same sentence is synthesised once a test session
JULIUS = {"cl": "q", "pau": "sp"}


def write_recording(path: Path, speech: Speech, sample_rate: int = SAMPLE_RATE) -> None:
    """A 16 bit mono wav of a sentence at the corpus's rate; its folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    wave = resample(speech.samples / 32768, SAMPLE_RATE, sample_rate)
    write_wav(path, np.round(np.clip(wave, -1, 1) * 32767).astype(np.int16), sample_rate)


def write_grid(path: Path, speech: Speech, tiers: tuple[str, ...] = ("phones",)) -> None:
    """A TextGrid with exact times; its folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, text_grid(speech.intervals, tiers))


def write_lab(path: Path, content: str) -> None:
    """A label file; its folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, content)


def lab(
    speech: Speech,
    text: str | None = None,
    *,
    unit: Literal["s", "100ns"] = "s",
    separator: str = " ",
    julius: bool = False,
) -> str:
    """The lines `begin end label` of a sentence.

    The labels are phones (with `julius` in the names of that aligner: silB silE sp q o:), or with `text` the
    full-context labels of it. Times are in seconds with 7 decimals or in whole steps of 100 ns.
    """
    intervals = list(julius_names(speech.intervals) if julius else speech.intervals)
    names = full_context(text) if text is not None else [interval.phone for interval in intervals]

    def time(seconds: float) -> str:
        return f"{seconds:.7f}" if unit == "s" else str(round(seconds * 1e7))

    rows = zip(intervals, names, strict=True)
    return "".join(separator.join((time(i.start), time(i.end), name)) + "\n" for i, name in rows)


def julius_names(intervals: tuple[Interval, ...]) -> Iterator[Interval]:
    """The same stretches under Julius's names: a vowel said twice in a row is a long one, devoicing is not told."""
    merged: list[Interval] = []
    for interval in intervals:
        phone = interval.phone.lower() if interval.phone in "AIUEO" else interval.phone
        if merged and phone in "aiueo" and merged[-1].phone == phone:
            merged[-1] = Interval(merged[-1].start, interval.end, f"{phone}:")
        else:
            merged.append(Interval(interval.start, interval.end, JULIUS.get(phone, phone)))
    merged[0], merged[-1] = merged[0]._replace(phone="silB"), merged[-1]._replace(phone="silE")
    yield from merged
