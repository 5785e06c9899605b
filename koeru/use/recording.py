"""One recording of any length, converted piece by piece."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import numpy as np

from koeru.audio.cutting import Piece, find_pieces, joined
from koeru.audio.files import UnfitError, WavError, check, read_wav, resample
from koeru.audio.frames import n_frames, sentence_starts
from koeru.audio.mel import MelSpec
from koeru.audio.silence import Segment
from koeru.audio.vocoders import MelVocoder
from koeru.data.vocabulary import Vocabulary, Voice
from koeru.jobs.progress import Progress
from koeru.report.listening import write_blocks

FADE = 0.005  # seconds, from one piece to the next


class Hearing(Protocol):
    """How the recordings of a model's dataset were heard: `koeru.families` says more."""

    mel: MelSpec
    silence: Mapping[str, Any]  # by the leaves of the stage `segments`

    def heard(self, wav: np.ndarray) -> tuple[np.ndarray, list[Segment]]: ...

    def features(self, wav: np.ndarray, speaker: str) -> dict[str, np.ndarray]: ...


class Mel(Protocol):
    """What a model makes of a piece."""

    mel: np.ndarray  # (T, M) float32, natural log


class Converter(Protocol):
    """A model that converts, as the family that declares it opens its file."""

    vocabulary: Vocabulary
    speakers: Sequence[str]  # those of the vocabulary of whom it has statistics
    couples: Sequence[tuple[str, str]]  # of speakers, as (source, target), that it was trained on
    hearing: Hearing
    controls: list[str]  # what it is told of both sides: "speaker", "emotion"
    least_frames: int  # that a source must have

    def convert(
        self,
        name: str,
        heard: Mapping[str, np.ndarray],
        source: Voice,
        target: Voice,
        cuts: Sequence[int],
        *,
        temperature: float,
        seed: int,
    ) -> Mel: ...


@dataclass
class Told:
    """What came of a recording: lengths in seconds, and what is to be said of it."""

    seconds: float = 0.0
    n_pieces: int = 0
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Conversion:
    """How recordings are converted: by which model, what makes its mels sound, from which voice to which."""

    converter: Converter
    sound: MelVocoder
    source: Voice
    target: Voice
    seed: int = 0
    temperature: float = 1.0

    @property
    def sample_rate(self) -> int:
        """Of what it makes, in Hz."""
        return self.converter.hearing.mel.sample_rate

    def file(self, path: Path, target: Path, progress: Progress | None = None) -> Told:
        """Write what a recording becomes as a wav file.

        Of the recording as a whole nothing is held but its samples, 16 bits each. Raises UnfitError, and writes
        nothing, where it cannot be converted.
        """
        wav, notes = self._read(path)
        told = Told(notes=notes)
        n_samples, gain_db = write_blocks(target, self.blocks(path.stem, wav, told, progress), self.sample_rate)
        told.seconds = n_samples / self.sample_rate
        if gain_db:
            told.notes.append(f"turned down by {-gain_db:.1f} dB, it would have clipped")
        return told

    def blocks(self, name: str, wav: np.ndarray, told: Told, progress: Progress | None = None) -> Iterator[np.ndarray]:
        """What int16 samples (N,) become, in blocks of full scale 1; UnfitError as `file`.

        Each piece is converted by itself, with `keep_silence` of the pauses around it, as the model has seen
        utterances. What else is in head, tail and pauses is silence of the same length: as recorded it would be the
        room and the breath of the one who spoke.
        """
        hearing = self.converter.hearing
        wav, segments = hearing.heard(wav)
        if not segments:
            thresholds = [f"{hearing.silence[f'silence_thresh_{side}']:g}" for side in ("h", "t")]
            words = f"nothing is louder than {' and '.join(thresholds)} dBFS, below which the model hears silence"
            raise UnfitError("only silence", words)
        pieces = find_pieces(wav, segments, self.sample_rate, hearing.silence["keep_silence"])
        told.n_pieces = len(pieces)
        if progress is not None:
            progress.total = len(pieces)
        fade = round(FADE * self.sample_rate)
        yield from joined(self._parts(name, wav, pieces, fade, told, progress), fade)

    def _read(self, path: Path) -> tuple[np.ndarray, list[str]]:
        """The samples (N,) int16 of a file at the model's rate, and notes on what was done to them."""
        info = check(path, max_clipped=1.0)  # what is distorted, is so in either voice
        if info.seconds * self.sample_rate < self.converter.hearing.mel.hop_length:
            raise UnfitError("too short", f"{info.seconds:.3g} s are not one frame")
        with TemporaryDirectory() as folder:
            own = Path(folder) / "resampled.wav"
            try:
                gain_db = resample(path, own, self.sample_rate).gain_db
            except WavError as error:
                raise UnfitError("unreadable", str(error)) from error
            wav, _ = read_wav(own)
        return wav, [f"read {-gain_db} dB softer: resampled it would clip"] if gain_db else []

    def _parts(
        self, name: str, wav: np.ndarray, pieces: Sequence[Piece], fade: int, told: Told, progress: Progress | None
    ) -> Iterator[np.ndarray]:
        """What the pieces become, and silence, longer by what others lie over it."""
        at, unfit = 0, []
        for number, piece in enumerate(pieces):
            where = f"{piece.start / self.sample_rate:.2f}"
            if piece.start > at:
                yield np.zeros(piece.start - at + (2 if number else 1) * fade, np.float32)
            if piece.abrupt:
                told.notes.append(f"at {where} s it is cut amid speech: no pause is near")
            try:
                yield self._said(f"{name}~{number:02d}" if number else name, wav, piece)
            except UnfitError as error:
                unfit.append(error)
                told.notes.append(f"{where} to {piece.stop / self.sample_rate:.2f} s become silence: {error}")
                yield np.zeros(piece.n_samples, np.float32)
            at = piece.stop
            if progress is not None:
                progress.step()
        if len(unfit) == len(pieces):
            raise unfit[0]
        if at < len(wav):
            yield np.zeros(len(wav) - at + fade, np.float32)

    def _said(self, name: str, wav: np.ndarray, piece: Piece) -> np.ndarray:
        """What one piece becomes: (N',) of full scale 1."""
        hearing, least = self.converter.hearing, self.converter.least_frames
        hop, count = hearing.mel.hop_length, n_frames(piece.n_samples, hearing.mel.hop_length)
        if count < least:
            raise UnfitError(
                "too short",
                f"{count} frames of speech where {least} are wanted, {least * hop / self.sample_rate:.3f} s",
            )
        heard = hearing.features(wav[piece.within], self.source.speaker)
        cuts = sentence_starts(piece.silences, piece.start, count, hop)
        drawn = {"temperature": self.temperature, "seed": self.seed}
        made = self.converter.convert(name, heard, self.source, self.target, cuts, **drawn)
        return self.sound(made.mel.astype(np.float32))
