"""Accent phrases as clients have them, and phones as voices have them: each from the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from koeru.data.contour import Contour, Told
from koeru.languages import Language
from koeru.text import phrases as spoken
from koeru.use.serving.query import AccentPhrase, AudioQuery, Mora, RequestError
from koeru.use.speech import MOST_RATIO

PAUSE, COMMA, FULL_STOP = "pau", "、", "。"  # how pauses are written: inside a sentence, and behind one


@dataclass(frozen=True)
class Sound:
    """The phones (P,) of a reading: seconds, and natural logarithms of F0 in Hz, 0 where that has no pitch."""

    seconds: np.ndarray
    pitch: np.ndarray


@dataclass(frozen=True)
class Sentence:
    """Accent phrases that are said in one go, and the silence around them in seconds."""

    phrases: Sequence[AccentPhrase]
    before: float
    after: float


def sound_of(contour: Contour, frame: float) -> Sound:
    """How a voice says a reading, with frames of so many seconds."""
    return Sound(contour.durations * frame, contour.log_f0.astype(np.float64))


def spoken_phrases(own: Language, given: Sequence[AccentPhrase]) -> list[spoken.Phrase]:
    """The phrases that a client gives, as the language has them. Raises RequestError naming the phrase."""
    return [_phrase(own, phrase, number) for number, phrase in enumerate(given, 1)]


def _phrase(own: Language, given: AccentPhrase, number: int) -> spoken.Phrase:
    moras = tuple(_mora(own, mora, number) for mora in given.moras)
    if given.accent > len(moras):
        raise RequestError(f"accent phrase {number} has {len(moras)} moras, and its accent is {given.accent}")
    nucleus = given.accent if given.accent < len(moras) else 0
    return spoken.Phrase(moras, nucleus, given.pause_mora is not None, given.is_interrogative)


def _mora(own: Language, given: Mora, number: int) -> spoken.Mora:
    devoiced = given.vowel.lower() in own.vowels and given.vowel.isupper()
    vowel = given.vowel.lower() if devoiced else given.vowel
    phones = (vowel,) if given.consonant is None else (given.consonant, vowel)
    if not set(phones) <= set(own.symbols[1:]) or not own.is_mora(phones):
        raise RequestError(f"accent phrase {number}: {' '.join(phones)!r} is no mora")
    return spoken.Mora(phones, devoiced)


def places(phrases: Sequence[spoken.Phrase]) -> Iterator[tuple[list[list[int]], int | None]]:
    """Where the phones of phrases are in their reading: those of each mora, and the pause behind them."""
    at = 1  # behind the silence before speech
    for number, phrase in enumerate(phrases, 1):
        moras = []
        for mora in phrase.moras:
            moras.append([*range(at, at + len(mora.phones))])
            at += len(mora.phones)
        pauses = phrase.pause and number < len(phrases)
        yield moras, at if pauses else None
        at += pauses


def accent_phrases(own: Language, phrases: Sequence[spoken.Phrase], sound: Sound) -> list[AccentPhrase]:
    """Phrases as clients have them, with the lengths and pitches of a sound. Raises TextError for what is no mora."""
    found = []
    for phrase, (moras, at) in zip(phrases, places(phrases), strict=True):
        found.append(
            AccentPhrase(
                moras=[_told(own, *mora, sound) for mora in zip(phrase.moras, moras, strict=True)],
                accent=phrase.nucleus or len(phrase.moras),
                pause_mora=None if at is None else pause(float(sound.seconds[at])),
                is_interrogative=phrase.question,
            )
        )
    return found


def _told(own: Language, mora: spoken.Mora, at: Sequence[int], sound: Sound) -> Mora:
    *consonant, vowel = mora.phones
    return Mora(
        text=own.kana_of(mora),
        consonant=consonant[0] if consonant else None,
        consonant_length=float(sound.seconds[at[0]]) if consonant else None,
        vowel=vowel.upper() if mora.devoiced else vowel,
        vowel_length=float(sound.seconds[at[-1]]),
        pitch=float(sound.pitch[at[-1]]) if voiced(own, mora) else 0.0,
    )


def voiced(own: Language, mora: spoken.Mora) -> bool:
    """Whether a mora has a pitch of its own: not one that is devoiced, or a stop."""
    return not mora.devoiced and (mora.phones[-1] in own.vowels or mora.phones == ("N",))


def pause(seconds: float, sign: str = COMMA) -> Mora:
    """A pause as clients have it."""
    return Mora(text=sign, vowel=PAUSE, vowel_length=seconds, pitch=0.0)


def sentences(given: Sequence[AccentPhrase]) -> list[list[AccentPhrase]]:
    """Phrases, cut behind full stops."""
    found: list[list[AccentPhrase]] = [[]]
    for number, phrase in enumerate(given, 1):
        found[-1].append(phrase)
        if phrase.pause_mora is not None and phrase.pause_mora.text == FULL_STOP and number < len(given):
            found.append([])
    return found


def replaced(given: Sequence[AccentPhrase], own: Sequence[AccentPhrase], *fields: str) -> list[AccentPhrase]:
    """Phrases with some fields of their moras, and of pauses, as other ones of the same phones have them."""

    def mora(one: Mora, other: Mora) -> Mora:
        return one.model_copy(update={field: getattr(other, field) for field in fields})

    return [
        one.model_copy(
            update={
                "moras": [mora(*pair) for pair in zip(one.moras, other.moras, strict=True)],
                "pause_mora": mora(one.pause_mora, other.pause_mora)
                if one.pause_mora and other.pause_mora
                else one.pause_mora,
            }
        )
        for one, other in zip(given, own, strict=True)
    ]


def told(own: Language, query: AudioQuery, said: Sentence, contour: Contour, frame: float) -> Told:
    """What a query tells a voice of a sentence that, left alone, goes like its contour.

    Lengths become frames of so many seconds, by the times at which phones end, so that the whole is as long as it is
    told. The consonant of a mora goes with its vowel, as far up or down, and what has no pitch with its neighbours.
    Raises RequestError for phrases that are none, and for what is out of bounds.
    """
    phrases = spoken_phrases(own, said.phrases)
    ends = np.rint(np.cumsum(_lengths(query, said, phrases)) / frame).astype(np.int64)
    if ends[-1] < 1:
        raise RequestError(f"there is nothing to hear: the lengths make less than a frame, which has {frame:.4f} s")
    return Told(durations=np.diff(ends, prepend=0), log_f0=_pitches(own, query, said, phrases, contour))


def pause_of(query: AudioQuery, mora: Mora) -> float:
    """Seconds of a pause, before they are made shorter by the speed."""
    return (mora.vowel_length if query.pause is None else query.pause) * query.pause_scale


def _lengths(query: AudioQuery, said: Sentence, phrases: Sequence[spoken.Phrase]) -> np.ndarray:
    """Seconds (P,) of the phones of a sentence."""
    found = [said.before]
    for given, (moras, pause) in zip(said.phrases, places(phrases), strict=True):
        for mora, at in zip(given.moras, moras, strict=True):
            found += [mora.consonant_length or 0.0] * (len(at) - 1) + [mora.vowel_length]
        if given.pause_mora is not None and pause is not None:
            found.append(pause_of(query, given.pause_mora))
    return np.array([*found, said.after]) / query.speed


def _pitches(
    own: Language, query: AudioQuery, said: Sentence, phrases: Sequence[spoken.Phrase], contour: Contour
) -> np.ndarray:
    """Natural logarithms (P,) of F0 in Hz, NaN where it is left to the voice. Raises RequestError out of bounds."""
    pitch = contour.log_f0.astype(np.float64)
    moved, heard, follows = np.zeros(len(pitch)), [], np.zeros(len(pitch), dtype=bool)
    for given, phrase, (moras, _) in zip(said.phrases, phrases, places(phrases), strict=True):
        for told, mora, at in zip(given.moras, phrase.moras, moras, strict=True):
            if voiced(own, mora):
                heard.append(at[-1])
                follows[at] = True
                moved[at] = told.pitch - pitch[at[-1]] if told.pitch > 0 else 0.0
    if heard:
        moved = np.where(follows, moved, np.interp(np.arange(len(pitch)), heard, moved[heard]))
    wanted = pitch + moved
    mean = wanted[heard].mean() if heard else 0.0
    wanted = (mean + (wanted - mean) * query.intonation) * 2.0**query.pitch
    if (far := np.abs(wanted - pitch)[heard].max(initial=0.0)) > MOST_RATIO:
        raise RequestError(
            f"a pitch {np.exp(min(far, 99.0)):.3g} times the voice's own, or as much lower: {np.exp(MOST_RATIO):.0f} "
            "times is the most"
        )
    as_it_is = (moved == 0) & (query.intonation == 1) & (query.pitch == 0)
    return np.where(as_it_is, np.nan, wanted)
