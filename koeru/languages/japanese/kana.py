"""Readings as people write them: kana with accents, in the AquesTalk-like notation of VOICEVOX; and kana alone.

    コンニチワ'/セ'カイ、エ'ガ/_スキデ'_スカ？

`'` stands behind the mora with the nucleus, `/` between phrases, `、` where a pause parts them, `_` before a devoiced
mora, `？` at the end of a phrase that asks.
"""

import re
from collections.abc import Sequence

from koeru.languages.japanese.classes import ALIKE, long_vowel
from koeru.languages.japanese.moras import KANA, LONG, VOWELS, katakana, moras_of_kana
from koeru.languages.japanese.phones import PAU, SIL
from koeru.languages.japanese.phrases import phrases, reading_of
from koeru.text.differences import Column, side_by_side
from koeru.text.phrases import Mora, Phrase
from koeru.text.reading import NotationError, Reading

NUCLEUS, JOINT, PAUSE, DEVOICED, ASKS = "'/、_？"
QUOTES = str.maketrans("’‘´", "'''")
PARTICLES = {("h", "w"): ("a", "a"), ("h", ""): ("e", "e")}  # は and へ, as they are spelled and said, and the vowel


class KanaError(NotationError):
    """Kana that are not a reading; the message says what in them, and where."""


def from_notation(text: str) -> Reading:
    """The reading that kana with accents stand for.

    Hiragana, halfwidth characters and what NFKC makes of them are taken as well; ー is the vowel before it. A phrase
    without `'` is flat, as one with it behind the last mora: marks do not tell these apart, and VOICEVOX, which wants
    one `'` in each phrase, has it there. Raises KanaError for what is no mora, a second `'`, an empty phrase, and marks
    in other places.
    """
    return reading_of(phrases_of(text))


def phrases_of(text: str) -> list[Phrase]:
    """The accent phrases that kana stand for, with a nucleus behind the last mora where they have it there."""
    kana = katakana(text).translate(QUOTES).strip().replace("?", ASKS)
    spoken, at = [], 0
    for part in re.split(f"([{JOINT}{PAUSE}])", kana):
        if part not in (JOINT, PAUSE):
            phrase = _phrase(kana, part, at, len(spoken) + 1)
            spoken.append((phrase, kana[at + len(part) : at + len(part) + 1] == PAUSE))
        at += len(part)
    return [Phrase(moras, nucleus, pause, question) for (moras, nucleus, question), pause in spoken]


def _phrase(kana: str, part: str, begin: int, number: int) -> tuple[tuple[Mora, ...], int, bool]:
    """Moras, nucleus, and whether it asks, of the phrase of a number that begins at a place of all that is written."""

    def refused(what: str, at: int, reason: str = "unknown") -> KanaError:
        return KanaError(f"{what}, at character {begin + at + 1} of {kana!r}", reason, part, number)

    moras: list[Mora] = []
    nucleus, devoiced = 0, False
    said = part.removesuffix(ASKS)
    for at, written, phones in moras_of_kana(said, {NUCLEUS, DEVOICED}):
        if written == NUCLEUS:
            if nucleus:
                raise refused(f"a phrase has one {NUCLEUS} at most, and here is a second", at, "accent twice")
            if not moras or devoiced:
                raise refused(
                    f"{NUCLEUS} stands behind the mora with the nucleus", at, "unknown" if moras else "accent first"
                )
            nucleus = len(moras)
        elif written == DEVOICED:
            if devoiced:
                raise refused(f"{DEVOICED} stands before a mora, and here is a second", at)
            devoiced = True
        elif not phones:
            what = "there is no vowel before it" if written == LONG else "it is no mora"
            reason = "question inside" if written == ASKS and moras else "unknown"
            raise refused(f"{written!r} cannot be read: {what}", at, reason)
        else:
            if devoiced and phones[-1] not in VOWELS:
                raise refused(f"{written!r} has no vowel that could be devoiced", at)
            moras.append(Mora(phones, devoiced))
            devoiced = False
    if devoiced:
        raise refused(f"{DEVOICED} stands before a mora", len(said))
    if not moras:
        raise refused("a phrase has no mora", 0, "empty")
    return tuple(moras), nucleus, part != said


def to_notation(reading: Reading) -> str:
    """Kana with accents of a reading; the inverse of `from_notation` for all that a front end reads.

    Each phrase has a `'`, as VOICEVOX wants it: a flat one behind its last mora. Raises KanaError for phones that no
    kana write.
    """
    written = []
    for phrase in phrases(reading):
        moras = [DEVOICED * mora.devoiced + kana_of(mora) for mora in phrase.moras]
        moras.insert(phrase.nucleus or len(moras), NUCLEUS)
        written += ["".join(moras) + ASKS * phrase.question, PAUSE if phrase.pause else JOINT]
    return "".join(written[:-1])


def kana_of(mora: Mora) -> str:
    """The kana of a mora, whether it is devoiced or not. Raises KanaError for phones that no kana write."""
    try:
        return KANA[mora.phones]
    except KeyError:
        raise KanaError(f"no kana write the phones {' '.join(mora.phones)!r}") from None


def pronounced(kana: str, said: Sequence[str] = ()) -> tuple[str, ...]:
    """The phones, without silences, of kana as corpora deliver them: with punctuation, and without accents.

    Kana alone do not tell whether they are written as they are said (ワ, トーキョー) or as they are spelled (ハ,
    トウキョウ). With the phones of a reading of the same text, `said`, they are taken as it says them, wherever they
    may be the spelling of that: particles は and へ, long vowels, いう of 言う, and v of b. Raises KanaError for what
    is neither kana nor punctuation, or when there are no kana.
    """
    text = katakana(kana)
    found: list[str] = []
    for at, written, phones in moras_of_kana(text):
        if not phones and (written.isalnum() and written != LONG):
            raise KanaError(f"{written!r} is no kana, at character {at + 1} of {text!r}")
        found += phones
    if not found:
        raise KanaError(f"there are no kana in {text!r}")
    spoken = [phone for phone in said if phone not in (SIL, PAU)]
    return tuple(_as_said(found, spoken)) if spoken else tuple(found)


def _as_said(spelled: list[str], said: list[str]) -> list[str]:
    pairs = side_by_side(spelled, said)
    taken = {at for at in range(len(pairs)) if _spells(pairs, at)}
    for at in range(len(pairs) - 2):  # 言う is spelled いう
        one, other = ([phone for phone in side if phone] for side in zip(*pairs[at : at + 3], strict=True))
        if (one, other) == (["i", "u"], ["y", "u", "u"]):
            taken |= {at, at + 1, at + 2}
    return [phone for at, pair in enumerate(pairs) if (phone := pair[at in taken])]


def _spells(pairs: list[Column], at: int) -> bool:
    """Whether a phone may spell the one beside it: of a particle, a long vowel, or another name of it."""
    before = pairs[at - 1] if at else ("", "")
    following = pairs[at + 1] if at + 1 < len(pairs) else ("", "")
    if pairs[at] in PARTICLES:
        return following == PARTICLES[pairs[at]]
    return frozenset(pairs[at]) in ALIKE or long_vowel(before, pairs[at])
