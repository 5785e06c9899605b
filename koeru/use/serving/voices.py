"""What a voice does for the API: it says how a text or accent phrases would go, and speaks a query."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from koeru.audio.cutting import joined
from koeru.audio.vocoders import MelVocoder
from koeru.data.contour import NOTHING, Contour, Told
from koeru.data.records import Spoken
from koeru.languages import Language, Reader
from koeru.text.reading import Reading
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
from koeru.use.speech import FADE, Speech, Who

MAX_MORAS = 1000
MAX_SECONDS = 300.0  # of a sound
MAX_SENTENCE = 60.0  # seconds of what is said in one go
GAP = 0.3  # seconds between sentences, beside the silence around each


class Served:
    """A voice at work, and who reads texts to it.

    `reader` makes the reader that the voice was trained with, which knows the words of a CSV file as well, if there is
    one; `listed` is how it is listed, `policy` under what terms it may be heard. Used by one thread alone.
    """

    def __init__(
        self, listed: Named, speech: Speech, reader: Callable[[Path | None], Reader], policy: str = ""
    ) -> None:
        self.listed, self.speech, self.policy = listed, speech, policy
        self._make, self._reader, self._version = reader, None, -1

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

    def close(self) -> None:
        """Let the reader go."""
        if self._reader is not None:
            self._reader.__exit__(None, None, None)
        self._reader = None

    def read(self, text: str, dictionary: UserDictionary) -> list[AccentPhrase]:
        """The accent phrases of a text, without lengths and pitches. Raises TextError for what cannot be read."""
        if self._reader is None or self._version != dictionary.version:
            self.close()
            self._reader, self._version = self._make(dictionary.csv), dictionary.version
        return self._silent(self._reader.reading(text))

    def from_kana(self, kana: str) -> list[AccentPhrase]:
        """The accent phrases of kana with accents, in the same way. Raises NotationError."""
        return self._silent(self.language.from_notation(kana))

    def _silent(self, reading: Reading) -> list[AccentPhrase]:
        nothing = np.zeros(len(reading.phones))
        return accent_phrases(self.language, self.language.phrases(reading), Sound(nothing, nothing))

    def query(self, given: Sequence[AccentPhrase], chosen: Chosen) -> AudioQuery:
        """How accent phrases would be said by a speaker in an emotion. Raises RequestError for what is none."""
        own, said = self.language, self._sentences(given)
        sounds = [sound_of(self._contour(part, chosen), self.frame) for part in said]
        phrases: list[AccentPhrase] = []
        for number, (part, sound) in enumerate(zip(said, sounds, strict=True), 1):
            phrases += accent_phrases(own, spoken_phrases(own, part), sound)
            if number < len(said):
                around = float(sound.seconds[-1] + sounds[number].seconds[0])
                phrases[-1].pause_mora = pause(around + GAP, FULL_STOP)
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
        seconds = sum(told.durations.sum() * self.frame + gap for _, told, _, gap in decided)
        if not seconds <= MAX_SECONDS:
            raise RequestError(f"the sound would last {seconds:.0f} s: {MAX_SECONDS:.0f} s are the most")
        blocks = [*joined(self._parts(decided, chosen, stop), round(FADE * self.sample_rate))]
        return np.concatenate(blocks) * np.float32(query.volume)

    def _parts(
        self, decided: Sequence[tuple[Sequence[AccentPhrase], Told, Contour, float]], chosen: Chosen, stop: Stop
    ) -> Iterator[np.ndarray]:
        """The sounds of sentences, and of the silence between them."""
        speech = replace(self.speech, sound=_Stopping(self.speech.sound, stop))
        for number, (part, told_one, contour, gap) in enumerate(decided, 1):
            stop.check()
            yield speech.say(self._record(part, chosen), _differing(told_one, contour))
            if number < len(decided):
                yield np.zeros(round(gap * self.sample_rate) + 2 * round(FADE * self.sample_rate), np.float32)

    def _decided(
        self, query: AudioQuery, chosen: Chosen, stop: Stop
    ) -> Iterator[tuple[Sequence[AccentPhrase], Told, Contour, float]]:
        """Of each sentence what a query tells of it, how it would go alone, and the seconds of silence behind it."""
        said = self._sentences(query.accent_phrases)
        contours = []
        for part in said:
            stop.check()
            contours.append(self._contour(part, chosen))
        before = query.before
        for number, (part, contour) in enumerate(zip(said, contours, strict=True), 1):
            after, following, gap = query.after, 0.0, 0.0
            if number < len(said):
                around = [contour.durations[-1] * self.frame, contours[number].durations[0] * self.frame]
                pause_told = pause_of(query, part[-1].pause_mora)
                share = min(1.0, pause_told / max(sum(around), 1e-9))
                after, following = (share * own for own in around)
                gap = max(0.0, pause_told - sum(around)) / query.speed
            elif part[-1].pause_mora is not None:
                after += pause_of(query, part[-1].pause_mora)  # behind the last phrase
            decided = told(self.language, query, Sentence(part, before, after), contour, self.frame)
            if not (seconds := decided.durations.sum() * self.frame) <= MAX_SENTENCE:
                raise RequestError(f"a sentence of {seconds:.0f} s: {MAX_SENTENCE:.0f} s are the most")
            yield part, decided, contour, gap
            before = following

    def _sentences(self, given: Sequence[AccentPhrase]) -> list[list[AccentPhrase]]:
        if (moras := sum(len(phrase.moras) for phrase in given)) > MAX_MORAS or not moras:
            raise RequestError(f"{moras} moras: 1 to {MAX_MORAS} can be said at once")
        return sentences(given)

    def _contour(self, part: Sequence[AccentPhrase], chosen: Chosen) -> Contour:
        return self.speech.contour(self._record(part, chosen))

    def _record(self, part: Sequence[AccentPhrase], chosen: Chosen) -> Spoken:
        reading = self.language.reading_of(spoken_phrases(self.language, part))
        return Who(chosen.speaker, chosen.emotion).record(reading)


@dataclass(frozen=True)
class _Stopping:
    """A vocoder that asks before it begins."""

    sound: MelVocoder
    stop: Stop

    @property
    def name(self) -> str:
        return self.sound.name

    def __call__(self, mel: np.ndarray) -> np.ndarray:
        self.stop.check()
        return self.sound(mel)


def _differing(decided: Told, contour: Contour) -> Told:
    """What is told and is not the voice's own anyway."""
    same = np.array_equal(decided.durations, contour.durations) and np.isnan(decided.log_f0).all()
    return NOTHING if same else decided
