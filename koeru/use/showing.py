"""How an utterance goes, for people: a table, and times of phones as files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from koeru.data.contour import Contour
from koeru.languages import Language
from koeru.text.reading import Interval, Reading
from koeru.text.textgrid import write_phones

TIMES = (".TextGrid", ".lab")


def table(reading: Reading, contour: Contour, hop_s: float, language: Language) -> Iterator[str]:
    """Lines: a phone, its mark, its length in frames and ms, and the F0 in Hz that is asked for where it has one."""
    yield f"{'phone':6}{'mark':5}{'':9}{'frames':>6}{'ms':>7}{'Hz':>7}"
    columns = (reading.phones, reading.accents, reading.devoiced, contour.durations, contour.log_f0)
    for phone, mark, devoiced, frames, log_f0 in zip(*columns, strict=True):
        told = f"{phone:6}{mark:5}{'devoiced' if devoiced else '':9}{frames:6d}{1000 * hop_s * frames:7.0f}"
        silent = devoiced or phone in language.silences
        yield told if silent else f"{told}{np.exp(log_f0):7.0f}"


def intervals(phones: Sequence[str], durations: np.ndarray, start: float, hop_s: float) -> list[Interval]:
    """When phones sound, in seconds, of an utterance that begins at `start`; those without a frame are left out."""
    ends = start + np.cumsum(durations) * hop_s
    begins = ends - durations * hop_s
    spans = zip(begins.tolist(), ends.tolist(), phones, durations, strict=True)
    return [Interval(begin, end, phone) for begin, end, phone, frames in spans if frames]


def write_times(path: Path, spoken: Iterable[Interval], seconds: float) -> None:
    """Write phones with their times as what the suffix says: a TextGrid of Praat, or a .lab in seconds."""
    if path.suffix == TIMES[0]:
        write_phones(path, spoken, seconds)
    else:
        rows = (f"{begin:.6f} {end:.6f} {phone}\n" for begin, end, phone in spoken)
        path.write_text("".join(rows), encoding="utf-8")
