"""A trained voice at work: what is to be said becomes sound, as it is wanted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from koeru.audio.cutting import joined
from koeru.audio.mel import MelSpec
from koeru.audio.pitch_shift import pitched
from koeru.audio.vocoders import MelVocoder
from koeru.data.contour import NOTHING, Answer, Contour, Told
from koeru.data.records import Spoken, utterance
from koeru.data.vocabulary import NO_TURN, Vocabulary
from koeru.languages import Language
from koeru.text.reading import Reading
from koeru.use.manner import Manner

CURVES = ("log_f0", "log_energy")
PLAIN = Manner()
FADE = 0.005  # seconds, from one sentence to the next
MOST_RATIO = np.log(4)  # of F0, that a person may ask for


class SpeakingVoice(Protocol):
    """A model that speaks, as the family that declares it opens its file."""

    vocabulary: Vocabulary
    speakers: Sequence[str]  # those of the vocabulary of whom it has statistics
    language: Language
    mel_spec: MelSpec
    controls: list[str]  # what it is told besides: "speaker", "emotion"
    draws_prosody: bool  # whether another seed gives another answer
    reading: Mapping[str, Any]  # how the texts of its dataset were read

    def contour(self, record: Spoken, told: Told = ..., *, temperature: float = ..., seed: int = ...) -> Contour: ...

    def speak(self, record: Spoken, told: Told = ..., *, temperature: float = ..., seed: int = ...) -> Answer: ...


@dataclass(frozen=True)
class Who:
    """Who speaks, in which emotion, after a turn of which emotion."""

    speaker: str
    emotion: str
    before_emotion: str = NO_TURN

    def record(self, reading: Reading) -> Spoken:
        """A reading as what they say."""
        return utterance(reading, **vars(self))


@dataclass(frozen=True)
class Speech:
    """A voice, and what makes its mels sound; `seed` and `temperature` are of prosody that is drawn."""

    voice: SpeakingVoice
    sound: MelVocoder
    seed: int = 0
    temperature: float = 1.0

    @property
    def sample_rate(self) -> int:
        """Hz."""
        return self.voice.mel_spec.sample_rate

    def contour(self, record: Spoken, manner: Manner = PLAIN) -> Contour:
        """How an utterance goes, in a manner: for a person to look at, and to change."""
        told = self.told(record, manner)
        timed = self.voice.contour(record, Told(told.durations), **self._drawn)
        return replace(timed, **{name: wanted for name in CURVES if (wanted := getattr(told, name)) is not None})

    def told(self, record: Spoken, manner: Manner = PLAIN) -> Told:
        """What `say` is to be told for an utterance to be said in a manner; its durations are always told."""
        language = self.voice.language
        own = self.voice.contour(record, **self._drawn)
        return manner.told(own, record["phones"], language.vowels, language.silences)

    def say(self, record: Spoken, told: Told = NOTHING) -> np.ndarray:
        """The sound (N,) float32, of full scale 1, of an utterance of which a person decides what is told.

        Durations are the model's to keep. Pitch and energy that it is told it follows as far as it has learned to; so
        it says the utterance its own way, and the sound is moved by what is wanted beyond that: exactly.
        """
        answer = self.voice.speak(record, Told(told.durations), **self._drawn)
        wanted = {name: _moved(getattr(told, name), getattr(answer, name), answer.durations) for name in CURVES}
        ratios = np.exp(np.clip(wanted["log_f0"], -MOST_RATIO, MOST_RATIO))
        wav = pitched(answer.mel, answer.frame_log_f0, ratios, self.voice.mel_spec, self.sound)
        gains = wanted["log_energy"]
        return wav * np.exp(_of_samples(gains, len(wav))).astype(np.float32) if gains.any() else wav

    def one_by_one(self, utterances: Iterable[tuple[Spoken, Told, float]]) -> Iterator[np.ndarray]:
        """The sound of utterances, as each is told, with as many seconds of silence between it and the next.

        It comes in blocks (N_i,) that join without a click, and no sooner than they are asked for.
        """
        yield from joined(self._parts(utterances), round(FADE * self.sample_rate))

    def _parts(self, utterances: Iterable[tuple[Spoken, Told, float]]) -> Iterator[np.ndarray]:
        fade, before = round(FADE * self.sample_rate), None
        for record, told, silence in utterances:
            if before is not None:
                yield np.zeros(round(before * self.sample_rate) + 2 * fade, np.float32)
            yield self.say(record, told)
            before = silence

    @property
    def _drawn(self) -> dict[str, Any]:
        return {"temperature": self.temperature, "seed": self.seed}


def _moved(told: np.ndarray | None, own: np.ndarray, durations: np.ndarray) -> np.ndarray:
    """How far what is told of phones is from their own, at frames (T,): on lines between the phones' centres."""
    frames, heard = np.arange(durations.sum()) + 0.5, durations > 0
    if told is None or not heard.any():
        return np.zeros(len(frames))
    distance = np.nan_to_num(told - own)
    return np.interp(frames, (np.cumsum(durations) - durations / 2)[heard], distance[heard])


def _of_samples(values: np.ndarray, n_samples: int) -> np.ndarray:
    """Values of frames (T,) at samples (N,), on lines between the frames' centres."""
    return np.interp((np.arange(n_samples) + 0.5) * len(values) / n_samples, np.arange(len(values)) + 0.5, values)
