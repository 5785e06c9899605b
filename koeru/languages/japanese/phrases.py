"""A reading as accent phrases: moras, the nucleus of their accent, and what follows; and back again.

What the marks mean: `koeru.languages.japanese.accents`. They do not tell a nucleus on the last mora from none.
"""

from collections.abc import Iterable, Iterator, Sequence

from koeru.languages.japanese.moras import MORA_ENDS, VOICELESS, Phones
from koeru.languages.japanese.phones import ASKED, FALL, PAU, QUESTION, RISE, SIL
from koeru.text.phrases import Mora, Phrase
from koeru.text.reading import BOUNDARY, END, PLAIN, START, Reading


def phrases(reading: Reading) -> list[Phrase]:
    """The accent phrases of a reading; the inverse of `reading_of` for all that a front end reads.

    A nucleus on the last mora is 0, as the marks have none. Consonants without a vowel make moras that
    `koeru.languages.japanese.moras.is_mora` tells. What a front end never says, a pause inside a phrase, ends one here.
    """
    found: list[Phrase] = []
    moras: list[Mora] = []
    begin = nucleus = 0  # where the next mora begins; the moras before the fall

    def close(end: int, question: bool) -> None:
        nonlocal moras, nucleus
        if begin < end:
            moras.append(Mora(reading.phones[begin:end]))
        if moras:
            found.append(Phrase(tuple(moras), nucleus if nucleus < len(moras) else 0, question=question))
        moras, nucleus = [], 0

    for at, (phone, mark) in enumerate(zip(reading.phones, reading.accents, strict=True)):
        if phone in MORA_ENDS:
            moras.append(Mora(reading.phones[begin : at + 1], bool(reading.devoiced[at])))
            begin = at + 1
        elif phone in (SIL, PAU):
            close(at, mark == QUESTION)
            begin = at + 1
            if phone == PAU and found:
                found[-1] = found[-1]._replace(pause=True)
            continue
        if mark == FALL:
            nucleus = len(moras)
        elif mark in (BOUNDARY, ASKED):
            close(at + 1, mark == ASKED)
            begin = at + 1
    return found


def reading_of(spoken: Sequence[Phrase]) -> Reading:
    """The reading of accent phrases."""
    rows = [(SIL, 0, START)]
    for number, phrase in enumerate(spoken, 1):
        last = number == len(spoken)
        rows += _rows(phrase, PLAIN if last else ASKED if phrase.question else PLAIN if phrase.pause else BOUNDARY)
        if phrase.pause and not last:
            rows.append((PAU, 0, PLAIN))
    rows.append((SIL, 0, QUESTION if spoken and spoken[-1].question else END))
    phones, devoiced, accents = zip(*rows, strict=True)
    return Reading(phones, devoiced, accents)


def _rows(phrase: Phrase, closing: str) -> Iterator[tuple[str, int, str]]:
    for number, mora in enumerate(phrase.moras, 1):
        *before, last = mora.phones
        for phone in before:
            yield phone, 0, PLAIN
        if number == len(phrase.moras):
            mark = closing
        elif number == phrase.nucleus:
            mark = FALL
        else:
            mark = RISE if number == 1 else PLAIN
        yield last, int(mora.devoiced), mark


def devoiced_by_rule(spoken: Sequence[Phrase], changed: Iterable[tuple[int, int]]) -> list[Phrase]:
    """Phrases whose `changed` moras, (phrase, mora) counted from 0, are devoiced where the front end would do it.

    It devoices i and u between voiceless consonants, but on a nucleus, and behind a devoiced mora; of fricatives alike
    (s before s or sh, f and h before one another) neither.
    """
    flat = [(p, m) for p, phrase in enumerate(spoken) for m in range(len(phrase.moras))]
    places = {place: at for at, place in enumerate(flat)}
    moras = [spoken[p].moras[m] for p, m in flat]
    for place in sorted(changed):
        at, (p, m) = places[place], place
        following = moras[at + 1] if at + 1 < len(flat) and not _pauses(spoken[p], m) else None
        behind = at > 0 and moras[at - 1].devoiced
        devoiced = following is not None and not behind and spoken[p].nucleus != m + 1
        moras[at] = Mora(moras[at].phones, devoiced and _between_voiceless(moras[at].phones, following.phones))
    rows = iter(moras)
    return [phrase._replace(moras=tuple(next(rows) for _ in phrase.moras)) for phrase in spoken]


ALIKE_FRICATIVES = {("s", "s"), ("s", "sh"), *((a, b) for a in ("f", "h", "hy") for b in ("f", "h", "hy"))}


def _between_voiceless(mora: Phones, following: Phones) -> bool:
    high = len(mora) == 2 and mora[1] in ("i", "u") and mora[0] in VOICELESS
    return high and following[0] in VOICELESS and (mora[0], following[0]) not in ALIKE_FRICATIVES


def _pauses(phrase: Phrase, mora: int) -> bool:
    return phrase.pause and mora + 1 == len(phrase.moras)
