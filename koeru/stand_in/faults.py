"""Planted faults: what goes wrong with delivered corpora, each in a small dialogue of its own.

A fault adds a dialogue and then spoils one row of it, or a file of that row; the good dialogues stay as they
are. A reader is expected to read the row in spite of it, or to exclude that one utterance and say why.
"""

import shutil
import struct
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from koeru.stand_in.files import DialogueFiles, text_grid, transcript_line, write_text, write_wav
from koeru.stand_in.script import Line
from koeru.stand_in.voice import SAMPLE_RATE, Speech, full_context, phones, resample
from koeru.text.reading import Interval

FIRST_GROUP = 9001  # LD9001 is the folder of the first fault, far from those of the good dialogues


@dataclass(frozen=True)
class Scene:
    """A dialogue of which the row `spoiled` (counted from 0) is to be spoiled, and what was spoken in it."""

    files: DialogueFiles
    rows: tuple[Line, ...]
    spoiled: int
    speeches: list[Speech]

    @property
    def stem(self) -> str:
        return self.files.stems(self.rows)[self.spoiled]

    @property
    def wav(self) -> Path:
        return self.files.wav(self.stem)

    @property
    def grid(self) -> Path:
        return self.files.grid(self.stem)

    @property
    def transcript(self) -> Path:
        return self.files.transcript

    @property
    def speech(self) -> Speech:
        return self.speeches[self.spoiled]

    @property
    def samples(self) -> np.ndarray:
        """int16 (N,)"""
        return self.speech.samples

    @property
    def line(self) -> str:
        """The row in the transcript, with its end of line."""
        return transcript_line(self.rows[self.spoiled]) + "\n"

    def rewrite_line(self, line: str) -> None:
        write_text(self.transcript, self.transcript.read_text("utf-8").replace(self.line, line))

    def rewrite_text(self, text: str, kana: str) -> None:
        role, emotion, *_ = self.line.split("|")
        self.rewrite_line("|".join((role, emotion, text, kana)) + "\n")

    def rewrite_grid(self, intervals: list[Interval], tiers: Sequence[str] = ("phones",)) -> None:
        write_text(self.grid, text_grid(intervals, tiers))


@dataclass(frozen=True)
class Fault:
    """`expect`: "read" or "excluded"; `reason`: a part of the reason of the exclusion, "" when read."""

    name: str
    group: str
    rows: tuple[Line, ...]
    spoiled: int
    expect: str
    reason: str
    spoil: Callable[[Scene], None]

    @property
    def utterance(self) -> str:
        """The file name, without ending, of the one utterance that is concerned."""
        return DialogueFiles(Path(), self.group, 1).stems(self.rows)[self.spoiled]

    @property
    def utterance_id(self) -> str:
        """<speaker>_<utterance>_<emotion>."""
        row = self.rows[self.spoiled]
        return f"{row.speaker}_{self.utterance}_{row.emotion}"

    def plant(self, root: Path) -> None:
        """Adds the dialogue with this fault to the corpus at `root`."""
        files = DialogueFiles(root, self.group, 1)
        self.spoil(Scene(files, self.rows, self.spoiled, files.write(self.rows)))


FAULTS: dict[str, Fault] = {}


def excluded(reason: str, rows: int = 2, spoiled: int = 0) -> Callable:
    """Registers a fault for which the utterance must be excluded, with `reason` in the reason."""
    return lambda spoil: _register(spoil, "excluded", reason, rows, spoiled)


def read(spoil: Callable[[Scene], None]) -> Callable[[Scene], None]:
    """Registers a fault in spite of which the utterance must be read."""
    return _register(spoil, "read", "", rows=2, spoiled=0)


def _register(spoil: Callable[[Scene], None], expect: str, reason: str, rows: int, spoiled: int) -> Callable:
    number = len(FAULTS) + 1
    dialogue = (
        Line("Teacher", "Normal", f"{number}番が見本です。"),
        Line("MStudent", "Normal", f"{number}番も聞こえますか？"),
        Line("Teacher", "Normal", f"{number}番は終わりです。"),
    )
    name, group = spoil.__name__, f"LD{FIRST_GROUP + number - 1}"
    FAULTS[name] = Fault(name, group, dialogue[:rows], spoiled, expect, reason, spoil)
    return spoil


@excluded("truncated")
def truncated_wav(scene: Scene) -> None:
    """The header promises twice the samples that the file has."""
    data = scene.wav.read_bytes()
    scene.wav.write_bytes(data[: 44 + len(scene.samples)])


@excluded("no samples")
def zero_samples(scene: Scene) -> None:
    """A correct header and nothing after it."""
    write_wav(scene.wav, scene.samples[:0])


@excluded("digital silence")
def all_zeros(scene: Scene) -> None:
    """As long as it should be, and digitally silent."""
    write_wav(scene.wav, np.zeros_like(scene.samples))


