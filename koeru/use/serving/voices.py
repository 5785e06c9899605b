"""What a voice does for the API: it says how a text or accent phrases would go, and speaks a query."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from koeru.audio.vocoders import MelVocoder
from koeru.data.contour import Contour, Told
from koeru.data.records import Spoken
from koeru.languages import Language
from koeru.text.reading import Reading, TextError
from koeru.use.reading import VoiceReader
from koeru.use.serving.phones import (
    FULL_STOP,
    Sentence,
    Sound,
    accent_phrases,
    pause,
    pause_of,
    sentences,
    sound_of,
    spoken_phrases,
    told,
)
from koeru.use.serving.query import AccentPhrase, AudioQuery, RequestError
from koeru.use.serving.speakers import Chosen, Named
from koeru.use.serving.words import UserDictionary
from koeru.use.serving.work import Stop
from koeru.use.speech import Speech, Who

MAX_MORAS = 1000
MAX_SECONDS = 300.0  # of a sound
MAX_SENTENCE = 60.0  # seconds of what is said in one go
GAP = 0.3  # seconds between sentences of which nobody tells, beside the silence around each


class Texts:
    """Who reads texts to voices, as the texts that these were trained on: the user's words are known to each next one.

    Used by one thread alone. Close it in the end.
    """

    def __init__(self, reader: VoiceReader, dictionary: UserDictionary) -> None:
        self.dictionary, self._plain = dictionary, reader
        self._own: VoiceReader | None = None
        self._version = 0

    @property
    def reader(self) -> VoiceReader:
        """The reader that knows the words as they are now."""
        if self._version != self.dictionary.version:
            self._close_own()
            self._own = self._plain.with_files(dictionary=words) if (words := self.dictionary.csv) else None
            self._version = self.dictionary.version
        return self._own or self._plain

    def close(self) -> None:
        """Let the readers go."""
        self._close_own()
        self._plain.__exit__(None, None, None)

    def _close_own(self) -> None:
        if self._own is not None:
            self._own.__exit__(None, None, None)
            self._own = None


class Read(NamedTuple):
    """Accent phrases without lengths and pitches, full stops between sentences, and the seconds of silence there."""

    phrases: list[AccentPhrase]
    gaps: list[float]


@dataclass(frozen=True)
class _Decided:
    """A sentence, what a query tells of it, and the seconds of silence behind it."""

    record: Spoken
    told: Told
    gap: float


@dataclass(frozen=True)
class Served:
    """A voice at work, who reads texts to it, how it is listed, and under what terms it may be heard."""

    listed: Named
    speech: Speech
    texts: Texts
    policy: str = ""

    @property
    def language(self) -> Language:
        """What it speaks."""
        return self.speech.voice.language

    @property
    def sample_rate(self) -> int:
        """Hz."""
        return self.speech.sample_rate

    @property
    def frame(self) -> float:
        """Seconds of a frame."""
        return self.speech.voice.mel_spec.hop_length / self.sample_rate

    def read(self, text: str) -> Read:
        """How a text is read. Raises TextError for what cannot be."""
        phrases: list[AccentPhrase] = []
        gaps: list[float] = []
        for part in self.texts.reader.parts(text):
            if isinstance(part.reading, TextError):
                raise part.reading
            if phrases:
                phrases[-1].pause_mora = pause(0.0, FULL_STOP)
            phrases += self._silent(part.reading)
            gaps.append(part.pause)  # that behind the last is not said
        if not phrases:
            raise RequestError("there is nothing in the text that can be read aloud")
        return Read(phrases, gaps)

    def from_kana(self, kana: str) -> Read:
        """How kana with accents are read. Raises NotationError."""
        return Read(self._silent(self.language.from_notation(kana)), [])

    def _silent(self, reading: Reading) -> list[AccentPhrase]:
        nothing = np.zeros(len(reading.phones))
        return accent_phrases(self.language, self.language.phrases(reading), Sound(nothing, nothing))

    def query(self, given: Sequence[AccentPhrase], chosen: Chosen, gaps: Sequence[float] = ()) -> AudioQuery:
        """How accent phrases would be said by a speaker in an emotion. Raises RequestError for what is none."""
        own, said = self.language, self._sentences(given)
        gaps = gaps or [GAP] * len(said)
        sounds = [sound_of(self._contour(self._record(part, chosen)), self.frame) for part in said]
        phrases: list[AccentPhrase] = []
        for number, (part, sound, gap) in enumerate(zip(said, sounds, gaps, strict=True), 1):
            phrases += accent_phrases(own, spoken_phrases(own, part), sound)
            if number < len(said):
                around = float(sound.seconds[-1] + sounds[number].seconds[0])
                phrases[-1].pause_mora = pause(around + gap, FULL_STOP)
        return AudioQuery(
            accent_phrases=phrases,
            speedScale=1.0,
            pitchScale=0.0,
            intonationScale=1.0,
            volumeScale=1.0,
            prePhonemeLength=float(sounds[0].seconds[0]),
            postPhonemeLength=float(sounds[-1].seconds[-1]),
            outputSamplingRate=self.sample_rate,
            outputStereo=False,
            kana=own.to_notation(own.reading_of(spoken_phrases(own, given))),
        )

    def say(self, query: AudioQuery, chosen: Chosen, stop: Stop) -> np.ndarray:
        """Samples (N,) of a query. Raises RequestError for what cannot be said, GoneError if it is stopped."""
        decided = [*self._decided(query, chosen, stop)]
        seconds = sum(one.told.durations.sum() * self.frame + one.gap for one in decided)
        if not seconds <= MAX_SECONDS:
            raise RequestError(f"the sound would last {seconds:.0f} s: {MAX_SECONDS:.0f} s are the most")
        speech = replace(self.speech, sound=_Stopping(self.speech.sound, stop))
        blocks = speech.one_by_one((one.record, one.told, one.gap) for one in decided)
        return np.concatenate([*blocks]) * np.float32(query.volume)

    def _decided(self, query: AudioQuery, chosen: Chosen, stop: Stop) -> Iterator[_Decided]:
        """What a query tells of each sentence.

        Of the silence behind a sentence the voice says as much as it would alone, and as much of what is before the
        next one; the rest is nothing.
        """
        parts = self._sentences(query.accent_phrases)
        records = [self._record(part, chosen) for part in parts]
        contours = []
        for record in records:
            stop.check()
            contours.append(self._contour(record))
        before = query.before
        for number, (part, record, contour) in enumerate(zip(parts, records, contours, strict=True), 1):
            silence = pause_of(query, part[-1].pause_mora) if part[-1].pause_mora is not None else 0.0
            if number < len(parts):
                own, following = contour.durations[-1] * self.frame, contours[number].durations[0] * self.frame
                share = min(1.0, silence / max(own + following, 1e-9))
                after, gap, next_before = share * own, max(0.0, silence - own - following), share * following
            else:
                after, gap, next_before = silence + query.after, 0.0, 0.0
            said = Sentence(part, before, after)
            decided = told(self.language, query, said, contour, self.frame)
            if not (seconds := decided.durations.sum() * self.frame) <= MAX_SENTENCE:
                raise RequestError(f"a sentence of {seconds:.0f} s: {MAX_SENTENCE:.0f} s are the most")
            yield _Decided(record, decided, gap / query.speed)
            before = next_before

    def _sentences(self, given: Sequence[AccentPhrase]) -> list[list[AccentPhrase]]:
        if (moras := sum(len(phrase.moras) for phrase in given)) > MAX_MORAS or not moras:
            raise RequestError(f"{moras} moras: 1 to {MAX_MORAS} can be said at once")
        return sentences(given)

    def _contour(self, record: Spoken) -> Contour:
        """How the voice would say it alone."""
        return self.speech.voice.contour(record, temperature=self.speech.temperature, seed=self.speech.seed)

    def _record(self, part: Sequence[AccentPhrase], chosen: Chosen) -> Spoken:
        reading = self.language.reading_of(spoken_phrases(self.language, part))
        return Who(chosen.speaker, chosen.emotion).record(reading)


@dataclass(frozen=True)
class _Stopping:
    """What makes mels sound, and asks before it begins."""

    sound: MelVocoder
    stop: Stop

    @property
    def name(self) -> str:
        return self.sound.name

    def __call__(self, mel: np.ndarray) -> np.ndarray:
        self.stop.check()
        return self.sound(mel)
