"""Languages: symbols, marks, how texts are read, and what is probed; each is a package of its own.

A language is its package's `LANGUAGE`, and its name here and in `labels.language` of a dataset.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self

from koeru.config.corrections import read_corrections
from koeru.text.phonology import Phonology
from koeru.text.phrases import Mora, Phrase
from koeru.text.reading import Followed, Reading, Sentence, TextError

if TYPE_CHECKING:
    from koeru.config.config import Config  # which takes a front end's child longer than all else of koeru

LANGUAGES = ("japanese",)


class Reader(Protocol):
    """A front end, which reads texts: a context manager, as it may hold a process.

    It reads ahead of need: of the questions that it is told to expect, at most `ahead` before their turn. A question is
    a text, and the phones that its reading is to have, silences left out, or kana that say them; () for its reading as
    it is.
    """

    ahead: int

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    def start(self) -> None:
        """Get ready beside other work, which may take a while. Only a hint."""
        ...

    def expect(self, questions: Iterable[tuple[str, tuple[str, ...] | str]]) -> None:
        """Say what will be asked, in this order. Only a hint."""
        ...

    def reading(self, text: str) -> Reading:
        """The reading of one text, which may be one that `Language.marked` gave.

        Raises TextError for what cannot be read aloud, SilentTextError for signs alone.
        """
        ...

    def followed(self, text: str, wanted: Iterable[str] | str) -> Followed:
        """The reading of one text that has these phones, or those of kana. Raises TextError, and OtherSentenceError."""
        ...


@dataclass(frozen=True)
class Probes:
    """Words of the same phones of which one falls in pitch where the other does not, to be said in the same sentences.

    `pairs` are (the word that falls, its partner, how both are read), `carriers` sentences with a {} for the word. In
    the phones of such a sentence `vowels` finds the two vowels between which the first word falls; it raises ValueError
    where they are missing.
    """

    pairs: Sequence[tuple[str, str, str]]
    carriers: Sequence[str]
    vowels: Callable[[Sequence[str]], tuple[int, int]]


class Language(Phonology, Protocol):
    """What koeru must know of a language.

    `code` is that of ISO 639-1, for pages. `symbols` and `marks` are what models know, silences included: the index is
    the id, and the first is padding. `marks` hold those of every language (`koeru.text.reading`). `vowels` are the
    symbols that carry the pitch.
    `full_context` is what a full-context label looks like, its first group the phone; None where there are none.
    `letters` gives each phone of a reading as the letters from a to z that write it; None where nothing does.
    `probes` are None where no words are told apart by pitch alone, or none are listed.
    """

    name: str
    code: str
    symbols: tuple[str, ...]
    marks: tuple[str, ...]
    vowels: frozenset[str]
    full_context: re.Pattern[str] | None
    letters: Callable[[Sequence[str]], list[str]] | None
    probes: Probes | None

    def reader(
        self,
        max_characters: int = ...,
        *,
        iu: str = ...,
        nani: bool = ...,
        sudachi: bool = ...,
        vanilla: bool = ...,
        dictionary: Path | None = ...,
        words: Path | None = ...,
    ) -> Reader:
        """A front end that refuses longer texts, with its options and a user's files: see the leaves of these names.

        Raises RuntimeError where a part of it is not installed, ValueError for files that cannot be used.
        """
        ...

    def read_labels(self, labels: Sequence[str]) -> Reading:
        """The reading that full-context labels give. Raises LabelError and UnknownPhoneError."""
        ...

    def from_notation(self, kana: str) -> Reading:
        """The reading that a person writes, with accents, in the notation of the language. Raises NotationError."""
        ...

    def to_notation(self, reading: Reading) -> str:
        """A reading in that notation: the inverse. Raises TextError for phones that it cannot write."""
        ...

    def phrases(self, reading: Reading) -> list[Phrase]:
        """The accent phrases of a reading."""
        ...

    def reading_of(self, spoken: Sequence[Phrase]) -> Reading:
        """The reading of accent phrases: the inverse, for all that a front end reads."""
        ...

    def is_mora(self, phones: tuple[str, ...]) -> bool:
        """Whether phones of the language are one mora."""
        ...

    def kana_of(self, mora: Mora) -> str:
        """How a mora is written, whether it is devoiced or not. Raises TextError for what is none."""
        ...

    def pronounced(self, kana: str, said: Sequence[str] = ()) -> tuple[str, ...]:
        """The phones, without silences, of a reading that a corpus delivers as it is written, without accents.

        What such writing does not tell is taken from `said`, the phones of a reading of the text. Raises TextError.
        """
        ...

    def marked(self, text: str) -> str:
        """A text of a person as readers take it, with words that he corrects in it: in Japanese, {word|kana}.

        Readers say such a word as he wants it, and what stands around it with it. Raises TextError with the place of
        what is no correction. Texts of corpora are read without this.
        """
        ...

    def sentences(self, text: str | Iterable[str], longest: int = ...) -> Iterator[Sentence]:
        """The sentences in which a text of any length, or the pieces of one, is spoken, each with the pause behind it.

        Together they are the text but for white space; each has `longest` characters at most, but for what `marked`
        finds in it. Some are signs alone. Lazy, in little memory.
        """
        ...

    def problems_of(self, dictionary: Path | None, words: Path | None) -> list[str]:
        """What is wrong in a user's files, in words that name file and line."""
        ...

    def rows_concerning(
        self, dictionary: Path | None, words: Path | None, texts: Iterable[str]
    ) -> dict[str, list[tuple[str, ...]]]:
        """The rows of a user's files whose word may occur in texts: {"dictionary": rows, "words": rows}."""
        ...

    def tools(self) -> dict[str, str]:
        """What readings depend on and no key holds, as a node records it: versions, and hashes of dictionaries."""
        ...

    def version(self) -> dict[str, str]:
        """The front end's name and version, and more of that kind, for a person."""
        ...


@cache
def language(name: str) -> Language:
    """The language of this name; it is imported with the first call. Raises ValueError for another name."""
    if name not in LANGUAGES:
        raise ValueError(f"labels.language: there is no language {name!r}; known are {', '.join(LANGUAGES)}")
    return import_module(f"{__name__}.{name}").LANGUAGE


def written(reading: Reading, own: Language) -> str:
    """A reading as people write it, in the notation of its language; "" where no letters write its phones."""
    try:
        return own.to_notation(reading)
    except TextError:
        return ""


def problems_of_files(config: Config) -> list[str]:
    """What only languages know of users' files: words and corrections that cannot be read."""
    found = []
    for name, own in config.languages.items():
        paths = {leaf: Path(path) if path else None for leaf, path in own}
        found += [f"languages.{name}: {problem}" for problem in language(name).problems_of(**paths)]
    for name, spk in config.spk.items():
        for utterance, kana in (read_corrections(spk.corrections) if spk.corrections else {}).items():
            try:
                language(spk.labels.language).from_notation(kana)
            except TextError as error:
                found.append(f"spk.{name}.corrections: {utterance} in {spk.corrections}: {error}")
    return found
