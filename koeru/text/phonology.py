"""What has to be known of a language's phones before text and recording can be compared."""

from collections.abc import Mapping
from typing import Protocol

Pair = frozenset[str]  # two phones


class Phonology(Protocol):
    """The phones of a language; `koeru.languages.Language` is one.

    `silences` are the names of the silence around speech and of a pause within it. `long_vowels` are the vowels that a
    length mark makes two of: o: is o o. Phones that are `alike` are one to most speakers: a difference in them alone is
    none. Phones of one class are those of which speakers and label sets have one or the other: `classes` says of each
    such pair which vowel must be before it on both sides, or None where it may be anywhere. `closing` are the marks of
    phrases that close as an utterance can, as inner questions do, each with the mark of such an end.
    """

    silences: tuple[str, str]
    long_vowels: frozenset[str]
    alike: frozenset[Pair]
    classes: Mapping[Pair, str | None]
    closing: Mapping[str, str]

    def normalise(self, phone: str) -> tuple[str, int]:
        """The phone's own name, and 1 if it is a devoiced vowel, else 0. Raises UnknownPhoneError."""
        ...
