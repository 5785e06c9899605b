"""The phones and accent marks that models know, and how other names for them are read."""

from functools import cache

from koeru.text.reading import BOUNDARY, END, PLAIN, START, UnknownPhoneError

SIL, PAU = "sil", "pau"
VOWELS = frozenset("aiueo")

# The index is the id, and a trained model's embedding: append, never reorder. Phones are those of OpenJTalk
# and pyopenjtalk-plus (kw, gw, fy and v in loan words), with devoiced vowels written as their voiced ones.
PHONES = (
    "<pad>", SIL, PAU, "a", "i", "u", "e", "o", "N", "cl",
    "b", "by", "ch", "d", "dy", "f", "fy", "g", "gw", "gy", "h", "hy", "j", "k", "kw", "ky", "m", "my",
    "n", "ny", "p", "py", "r", "ry", "s", "sh", "t", "ts", "ty", "v", "w", "y", "z",
)  # fmt: skip

# Marks: end of a question, rise, fall, and the end of a phrase that asks inside an utterance
QUESTION, RISE, FALL, ASKED = "?", "[", "]", "¿"
# The index is the id here as well. Of the marks that every language has: no change, start, end, phrase boundary.
ACCENTS = ("<pad>", PLAIN, START, END, QUESTION, BOUNDARY, RISE, FALL, ASKED)
CLOSING = {ASKED: QUESTION}

DEVOICED = {"A": "a", "I": "i", "U": "u", "E": "e", "O": "o"}
ALIASES = {
    "q": "cl", "Q": "cl",
    "silB": SIL, "silE": SIL,
    "": PAU, "sp": PAU, "spn": PAU,
}  # fmt: skip


@cache
def normalise(phone: str) -> tuple[str, int]:
    """Return the phone's name in PHONES and 1 if it is a devoiced vowel, else 0.

    Devoiced A I U E O become lower-case; q and Q are cl; silB and silE are sil; "", sp and spn are pau.
    Raises UnknownPhoneError for any other name.
    """
    name = ALIASES.get(phone, DEVOICED.get(phone, phone))
    if name not in PHONES[1:]:
        raise UnknownPhoneError(f"phone {phone!r} is unknown: known are {' '.join(PHONES[1:])}")
    return name, int(phone in DEVOICED)
