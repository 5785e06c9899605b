"""What a text must be before the front end reads it aloud, and what is refused by name."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from koeru.text.reading import SilentTextError, TextError

MAX_CHARACTERS = 500

# What is read rightly as it stands, but not in NFKC (20°C, IV), or would be taken out as a symbol.
KEPT = {"℃": "度", "○": "〇", "◯": "〇"}
KEPT |= {c: str(int(unicodedata.numeric(c))) for c in "ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩⅪⅫⅰⅱⅲⅳⅴⅵⅶⅷⅸⅹⅺⅻ"}
KEPT_PATTERN = re.compile(f"[{''.join(KEPT)}]")
DEGREES = re.compile("°C?")

SPOKEN = "A-Za-z0-9Α-ΡΣ-Ωα-ρσ-ωぁ-ゖゝゞァ-ヺーヽヾ々〆〇㐀-䶿一-鿿"
READABLE = re.compile(f"[{SPOKEN}ㇰ-ㇿ\uf900-\ufaff\U00020000-\U0003ffff]")
PLAIN = re.compile(f"[{SPOKEN} -~、。・「」『』〜—]*")  # nothing to normalise, take out or refuse

TAKEN_OUT = frozenset({"So", "Sk", "Mn", "Mc", "Me", "Cf", "Cc"})
UNREADABLE = ("L", "N", "Cs", "Co", "Cn")


@lru_cache(maxsize=256)  # asked for a text when it is sent to the front end, and when its labels are wanted
def normalise_text(text: str, max_characters: int = MAX_CHARACTERS, own: str = "") -> str:
    """Return `text` in NFKC as the front end is to read it; characters that are `own` to koeru stay.

    - Line breaks and tabs inside become a pause (、): OpenJTalk drops them, and loses the voicing marks of decomposed
      kana.
    - Taken out are, by their Unicode category, symbols (So: emoji, ♪ ★ 〓; Sk but for ASCII), marks that combine with
      nothing (M: variation selectors), format and control characters (Cf: joiners, byte order marks; Cc): they are not
      spoken, but the front end pauses at them or splits a word. Signs of mathematics and money (Sm, Sc) and
      punctuation (P) stay: they are read, or are pauses.
    - ℃, ○ and Roman numerals, which NFKC or the rule above would spoil, become 度, 〇 and digits.

    Raises SilentTextError when nothing is left, and TextError above `max_characters`, for NUL, and for letters and
    digits (L, N) that are neither kana, kanji, Latin without accents, nor Greek, and what is no character (Cs, Co, Cn):
    the front end makes a pause of them or skips them. Kanji that its dictionary lacks are found by reading: see
    `koeru.languages.japanese.openjtalk`.
    """
    if not PLAIN.fullmatch(text):
        text = _cleaned(text, own)
    text = text.strip()
    if not text:
        raise SilentTextError("the text is empty, or holds nothing that is spoken")
    if len(text) > max_characters:
        raise TextError(f"the text has {len(text)} characters, {max_characters} are allowed: split the utterance")
    return text


def signs_taken_out(text: str) -> str:
    """The signs, each once, that `normalise_text` takes out of a text and a person sees: emoji, ♪, ★."""
    if PLAIN.fullmatch(text):
        return ""
    return "".join(c for c in dict.fromkeys(_compatible(text)) if unicodedata.category(c) == "So")


@lru_cache(maxsize=256)  # what is taken out of it is told when its labels are there
def _compatible(text: str) -> str:
    text = KEPT_PATTERN.sub(lambda found: KEPT[found[0]], "\n".join(text.splitlines()).strip())
    text = unicodedata.normalize("NFKC", text).replace("\n", "、").replace("\t", "、")
    return DEGREES.sub("度", text)


def _cleaned(text: str, own: str) -> str:
    if "\0" in text:
        raise TextError("the text holds a NUL character, where OpenJTalk would stop reading: remove it")
    text = _compatible(text)
    if PLAIN.fullmatch(text):
        return text
    letters = (c for c in text if unicodedata.category(c).startswith(UNREADABLE) and c not in own)
    if unreadable := [c for c in letters if not READABLE.match(c)]:
        raise TextError(f"the front end cannot read {named(unreadable)}: write the word in kana")
    return "".join(c for c in text if unicodedata.category(c) not in TAKEN_OUT or c in "^`")


def named(characters: Iterable[str]) -> str:
    """The different characters with their code points and names, at most five: "П (U+041F CYRILLIC …)"."""
    different = list(dict.fromkeys(characters))
    told = [
        f"{c if c.isprintable() else ''} (U+{ord(c):04X} {unicodedata.name(c, 'no name')})".strip()
        for c in different[:5]
    ]
    return ", ".join(told) + (f" and {len(different) - 5} more" if len(different) > 5 else "")
