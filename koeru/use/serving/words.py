"""The user's dictionary: words that clients add, kept in a JSON file; and as a CSV file beside it, which readers take.

That CSV file is a dictionary as koeru knows them: `languages.japanese.dictionary` may name it as well.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from unicodedata import normalize
from uuid import UUID, uuid4

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from koeru.config.word_lists import HEADER
from koeru.graph.store import replacing
from koeru.languages import Language
from koeru.text.reading import TextError
from koeru.use.serving.query import RequestError, UserDictWord, WordType

MAX_WORDS = 10_000
PARTS = {  # of speech: as VOICEVOX names them, as koeru's dictionaries do, and in OpenJTalk's groups
    "PROPER_NOUN": ("固有名詞", "名詞", "固有名詞", "一般"),
    "COMMON_NOUN": ("名詞", "名詞", "一般", "*"),
    "VERB": ("名詞", "動詞", "自立", "*"),
    "ADJECTIVE": ("名詞", "形容詞", "自立", "*"),
    "SUFFIX": ("接尾", "名詞", "接尾", "一般"),
}
DETAILS = ("_detail_1", "_detail_2", "_detail_3")
FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)} | {0x20: 0x3000}


class Word(BaseModel):
    """A word: how it is written, in full width; how it is said, in katakana; the mora with its nucleus, 0 if flat."""

    surface: str = Field(min_length=1, max_length=100)
    pronunciation: str = Field(min_length=1, max_length=100)
    accent_type: int = Field(ge=0, le=100)
    word_type: WordType = "PROPER_NOUN"
    priority: int = Field(5, ge=0, le=10)


WORDS = TypeAdapter(dict[UUID, Word])


class UserDictionary:
    """The words of a file, in a language; `version` is another one after each change."""

    def __init__(self, path: Path, language: Language) -> None:
        self.path, self.language, self.version = path, language, 0
        self._words: dict[str, Word] = {}
        if path.suffix == ".csv":
            raise ValueError(f"{path}: the words are kept as JSON, with a CSV file beside it: end it with .json")
        if path.exists():
            try:
                self._words = {str(key): word for key, word in WORDS.validate_json(path.read_bytes()).items()}
            except (ValidationError, OSError) as error:
                raise ValueError(f"{path} is no dictionary that koeru has written: move it away ({error})") from error

    @property
    def csv(self) -> Path | None:
        """The same for readers, where there are words."""
        return self.path.with_suffix(".csv") if self._words else None

    def told(self) -> dict[str, UserDictWord]:
        """The words by their UUIDs, as VOICEVOX's engine tells them."""
        return {key: self._told(word) for key, word in self._words.items()}

    def add(self, word: Word) -> str:
        """Take a word in, and give its UUID. Raises RequestError for one that cannot be read."""
        key = str(uuid4())
        self._keep(self._words | {key: self._checked(word)})
        return key

    def change(self, key: str, word: Word) -> None:
        """Have another word under a UUID. Raises RequestError where there is none, and as `add`."""
        self._known(key)
        self._keep(self._words | {key: self._checked(word)})

    def remove(self, key: str) -> None:
        """Forget a word. Raises RequestError where there is none."""
        self._known(key)
        self._keep({own: word for own, word in self._words.items() if own != key})

    def take(self, words: Mapping[UUID, Word], override: bool) -> None:
        """Take many in, over those with the same UUID if so told. Raises RequestError: then none is taken."""
        new = {str(key): self._checked(word) for key, word in words.items()}
        self._keep(self._words | new if override else new | self._words)

    def _known(self, key: str) -> None:
        if key not in self._words:
            raise RequestError(f"there is no word {key!r} in the dictionary")

    def _checked(self, word: Word) -> Word:
        surface = normalize("NFKC", word.surface).strip()
        if not surface or not surface.isprintable():
            raise RequestError(f"{word.surface!r} is no word")
        _marked(self.language, word.pronunciation, word.accent_type)
        return word.model_copy(update={"surface": surface.translate(FULL_WIDTH)})

    def _told(self, word: Word) -> UserDictWord:
        _, *part = PARTS[word.word_type]
        return UserDictWord(
            surface=word.surface,
            priority=word.priority,
            **{f"part_of_speech{detail}": name for detail, name in zip(("", *DETAILS), (*part, "*"), strict=True)},
            yomi=word.pronunciation,
            pronunciation=word.pronunciation,
            accent_type=word.accent_type,
            mora_count=_moras(self.language, word.pronunciation),
        )

    def _keep(self, words: dict[str, Word]) -> None:
        """Write both files, and then know the words."""
        if len(words) > MAX_WORDS:
            raise RequestError(f"{len(words)} words: {MAX_WORDS} are the most")
        rows = {word.surface: self._row(word) for word in words.values()}  # of words alike, the last
        table = io.StringIO()
        csv.writer(table, lineterminator="\n").writerows([HEADER, *rows.values()])
        content: dict[str, Any] = {key: word.model_dump() for key, word in words.items()}
        with replacing(self.path.with_suffix(".csv")) as temporary:
            temporary.write_text(table.getvalue(), "utf-8")
            if problems := self.language.problems_of(temporary, None):
                raise RequestError(problems[0].partition(": ")[2])
        with replacing(self.path) as temporary:
            temporary.write_text(json.dumps(content, ensure_ascii=False, indent=1), "utf-8")
        self._words, self.version = words, self.version + 1

    def _row(self, word: Word) -> tuple[str, str, str]:
        marked = _marked(self.language, word.pronunciation, word.accent_type)
        return word.surface, marked, PARTS[word.word_type][0]


def word_of(told: UserDictWord) -> Word:
    """A word as VOICEVOX's engine tells it. Raises RequestError for a part of speech that it does not tell."""
    part = told.part_of_speech, told.part_of_speech_detail_1
    for name, (_, *own) in PARTS.items():
        if part == tuple(own[:2]):
            kept = told.model_dump(include={"surface", "pronunciation", "accent_type", "priority"})
            return Word(**kept, word_type=name)
    raise RequestError(f"the word {told.surface!r}: there is no part of speech {','.join(part)}")


def _moras(own: Language, kana: str) -> int:
    """How many moras kana have. Raises RequestError for what is none."""
    if not kana.isalpha():
        raise RequestError(f"{kana!r}: kana alone are wanted; the accent is told apart")
    try:
        (phrase,) = own.phrases(own.from_notation(kana))
    except TextError as error:
        raise RequestError(str(error)) from error
    return len(phrase.moras)


def _marked(own: Language, kana: str, accent: int) -> str:
    """Kana with ' behind a mora, or as they are for 0. Raises RequestError where there is no such mora."""
    count = _moras(own, kana)
    if accent > count:
        raise RequestError(f"{kana!r} has {count} moras: it cannot fall behind mora {accent}")
    if not accent:
        return kana
    cut = max(end for end in range(1, len(kana) + 1) if _moras(own, kana[:end]) == accent)
    return f"{kana[:cut]}'{kana[cut:]}"
