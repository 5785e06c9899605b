"""How an utterance is read, and when its phones sound, in whatever language; and what cannot be read."""

from dataclasses import dataclass
from typing import NamedTuple

# Marks that every language has, since alignment writes them: nothing, start, end, and a boundary of phrases.
PLAIN, START, END, BOUNDARY = "_", "^", "$", "#"


class Interval(NamedTuple):
    """A stretch of a recording, in seconds from its start, and the label it has there."""

    start: float
    end: float
    phone: str


@dataclass(frozen=True)
class Reading:
    """How an utterance is read: three parallel tuples of P entries, in the pair format.

    `phones` are the language's symbols, silence first and last; `devoiced` is 1 for a devoiced vowel; `accents` are the
    language's marks: START beside the first silence, END or another mark of an end beside the last, PLAIN beside pauses
    and where there is nothing to mark. `remarks` say, in words, what of the text is not spoken.
    """

    phones: tuple[str, ...]
    devoiced: tuple[int, ...]
    accents: tuple[str, ...]
    remarks: tuple[str, ...] = ()


class Sentence(NamedTuple):
    """A part of a text that is spoken at once, and the pause behind it, in seconds."""

    text: str
    pause: float


@dataclass(frozen=True)
class Followed:
    """A reading whose phones, silences left out, are those that were wanted, and the means by which it has them."""

    reading: Reading
    means: str


class TextError(ValueError):
    """A text that cannot be read aloud; the message says what in it."""


class SilentTextError(TextError):
    """A text that has nothing to be read aloud: signs alone."""


class NotationError(TextError):
    """A reading as a person writes it that is none; the message says what in it, and where.

    `reason` is its kind: "unknown" (a sign that is no mora, or stands in a wrong place), "empty" (a phrase without a
    mora), "accent first", "accent twice" or "question inside". `phrase` is the phrase, `number` which it is, from 1.
    """

    def __init__(self, message: str, reason: str = "unknown", phrase: str = "", number: int = 0) -> None:
        super().__init__(message)
        self.reason, self.phrase, self.number = reason, phrase, number


class OtherSentenceError(ValueError):
    """Phones that lie so far from a text that they are another sentence's; the message shows both."""


class LabelError(ValueError):
    """Something that is not the full-context labels of one utterance."""


class UnknownPhoneError(ValueError):
    """A phone that no model knows."""
