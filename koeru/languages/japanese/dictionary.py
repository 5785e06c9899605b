"""A person's own words: how they are read, and where their accent lies.

A row is `word,reading`, or `word,reading,part of speech`. The reading is in katakana, as it is said (ショージ);
' stands behind the mora with the nucleus, and without it the word is flat. Rows of OpenJTalk, of 13 columns and more,
are taken as they are.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from koeru.config.nearest import nearest
from koeru.config.rows import Row, RowsError
from koeru.config.word_lists import read_rows
from koeru.languages.japanese.hygiene import normalise_text
from koeru.languages.japanese.moras import katakana, moras_of_kana
from koeru.languages.japanese.normalisation import Normaliser
from koeru.languages.japanese.words import Words, own_words, read_words, wrong_kana
from koeru.text.reading import TextError

NUCLEUS = "'"
QUOTES = str.maketrans("’‘´", "'''")
OPENJTALK = 13  # columns: word, two contexts, cost, part of speech and its three groups, two of inflection, lemma, …
READ, PRONOUNCED, ACCENT = 11, 12, 13  # … reading, pronunciation, and nucleus/moras
PARTS = {
    "固有名詞": "名詞,固有名詞,一般,*",
    "人名": "名詞,固有名詞,人名,一般",
    "姓": "名詞,固有名詞,人名,姓",
    "名": "名詞,固有名詞,人名,名",
    "地名": "名詞,固有名詞,地域,一般",
    "組織": "名詞,固有名詞,組織,*",
    "名詞": "名詞,一般,*,*",
    "サ変名詞": "名詞,サ変接続,*,*",
    "形容動詞": "名詞,形容動詞語幹,*,*",
    "接尾": "名詞,接尾,一般,*",
    "副詞": "副詞,一般,*,*",
    "感動詞": "感動詞,*,*,*",
}
COST = 2000  # less this for each character: so a word is rather taken than its parts, and than what the dictionary has


class Entry(NamedTuple):
    """A word, its kana, the mora with its nucleus (0: flat), how many it has, and its part of speech in four groups."""

    word: str
    kana: str
    nucleus: int
    moras: int
    part: str


def read_dictionary(path: str | Path) -> list[Entry | Row]:
    """The entries of a user's dictionary, and rows of OpenJTalk as they are.

    Raises RowsError with all that is wrong: what `read_rows` refuses, a reading that is not kana, a nucleus that
    no mora has, an unknown part of speech.
    """
    found: list[Entry | Row] = []
    problems = []
    for line, row in read_rows(path).items():
        try:
            found.append(_openjtalk(row) if len(row) >= OPENJTALK else _entry(row))
        except ValueError as error:
            problems.append(f"{path}, line {line}: {error}")
    if problems:
        raise RowsError(problems)
    return found


def _entry(row: Row) -> Entry:
    if len(row) > 3:
        raise ValueError(
            f"{len(row)} columns: a row is word,reading,part of speech, the last as you like, or OpenJTalk's own"
        )
    word, reading, *part = row
    if part and part[0] not in PARTS:
        raise ValueError(f"there is no part of speech {part[0]!r}{nearest(part[0], PARTS)}")
    nucleus, moras = accent_of(reading)
    kana = katakana(reading.translate(QUOTES)).replace(NUCLEUS, "")
    return Entry(word, kana, nucleus, moras, PARTS[part[0] if part else "固有名詞"])


def accent_of(reading: str) -> tuple[int, int]:
    """The mora with the nucleus, 0 for a flat word, and how many moras there are. Raises ValueError in words."""
    kana = katakana(reading.translate(QUOTES))
    before, mark, after = kana.partition(NUCLEUS)
    if NUCLEUS in after:
        raise ValueError(f"the reading {reading!r} has two {NUCLEUS}: a word falls once at most")
    if wrong := wrong_kana(before + after):
        raise ValueError(wrong)
    moras, falls = (len(list(moras_of_kana(part))) for part in (before + after, before))
    if not moras:
        raise ValueError(f"the reading {reading!r} has no mora")
    if mark and (not before or falls + len(list(moras_of_kana("ア" + after))) - 1 != moras):
        raise ValueError(f"{NUCLEUS} in the reading {reading!r} stands behind no mora: the pitch falls after one")
    return falls if mark else 0, moras


def _openjtalk(row: Row) -> Row:
    for column, what in ((READ, "reading"), (PRONOUNCED, "pronunciation")):
        if wrong := wrong_kana(row[column].replace("’", "")) if row[column] else "it is empty":
            raise ValueError(f"column {column + 1}, the {what} of a row of OpenJTalk: {wrong}")
    for column in (1, 2, 3):
        if not row[column].removeprefix("-").isdigit() and (row[column] or column == 3):
            raise ValueError(f"column {column + 1} of a row of OpenJTalk is a whole number, not {row[column]!r}")
    accent = row[ACCENT] if len(row) > ACCENT else ""
    nucleus, stroke, moras = accent.partition("/")
    if not (nucleus.isdigit() and stroke and moras.isdigit() and int(nucleus) <= int(moras)):
        raise ValueError(f"column {ACCENT + 1} of a row of OpenJTalk is nucleus/moras, such as 1/3, not {accent!r}")
    return row


def compiled(entries: Iterable[Entry | Row], contexts: Mapping[str, str]) -> list[Row]:
    """The entries as rows of OpenJTalk; `contexts` are the library's ids of parts of speech, with their inflection."""
    return [_row(entry, contexts) for entry in entries]


def _row(entry: Entry | Row, contexts: Mapping[str, str]) -> Row:
    if not isinstance(entry, Entry):
        return entry
    context = contexts[f"{entry.part},*,*,*"]
    cost = COST * (1 - len(entry.word))
    accent = f"{entry.nucleus}/{entry.moras}"
    parts = entry.part.split(",")
    return (entry.word, context, context, str(cost), *parts, "*", "*", entry.word, *[entry.kana] * 2, accent, "C1")


def problems_of(dictionary: Path | None, words: Path | None) -> list[str]:
    """What is wrong in a user's files, in words."""
    problems = []
    for path, read in ((dictionary, read_dictionary), (words, read_words)):
        try:
            _ = path and read(path)
        except RowsError as error:
            problems += error.problems
    return problems


def rows_concerning(dictionary: Path | None, words: Path | None, texts: Iterable[str]) -> dict[str, list[Row]]:
    """The rows of a user's files whose word may occur in texts, as they are written or as they are spoken."""
    table = read_words(words) if words else {}
    spoken = Normaliser(Words(own_words() | table)).spoken
    written: list[str] = []
    for text in texts:
        written.append(text)
        with suppress(TextError):
            written.append(spoken(normalise_text(text, len(text))))
    whole = katakana("\n".join(written)).casefold()
    entries = read_dictionary(dictionary) if dictionary else []
    rows = {"dictionary": [tuple(map(str, entry)) for entry in entries], "words": [*table.items()]}
    return {name: [row for row in own if katakana(row[0]).casefold() in whole] for name, own in rows.items()}
