"""How a voice reads what it is to say: as the texts of its dataset were read, but for what a person says otherwise."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any, NamedTuple, Self
from unicodedata import normalize

from koeru.config.rows import Row, RowsError
from koeru.config.word_lists import read_rows
from koeru.languages import Reader, language
from koeru.text.reading import Reading, SilentTextError, TextError

OPTIONS = ("max_characters", "iu", "nani", "sudachi", "vanilla")  # of readers, which the file of a voice tells
FILES = ("dictionary", "words")
LONGEST = 120  # characters of a sentence, unless told: longer ones are beyond what voices have learned from


class Part(NamedTuple):
    """A part of a text, how it is read, or why it cannot be, and the pause behind it, in seconds."""

    text: str
    reading: Reading | TextError
    pause: float


class VoiceReader:
    """Reads texts for a voice. A context manager: it holds a process, and files.

    `told` is what the file of the voice tells under "reading" (`koeru.jobs.texts.told_of_reading`), None of an older
    one; `spoken` the language of its vocabulary; `file` names it in messages. A user's own `dictionary` and `words` go
    before those of the voice. Several threads may ask it.

    Raises RowsError for a user's files, ValueError naming `file` for what it tells, and RuntimeError where a part
    of the front end is not installed.
    """

    def __init__(
        self,
        told: Mapping[str, Any] | None,
        spoken: str,
        file: Path | str,
        *,
        dictionary: Path | None = None,
        words: Path | None = None,
    ) -> None:
        if told is None:
            print(f"{file} does not tell how its texts were read: read with the defaults", file=sys.stderr)
        self._told, self.file = {"language": spoken, **(told or {})}, file
        _check(self._told, file)
        self.language = language(self._told["language"])
        self._corrections = {_alike(text): kana for text, kana in self._told.get("corrections", {}).items()}
        self._lock = Lock()
        self._folder = TemporaryDirectory()
        try:
            self._reader = self._opened({"dictionary": dictionary, "words": words})
        except BaseException:
            self._folder.cleanup()
            raise

    def _opened(self, own: Mapping[str, Path | None]) -> Reader:
        if problems := self.language.problems_of(**own):
            raise RowsError(problems)
        rows = _merged({name: self._told.get(name, []) for name in FILES}, own)
        paths = {name: self._written(name, some) for name, some in rows.items()}
        if problems := self.language.problems_of(**paths):
            raise ValueError(f"{self.file}: the words of its dataset cannot be used: {'; '.join(problems)}")
        options = {name: self._told[name] for name in OPTIONS if name in self._told}
        return self.language.reader(**options, **paths)

    def _written(self, name: str, rows: Sequence[Row]) -> Path | None:
        if not rows:
            return None
        path = Path(self._folder.name, f"{name}.csv")
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)
        return path

    def with_files(self, dictionary: Path | None = None, words: Path | None = None) -> VoiceReader:
        """The reader of the same voice with other files of a user: one more, and this one stays as it is."""
        return VoiceReader(self._told, self.language.name, self.file, dictionary=dictionary, words=words)

    def __enter__(self) -> Self:
        self._reader.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        with self._folder:
            self._reader.__exit__(*error)

    def start(self) -> None:
        """Get ready beside other work, such as the import of a large library."""
        with self._lock:
            self._reader.start()

    def reading(self, text: str) -> Reading:
        """How a text is read: as a person has corrected this very text of the dataset, or as the front end reads it.

        Words that are corrected inside of it are read as it says. Raises TextError, and SilentTextError.
        """
        if (kana := self._corrections.get(_alike(text))) is not None:
            return self.kana(kana)
        marked = self.language.marked(text)
        with self._lock:
            return self._reader.reading(marked)

    def kana(self, kana: str) -> Reading:
        """The reading that kana with accents stand for, in the notation of the language. Raises TextError."""
        return self.language.from_notation(kana)

    def parts(self, text: str | Iterable[str], longest: int = LONGEST) -> Iterator[Part]:
        """A text of any length, or the pieces of one, sentence by sentence, each read when it is its turn.

        Signs alone are no parts: they lengthen the pause of what is before them. A text of the dataset that a person
        has corrected is one. `longest` is in characters.
        """
        last = None
        for sentence, pause in self._sentences(text, min(longest, self._told.get("max_characters", longest))):
            try:
                part = Part(sentence, self.reading(sentence), pause)
            except SilentTextError:
                last = last and last._replace(pause=last.pause + pause)
                continue
            except TextError as error:
                part = Part(sentence, error, pause)
            if last is not None:
                yield last
            last = part
        if last is not None:
            yield last

    def _sentences(self, text: str | Iterable[str], longest: int) -> Iterable[tuple[str, float]]:
        if isinstance(text, str) and _alike(text) in self._corrections:
            return [(text, 0.0)]
        return self.language.sentences(text, longest)


def _check(told: Mapping[str, Any], file: Path | str) -> None:
    if unknown := sorted(told.keys() - {"language", "corrections", *OPTIONS, *FILES}):
        raise ValueError(f"{file} was read in ways that this koeru does not know: {', '.join(unknown)}")
    rows = [row for name in FILES for row in told.get(name, ())]
    texts = [told["language"], *told.get("corrections", {}).values(), *(cell for row in rows for cell in row)]
    if not (all(rows) and all(isinstance(text, str) for text in texts)):
        raise ValueError(f"{file} does not tell how its texts were read as koeru does: it is damaged, or another's")


def _merged(theirs: Mapping[str, Sequence[Sequence[str]]], own: Mapping[str, Path | None]) -> dict[str, list[Row]]:
    """The rows of a voice and of a user's files, of which those of the user are believed where both have a word.

    In `words` the case of letters tells no words apart, in a dictionary it does.
    """
    rows = {name: list(read_rows(path).values()) if path else [] for name, path in own.items()}
    listed = {_alike(row[0]) for row in rows["dictionary"]}
    spelled = {_alike(row[0]).casefold() for row in rows["words"]}
    folded = spelled | {word.casefold() for word in listed}
    kept = {
        "dictionary": lambda word: word not in listed and word.casefold() not in spelled,
        "words": lambda word: word.casefold() not in folded,
    }
    return {name: [*(tuple(row) for row in theirs[name] if kept[name](_alike(row[0]))), *rows[name]] for name in FILES}


def _alike(text: str) -> str:
    """A text or word as others that look alike are written too."""
    return normalize("NFKC", text).strip()
