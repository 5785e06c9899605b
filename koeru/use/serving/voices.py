"""What a voice does for the API: it says how a text or accent phrases would go, and speaks a query."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from koeru.audio.mel import MelSpec
from koeru.audio.vocoders import MelVocoder
from koeru.data.contour import NOTHING, Answer, Contour, Told
from koeru.data.records import Spoken
from koeru.languages import Language, Reader
from koeru.text.reading import Reading
from koeru.use.serving.phones import Sound, accent_phrases, sound_of, spoken_phrases, told
from koeru.use.serving.query import AccentPhrase, AudioQuery, RequestError
from koeru.use.serving.speakers import Chosen, Named
from koeru.use.serving.words import UserDictionary
from koeru.use.serving.work import Stop

MAX_MORAS = 1000


class Voice(Protocol):
    """A trained voice: see `koeru.families`."""

    mel_spec: MelSpec

    @property
    def language(self) -> Language: ...

    def contour(self, record: Spoken) -> Contour: ...

    def speak(self, record: Spoken, told: Told) -> Answer: ...


class Served:
    """A voice at work: its model, the vocoder that makes its mels sound, and who reads texts to it.

    `reader` makes the reader that the voice was trained with, which knows the words of a CSV file as well, if there is
    one; `listed` is how it is listed, `policy` under what terms it may be heard. Used by one thread alone.
    """

    def __init__(
        self,
        listed: Named,
        voice: Voice,
        sound: MelVocoder,
        reader: Callable[[Path | None], Reader],
        policy: str = "",
    ) -> None:
        self.listed, self.voice, self.sound, self.policy = listed, voice, sound, policy
        self._make, self._reader, self._version = reader, None, -1

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
        return self._silent(self.voice.language.from_notation(kana))

    def _silent(self, reading: Reading) -> list[AccentPhrase]:
        own = self.voice.language
        nothing = np.zeros(len(reading.phones))
        return accent_phrases(own, own.phrases(reading), Sound(nothing, nothing))

    @property
    def sample_rate(self) -> int:
        return self.voice.mel_spec.sample_rate

    @property
    def frame(self) -> float:
        """Seconds of a frame."""
        return self.voice.mel_spec.hop_length / self.sample_rate

    def query(self, given: Sequence[AccentPhrase], chosen: Chosen) -> AudioQuery:
        """How accent phrases would be said by a speaker in an emotion. Raises RequestError for what is none."""
        own = self.voice.language
        phrases = spoken_phrases(own, given)
        sound = sound_of(self.voice.contour(self._record(given, chosen)), self.frame)
        return AudioQuery(
            accent_phrases=accent_phrases(own, phrases, sound),
            speedScale=1.0,
            pitchScale=0.0,
            intonationScale=1.0,
            volumeScale=1.0,
            prePhonemeLength=float(sound.seconds[0]),
            postPhonemeLength=float(sound.seconds[-1]),
            outputSamplingRate=self.sample_rate,
            outputStereo=False,
            kana=own.to_notation(own.reading_of(phrases)),
        )

    def say(self, query: AudioQuery, chosen: Chosen, stop: Stop) -> np.ndarray:
        """Samples (N,) of a query. Raises RequestError for what cannot be said, GoneError if it is stopped."""
        record = self._record(query.accent_phrases, chosen)
        stop.check()
        contour = self.voice.contour(record)
        decided = told(self.voice.language, query, contour, self.frame)
        stop.check()
        mel = self.voice.speak(record, _differing(decided, contour)).mel
        stop.check()
        return self.sound(mel) * np.float32(query.volume)

    def _record(self, given: Sequence[AccentPhrase], chosen: Chosen) -> Spoken:
        if (moras := sum(len(phrase.moras) for phrase in given)) > MAX_MORAS or not moras:
            raise RequestError(f"{moras} moras: 1 to {MAX_MORAS} can be said at once")
        own = self.voice.language
        reading = own.reading_of(spoken_phrases(own, given))
        who = {"speaker": chosen.speaker, "emotion": chosen.emotion, "before_emotion": ""}
        return {"id": " ".join(reading.phones), **vars(reading)} | who


def _differing(decided: Told, contour: Contour) -> Told:
    """What is told and is not the voice's own anyway."""
    same = np.array_equal(decided.durations, contour.durations) and np.isnan(decided.log_f0).all()
    return NOTHING if same else decided
