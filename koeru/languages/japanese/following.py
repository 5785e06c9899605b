"""The reading of a text that has given phones: those of its recording, or of kana that were delivered with it.

What was said is known then, and a front end that reads the text otherwise has misread it. Imported in the front end's
child process only (`koeru.languages.japanese.front_end`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any, Protocol

import pyopenjtalk
from rapidfuzz.distance import Levenshtein

from koeru.languages.japanese.accents import read_labels
from koeru.languages.japanese.classes import ALIKE, all_same, long_vowel, same
from koeru.languages.japanese.kana import pronounced
from koeru.languages.japanese.phones import PAU, SIL, normalise
from koeru.languages.japanese.transfer import with_phones
from koeru.text.differences import MAX_DIFFERENT, another_sentence, differences, side_by_side
from koeru.text.reading import Followed, OtherSentenceError, Reading, SilentTextError

AS_READ, OPTIONS, N_BEST, WORDS = "as read", "options", "n-best", "words"  # the means, in the order they are tried

SAYING = ("言", "云", "謂", "いう", "いふ", "ゆう", "イウ")  # that という and 言う are said as iu or yuu is an option
# Options that may read otherwise, whatever those of `read` are, and what a text must have for it; "" is in all.
CHANGES: tuple[tuple[dict[str, Any], tuple[str, ...]], ...] = (
    *(({"iu": iu}, SAYING) for iu in ("yuu_base", "dictionary", "yuu")),
    *(({"nani": nani}, ("何",)) for nani in (True, False)),
    *(({"sudachi": sudachi}, ("",)) for sudachi in (True, False)),
    ({"nani": False, "sudachi": False}, ("何",)),
    ({"vanilla": True}, ("",)),
)
OF_PATHS = {"use_sudachi_kanji_yomi": False, "predict_nani": False}  # they would choose words, as the path does
PATHS = 40  # of MeCab; many differ in parts of speech alone
PRONOUNCED = slice(8, 10)  # columns of MeCab's features: reading and pronunciation; unknown words have none
READINGS = 12  # of the paths, at most: each costs as much as a reading


class Read(Protocol):
    """The front end: words (NJD features) of a text, with options changed. Letters that it cannot read are pauses."""

    def __call__(self, text: str, **options: Any) -> list[Any]: ...


def follow(text: str, wanted: Sequence[str] | str, read: Read) -> Followed:
    """The reading of a text whose phones, silences left out, are those wanted, and the means by which it has them.

    What is wanted are phones, or kana as corpora deliver them (`koeru.languages.japanese.kana.pronounced`).

    "as read" is the front end's own, as far as it differs in long vowels and in phones that are alike at most;
    "options" has other options of the front end, and "n-best" another path of MeCab; "words" is the closest of these
    with the words that differ as they were said (`koeru.languages.japanese.transfer`). Upper-case vowels among
    the phones are devoiced, which tells of words alone.

    Raises OtherSentenceError where even the closest differs in more than `MAX_DIFFERENT` of its phones, long vowels and
    phones that are alike not counted: edits, over the number of phones of the longer side; TextError where nothing is
    read; UnknownPhoneError.
    """
    candidates = _candidates(text, read)
    if (first := next(candidates, None)) is None:
        raise SilentTextError(f"the text has nothing that can be read aloud: {text[:40]!r}")
    phones = pronounced(wanted, first[1].phones) if isinstance(wanted, str) else wanted
    names = [normalise(phone) for phone in phones]
    told = [phone for phone, _ in names]
    devoiced = [flag for _, flag in names]
    closest = (len(told) + len(first[1].phones), first[1])  # more than any distance
    for means, reading in chain([first], candidates):
        said = _spoken(reading)
        if said == told:
            return Followed(reading, means)
        if all_same(said, told):
            return Followed(_renamed(reading, told), means)
        distance = Levenshtein.distance(_plain(said), _plain(told))
        if distance < closest[0]:
            closest = distance, reading
    distance, reading = closest
    said = _spoken(reading)
    if another_sentence(distance, max(len(said), len(told))):
        raise OtherSentenceError(_message(said, told, distance))
    return Followed(with_phones(reading, told, devoiced if any(devoiced) else None), WORDS)


def _candidates(text: str, read: Read) -> Iterator[tuple[str, Reading]]:
    """Readings of a text and the means that give them, each once; none where it has nothing to read."""
    known: set[tuple[str, ...]] = set()
    for means, words in _ways(text, read):
        said = tuple(word["pron"] for word in words)
        if said not in known and (reading := _reading(words)) is not None:
            known.add(said)
            yield means, reading


def _ways(text: str, read: Read) -> Iterator[tuple[str, list[Any]]]:
    """The words of a text by each of the means."""
    yield AS_READ, read(text)
    for changes, needed in CHANGES:
        if _has(text, needed):
            yield OPTIONS, read(text, **changes)
    for features in _paths(text):
        for iu in ("YuuBase", None) if _has(text, SAYING) else (None,):
            words = pyopenjtalk.run_njd_from_mecab(features, restore_unknown_katakana=True)
            yield N_BEST, pyopenjtalk.apply_postprocessing(text, words, iu_pronunciation=iu, **OF_PATHS)


def _has(text: str, parts: tuple[str, ...]) -> bool:
    return any(part in text for part in parts)


def _paths(text: str) -> list[list[str]]:
    """The features of MeCab's best paths, of each pronunciation the first."""
    found: dict[tuple[str, ...], list[str]] = {}
    for path in pyopenjtalk.run_mecab_nbest_features(text, PATHS):
        said = tuple(",".join(feature.split(",")[PRONOUNCED]) for feature in path["features"])
        found.setdefault(said, path["features"])
    return list(found.values())[:READINGS]


def _reading(words: list[Any]) -> Reading | None:
    """The reading of words; letters that the front end cannot read are left out, since the phones tell of them."""
    readable = [
        word for word in words if word["pron"] != "、" or not any(c.isalpha() and c != "ー" for c in word["string"])
    ]
    labels = pyopenjtalk.make_label(readable)
    return read_labels(labels) if labels else None


def _spoken(reading: Reading) -> list[str]:
    return [phone for phone in reading.phones if phone not in (SIL, PAU)]


def _plain(phones: list[str]) -> list[str]:
    """Phones of which those that are alike, and long vowels however written, are the same."""
    alike = {phone: min(pair) for pair in ALIKE for phone in pair}
    long = (
        before if long_vowel((before, before), (before, phone)) else alike.get(phone, phone)
        for before, phone in zip(["", *phones], phones, strict=False)
    )
    return list(long)


def _renamed(reading: Reading, wanted: list[str]) -> Reading:
    """A reading with other names of its phones; a vowel that is another one is voiced."""
    names = iter(wanted)
    phones = tuple(phone if phone in (SIL, PAU) else next(names) for phone in reading.phones)
    changed = zip(reading.phones, phones, reading.devoiced, strict=True)
    return replace(reading, phones=phones, devoiced=tuple(flag if one == other else 0 for one, other, flag in changed))


def _message(said: list[str], wanted: list[str], distance: int) -> str:
    pairs = side_by_side(said, wanted)
    agree = list(map(same, [("", ""), *pairs], pairs))
    share = distance / max(len(said), len(wanted))
    told = f"{share:.0%} of them, and of one sentence at most {MAX_DIFFERENT:.0%}: text or labels are another's"
    return differences(pairs, agree, told)
