"""How another speaker says a sentence: rules that turn on what is heard, the phones and the ends of phrases.

They change the words as the front end has analysed them, of which pyopenjtalk then makes labels that agree in all
fields. A word that joins the one before it (a particle, say) is part of its accent phrase.
"""

from collections.abc import Mapping, Sequence
from typing import Any

Word = Mapping[str, Any]  # of pyopenjtalk.run_frontend
VOWELS = {
    "a": "アカサタナハマヤラワガザダバパァャヮ",
    "i": "イキシチニヒミリギジヂビピィヰ",
    "u": "ウクスツヌフムユルグズヅブプゥュヴ",
    "e": "エケセテネヘメレゲゼデベペェヱ",
    "o": "オコソトノホモヨロヲゴゾドボポォョ",
}
VOWEL_OF = {kana: vowel for vowel, row in VOWELS.items() for kana in row}
SMALL = set("ァィゥェォャュョヮ")
ACCENTS = {"a": 1, "u": 0}  # vowel of a phrase's first mora -> the mora after which pitch falls; 0: it never does
PARTICLES = ("は", "が")  # a pause follows, if they end a phrase
# The phones that this speaker lengthens and shortens, beyond the rate of speech.
LENGTHS = (("o", 1.5), ("u", 1.5), ("N", 1.4), ("s", 1.3), ("sh", 1.3), ("k", 0.8), ("pau", 1.5))
PAUSE: Word = {
    **dict.fromkeys(("string", "orig", "read", "pron"), "、"),
    **{"pos": "記号", "pos_group1": "読点"},
    **dict.fromkeys(("pos_group2", "pos_group3", "ctype", "cform", "chain_rule"), "*"),
    **{"acc": 0, "mora_size": 0, "chain_flag": 0, "is_reading_protected": False, "is_reading_rewritten": False},
}


def changed(words: Sequence[Word]) -> list[Word]:
    """The words of a sentence with this speaker's accents, and pauses after PARTICLES inside of it."""
    phrases = accent_phrases(words)
    found: list[Word] = []
    for number, phrase in enumerate(phrases):
        first, *others = phrase
        found += [{**first, "acc": ACCENTS.get(first_vowel(first["pron"]), first["acc"])}, *others]
        goes_on = number + 1 < len(phrases) and phrases[number + 1][0]["mora_size"] > 0
        if goes_on and phrase[-1]["string"] in PARTICLES:
            found.append(PAUSE)
    return found


def accent_phrases(words: Sequence[Word]) -> list[list[Word]]:
    """The words of a sentence by accent phrase; a mark, which has no mora, is one by itself."""
    phrases: list[list[Word]] = []
    for word in words:
        if word["chain_flag"] == 1:
            phrases[-1].append(word)
        else:
            phrases.append([word])
    return phrases


def first_vowel(pronunciation: str) -> str:
    """The vowel of the first mora of some katakana; "" where it has none, as ン, or a mark."""
    return VOWEL_OF.get(pronunciation[1] if pronunciation[1:2] in SMALL else pronunciation[0], "")