@excluded("not finite")
def nan(scene: Scene) -> None:
    """32 bit float with a tenth of a second of NaN in the middle."""
    samples = scene.samples.astype("<f4") / 32768
    middle = len(samples) // 2
    samples[middle : middle + SAMPLE_RATE // 10] = np.nan
    data, ieee_float = samples.tobytes(), 3
    head = struct.pack("<HHIIHH", ieee_float, 1, SAMPLE_RATE, 4 * SAMPLE_RATE, 4, 32)
    scene.wav.write_bytes(_chunk(b"RIFF", b"WAVE" + _chunk(b"fmt ", head) + _chunk(b"data", data)))


def _chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data


@excluded("clipped")
def clipping(scene: Scene) -> None:
    """So loud that more than one sample in ten is at full scale."""
    loud = scene.samples / np.quantile(np.abs(scene.samples.astype(int)), 0.9) * 32768
    write_wav(scene.wav, np.clip(loud, -32768, 32767).astype(np.int16))


@read
def stereo(scene: Scene) -> None:
    """Two equal channels."""
    write_wav(scene.wav, np.stack([scene.samples, scene.samples], axis=1))


@read
def bits_8(scene: Scene) -> None:
    """8 bit PCM, which is unsigned in a wav."""
    soundfile.write(scene.wav, scene.samples, SAMPLE_RATE, subtype="PCM_U8")


@read
def bits_24(scene: Scene) -> None:
    """24 bit PCM."""
    soundfile.write(scene.wav, scene.samples, SAMPLE_RATE, subtype="PCM_24")


@read
def bits_32(scene: Scene) -> None:
    """32 bit integer PCM."""
    soundfile.write(scene.wav, scene.samples, SAMPLE_RATE, subtype="PCM_32")


@read
def other_sample_rate(scene: Scene) -> None:
    """44.1 kHz."""
    wave = resample(scene.samples / 32768, SAMPLE_RATE, 44_100)
    write_wav(scene.wav, np.round(wave * 32768).astype(np.int16), 44_100)


@excluded("empty text")
def empty_text(scene: Scene) -> None:
    """Neither text nor reading."""
    scene.rewrite_text("", "")


@excluded("text cannot be read")
def emoji_only(scene: Scene) -> None:
    """A text in which nothing can be spoken."""
    scene.rewrite_text("😀🎉", "😀🎉")


@excluded("text cannot be read")
def long_text(scene: Scene) -> None:
    """3000 characters."""
    scene.rewrite_text("長い長い話です。" * 375, "ナガイナガイハナシデス。" * 375)


@read
def nfd_kana(scene: Scene) -> None:
    """Kana and their voicing marks as separate characters, as some file systems and editors leave them."""
    scene.rewrite_line(unicodedata.normalize("NFD", scene.line))


@read
def textgrid_bom(scene: Scene) -> None:
    """UTF-8 with a byte order mark."""
    scene.grid.write_bytes(b"\xef\xbb\xbf" + scene.grid.read_bytes())


@read
def textgrid_utf16(scene: Scene) -> None:
    """UTF-16, as Praat itself writes it: big endian, with a byte order mark."""
    scene.grid.write_bytes(b"\xfe\xff" + scene.grid.read_text("utf-8").encode("utf-16-be"))


@excluded("another sentence")
def textgrid_other_utterance(scene: Scene) -> None:
    """The phones of another sentence, spread over the whole of this wav: the times alone look right."""
    other = phones(full_context("あの青い山を越えれば、古い港が見えてきます。"))
    bounds = np.linspace(0, scene.speech.seconds, len(other) + 1).tolist()
    scene.rewrite_grid([Interval(*span) for span in zip(bounds[:-1], bounds[1:], other, strict=True)])


@excluded("TextGrid cannot be read")
def textgrid_without_tier(scene: Scene) -> None:
    """There are tiers `words` and `notes`, and none of phones."""
    scene.rewrite_grid(list(scene.speech.intervals), tiers=("words", "notes"))


@excluded("labels do not fit")
def textgrid_past_end(scene: Scene) -> None:
    """The last interval ends one second after the wav."""
    *inner, last = scene.speech.intervals
    scene.rewrite_grid([*inner, last._replace(end=last.end + 1)])


@excluded("no alignment")
def textgrid_missing(scene: Scene) -> None:
    """Wav and row, but no TextGrid."""
    scene.grid.unlink()


@excluded("duplicate id", rows=1)
def duplicate_id(scene: Scene) -> None:
    """The same dialogue, under the same name, a second time in another folder: one of the two is too many."""
    again = scene.files.folder.with_name(f"LD{FIRST_GROUP + len(FAULTS)}")
    shutil.copytree(scene.files.folder, again)


@excluded("no recording")
def row_without_wav(scene: Scene) -> None:
    """Line and TextGrid, but no wav."""
    scene.wav.unlink()


@excluded("no transcript row", rows=3, spoiled=2)
def wav_without_row(scene: Scene) -> None:
    """Wav and TextGrid of a last turn that the transcript does not have."""
    scene.rewrite_line("")


@read
def shift_jis(scene: Scene) -> None:
    """The transcript in cp932."""
    scene.transcript.write_bytes(scene.transcript.read_text("utf-8").encode("cp932"))


@read
def crlf(scene: Scene) -> None:
    """The transcript with \\r\\n."""
    scene.transcript.write_bytes(scene.transcript.read_bytes().replace(b"\n", b"\r\n"))
