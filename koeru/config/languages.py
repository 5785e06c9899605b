"""Files of a user for a language: words of his own, which all datasets in this language are read with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from koeru.config.base import InHome, Section
from koeru.config.nearest import nearest
from koeru.config.rows import RowsError
from koeru.config.word_lists import digest, read_rows

if TYPE_CHECKING:
    from koeru.config.config import Config
    from koeru.config.references import Written

LANGUAGES = ("japanese",)


class LanguageFiles(Section):
    """CSV files: what they say is in the keys of all stages that read texts, where they lie is not.

    `dictionary` has words that the front end misreads (word, reading with ' behind the accented mora, part of speech),
    `words` has words in Latin letters and how they are read.
    """

    dictionary: InHome = ""
    words: InHome = ""


# The leaf of a stage that reads texts -> the file whose content it is.
FILES = {f"labels.{name}": name for name in LanguageFiles.model_fields}


def language_problems(config: Config, written: Written) -> Iterator[str]:
    """Problems of languages' files, but for what only the language knows."""
    for name, files in config.languages.items():
        if name not in LANGUAGES:
            yield f"languages.{name}: there is no such language{nearest(name, LANGUAGES)}"
        for leaf in FILES.values():
            try:
                said(files, leaf)
            except RowsError as error:
                yield from (f"languages.{name}.{leaf}: {problem}" for problem in error.problems)


def said(files: LanguageFiles | None, leaf: str) -> str:
    """sha256 of what a file says; "" where there is none. Raises RowsError."""
    path = getattr(files, leaf) if files is not None else ""
    return digest(read_rows(path).values()) if path else ""
