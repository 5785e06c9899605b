"""How the utterances of a dataset are read: as a person corrected them, as labels say, or by the front end, which may
follow what is known to be said.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from koeru.languages import Language, Reader
from koeru.text.reading import Followed, Reading, TextError

DELIVERED, FRONT_END, CORRECTION = "delivered", "front end", "correction"  # where a reading comes from
FOLLOW, ALONE = "follow", "front_end"  # values of labels.reading


@dataclass(frozen=True)
class Known:
    """What is known of an utterance before its text is read.

    `kana` are those delivered with the text, `correction` a reading in the notation of the language. `heard` are the
    phones of the recording, silences left out, if people wrote them down; `labels` the reading of full-context labels
    to go by, of which those that are in `gives` are believed: reading, accents, devoicing.
    """

    text: str
    kana: str = ""
    correction: str = ""
    heard: tuple[str, ...] = ()
    labels: Reading | None = None
    gives: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Read:
    """How an utterance is read, where that comes from, and by what means a front end got there."""

    reading: Reading
    source: str
    means: str = ""


Question = tuple[str, "tuple[str, ...] | str"]


def question(known: Known, language: Language, how: str) -> Question | None:
    """What a front end is asked of an utterance, with `how` as labels.reading has it; None where it is not."""
    if known.correction:
        return None
    if known.labels is not None:
        return known.text, spoken(known.labels, language)
    if not known.text:
        return None
    return known.text, _wanted(known, language) if how == FOLLOW else ()


def read(known: Known, language: Language, front_end: Reader, how: str) -> Read:
    """How an utterance is read. Raises TextError, and OtherSentenceError for what lies far from its text."""
    if known.correction:
        return Read(language.from_notation(known.correction), CORRECTION)
    if known.labels is not None:
        return _as_labels_say(known, language, front_end)
    if not known.text:
        raise TextError("there is no text: the corpus tells none, and no correction says what is spoken")
    wanted = _wanted(known, language) if how == FOLLOW else ()
    if not wanted:
        return Read(_with_remark(front_end.reading(known.text), known, language), FRONT_END)
    found = front_end.followed(known.text, wanted)
    return Read(_with_remark(found.reading, known, language), FRONT_END, found.means)


def spoken(reading: Reading, language: Language) -> tuple[str, ...]:
    """The phones of a reading without silences."""
    return tuple(phone for phone in reading.phones if phone not in language.silences)


def _wanted(known: Known, language: Language) -> tuple[str, ...] | str:
    """The phones, or the kana, that tell what is said; () where nothing does."""
    return known.heard or ("" if _refused(known.kana, language) else known.kana) or ()


@lru_cache(maxsize=256)  # asked for when the front end is told what to expect, and when its turn comes
def _refused(kana: str, language: Language) -> str:
    """What is wrong with delivered kana, in words."""
    try:
        _ = kana and language.pronounced(kana)
    except TextError as error:
        return str(error)
    return ""


def _with_remark(reading: Reading, known: Known, language: Language) -> Reading:
    if not (refused := _refused(known.kana, language)):
        return reading
    return replace(reading, remarks=(*reading.remarks, f"delivered kana not used: {refused}"))


def _as_labels_say(known: Known, language: Language, front_end: Reader) -> Read:
    """The reading of delivered labels, with accents and devoicing of the front end where they have none.

    A text that nobody can read tells nothing against its labels.
    """
    labels = known.labels
    try:
        found = front_end.followed(known.text, spoken(labels, language))
    except TextError as error:
        return Read(replace(labels, remarks=(f"labels not compared with the text: {error}",)), DELIVERED)
    if "accents" not in known.gives:
        return Read(found.reading, DELIVERED, found.means)
    if "devoicing" not in known.gives:
        labels = _devoiced(labels, found, language)
    return Read(replace(labels, remarks=found.reading.remarks), DELIVERED, found.means)


def _devoiced(labels: Reading, found: Followed, language: Language) -> Reading:
    """Labels with the devoicing of a reading that has the same phones, whatever its pauses."""
    pairs = zip(found.reading.phones, found.reading.devoiced, strict=True)
    flags = iter([flag for phone, flag in pairs if phone not in language.silences])
    own = tuple(0 if phone in language.silences else next(flags) for phone in labels.phones)
    return replace(labels, devoiced=own)
