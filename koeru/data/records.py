"""What is known of an utterance: the records of `tokens` and `labels`, as their manifests hold them."""

from collections.abc import Sequence
from typing import TypedDict

from koeru.data.vocabulary import NO_TURN
from koeru.text.reading import Reading


class Spoken(TypedDict):
    """What a model is told to say an utterance: P phones, each with its mark, and 1 where it is a devoiced vowel."""

    id: str
    speaker: str
    emotion: str
    before_emotion: str  # of the turn before; "": there is none
    phones: Sequence[str]
    devoiced: Sequence[int]
    accents: Sequence[str]


class Labelled(Spoken):
    """A segment of a dataset, with the durations of its phones in frames; without phones where it has no times."""

    utterance: str
    name: str
    dialogue: str
    text: str
    seconds: float
    durations: Sequence[int]
    n_frames: int
    reading: str  # where its phones come from: "delivered", "front end", "alignment" or "none"
    times: str  # where its durations come from
    substitutions: int
    means: str  # how the reading follows what was recorded or delivered: "as read", "options", …; "": it does not
    spread: int  # phones that share the time of others, of times that a machine made
    kana: str  # the reading in the notation of its language
    remarks: Sequence[str]  # what of the text is not spoken, in words


def utterance(reading: Reading, speaker: str, emotion: str, before_emotion: str = NO_TURN) -> Spoken:
    """A reading as what is to be said, with the phones as its id: of the same phones, prosody is drawn alike."""
    said = {"id": " ".join(reading.phones), **vars(reading)}
    return said | {"speaker": speaker, "emotion": emotion, "before_emotion": before_emotion}
