"""Words that a person corrects inside a text: {雨|ア'メ}が降る, with kana as `koeru.languages.japanese.kana` has them.

Within koeru such a word stands between characters that no text has: braces in the text of a corpus are what they are.
"""

import re
from typing import NamedTuple

from koeru.languages.japanese.hygiene import named, normalise_text
from koeru.languages.japanese.kana import phrases_of
from koeru.text.phrases import Phrase
from koeru.text.reading import TextError

OPEN, BETWEEN, CLOSE = OURS = "\ufdd0\ufdd1\ufdd2"  # no characters: for use inside of programs, and refused in texts
WORD = OPEN  # a whole word, while what stands around it is written out
BRACES = re.compile(r"[{｛]([^{}｛｝|｜\r\n]*)[|｜]([^{}｛｝|｜\r\n]*)[}｝]")
BEGUN = re.compile(r"[{｛][^{}｛｝\r\n]*[|｜]")
MARKED = re.compile(f"{OPEN}([^{OURS}]*){BETWEEN}([^{OURS}]*){CLOSE}")
SHOWN = 20  # characters of a text, in messages


class Word(NamedTuple):
    """A word as it is written, which tells its part of speech, and its accent phrases: a flat one has no nucleus."""

    written: str
    phrases: list[Phrase]


def marked(text: str) -> str:
    """A text of a person as a front end takes it, with the words that it corrects.

    Braces without | are none, and stay. Raises TextError, with the place, for what begins as a correction and is none,
    and for kana that cannot be read.
    """
    if own := [c for c in text if c in OURS]:
        raise TextError(f"no character: {named(own)}: remove it")
    found, at = [], 0
    for brace in BRACES.finditer(text):
        found += [_plain(text, at, brace.start()), _word(text, brace)]
        at = brace.end()
    return "".join([*found, _plain(text, at, len(text))])


def _plain(text: str, begin: int, end: int) -> str:
    """What is between two corrections."""
    if begun := BEGUN.search(text, begin, end):
        what = "a corrected word is written {word|kana}, on one line, and this one has no end or a second |"
        raise TextError(f"{what}{_place(text, begun.start())}")
    return text[begin:end]


def _word(text: str, brace: re.Match[str]) -> str:
    written, kana = brace[1].strip(), brace[2].strip()
    if not written:
        raise TextError(f"a corrected word is written {{word|kana}}: there is no word{_place(text, brace.start())}")
    try:
        spoken = phrases_of(kana)
    except TextError as error:
        raise TextError(f"{error}{_place(text, brace.start())}") from error
    if any(phrase.question for phrase in spoken):
        raise TextError(f"a corrected word does not ask: write ？ behind the brace{_place(text, brace.start())}")
    try:
        written = normalise_text(written)
    except TextError:  # nobody can read it, nor needs to
        written = ""
    return f"{OPEN}{written}{BETWEEN}{kana}{CLOSE}"


def _place(text: str, at: int) -> str:
    return f", in {text[at : at + SHOWN]!r} at character {at + 1} of the text"


def shown(text: str) -> str:
    """A marked text as a person has written it, more or less."""
    return MARKED.sub(r"{\1|\2}", text)


def taken_out(text: str) -> tuple[str, list[str]]:
    """A marked text with WORD where it has a word, and the words as they stood there; see `put_back`."""
    words = [found[0] for found in MARKED.finditer(text)]
    rest = MARKED.sub("", text) if words else ""
    return (text, []) if any(c in OURS for c in rest) else (MARKED.sub(WORD, text), words)


def put_back(text: str, words: list[str]) -> str:
    """The inverse of `taken_out`."""
    rest = iter(words)
    return re.sub(WORD, lambda _: next(rest), text) if words else text


def parted(text: str) -> tuple[list[str], list[Word]]:
    """What stands before, between and behind the words of a marked text, and these."""
    pieces, at, words = [], 0, []
    for found in MARKED.finditer(text):
        pieces.append(text[at : found.start()])
        words.append(Word(found[1], phrases_of(found[2])))
        at = found.end()
    return [*pieces, text[at:]], words
