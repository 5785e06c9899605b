"""A reading's accents, phrases and pauses on other phones: those of a recording, say, where a word was misread."""

from collections.abc import Sequence
from itertools import pairwise

from rapidfuzz.distance import Levenshtein

from koeru.languages.japanese.moras import Phones, is_mora, moras_of_phones
from koeru.languages.japanese.phones import PAU, SIL
from koeru.languages.japanese.phrases import devoiced_by_rule, phrases, reading_of
from koeru.text.phrases import Mora, Phrase
from koeru.text.reading import PLAIN, Reading

SAME_VOWEL, SAME_CONSONANT, OTHER, GAP = 0.6, 0.8, 1.0, 1.0  # what it costs that two moras lie beside one another

Pair = tuple[int | None, int | None]  # places in two sequences, None where one has nothing


def with_phones(reading: Reading, wanted: Sequence[str], devoiced: Sequence[int] | None = None) -> Reading:
    """The reading whose phones, silences left out, are `wanted`.

    Moras are laid beside one another. An accent's nucleus moves with its mora, within its phrase, and goes back from an
    N, cl or lengthened vowel that took its place; pauses and the bounds of phrases stay at their moras; phrases without
    a mora left go. What is new is `devoiced` as given, or by the front end's rule. Where phones are no moras each mark
    goes with its phone.
    """
    source, pieces = phrases(reading), moras_of_phones(wanted)
    if not all(is_mora(mora.phones) for phrase in source for mora in phrase.moras) or not all(map(is_mora, pieces)):
        return _by_phones(reading, wanted)
    said = [(number, mora) for number, phrase in enumerate(source) for mora in phrase.moras]
    pairs = beside([mora.phones for _, mora in said], pieces)
    flags = None if devoiced is None else _of_moras(devoiced, pieces)
    placed: list[list[tuple[int | None, Mora, bool]]] = [[] for _ in source]  # phrase -> (from where, mora, is it new?)
    for (before, at), number in zip(pairs, _phrase_of(pairs, said, pieces), strict=True):
        if at is not None:
            same = before is not None and said[before][1].phones == pieces[at]
            mora = said[before][1] if same else Mora(pieces[at], bool(flags and flags[at]))
            placed[number].append((before, mora, not same))
    return reading_of(_revoiced(*_phrases(source, placed), by_rule=flags is None))


def beside(said: Sequence[Phones], wanted: Sequence[Phones]) -> list[Pair]:
    """Lay two sequences of moras side by side at the least cost; of equal ones, moras lie beside moras."""
    start = next(
        (at for at, (a, b) in enumerate(zip(said, wanted, strict=False)) if a != b), min(len(said), len(wanted))
    )
    rest = min(len(said), len(wanted)) - start
    end = next((k for k in range(rest) if said[-1 - k] != wanted[-1 - k]), rest)
    n, m = len(said) - end, len(wanted) - end
    costs = [[(at + place) * GAP for place in range(m - start + 1)] for at in range(n - start + 1)]
    for i in range(1, n - start + 1):
        for j in range(1, m - start + 1):
            change = costs[i - 1][j - 1] + _cost(said[start + i - 1], wanted[start + j - 1])
            costs[i][j] = min(change, costs[i - 1][j] + GAP, costs[i][j - 1] + GAP)
    pairs: list[Pair] = [(len(said) - k, len(wanted) - k) for k in range(1, end + 1)]
    i, j = n - start, m - start
    while i or j:
        here, a, b = costs[i][j], start + i - 1, start + j - 1
        if i and j and here == costs[i - 1][j - 1] + _cost(said[a], wanted[b]):
            i, j = i - 1, j - 1
            pairs.append((a, b))
        elif i and here == costs[i - 1][j] + GAP:
            i -= 1
            pairs.append((a, None))
        else:
            j -= 1
            pairs.append((None, b))
    return [*((at, at) for at in range(start)), *reversed(pairs)]


def _cost(one: Phones, other: Phones) -> float:
    if one == other:
        return 0.0
    if one[-1] == other[-1]:
        return SAME_VOWEL
    return SAME_CONSONANT if len(one) == len(other) == 2 and one[0] == other[0] else OTHER


def _phrase_of(pairs: Sequence[Pair], said: Sequence[tuple[int, Mora]], wanted: Sequence[Phones]) -> list[int]:
    """The phrase of each pair. A new mora is of the one that its neighbours are of.

    Between two it is of that whose mora beside it was changed, else of the first: what is added is a particle more
    often than a prefix.
    """
    numbers = [None if before is None else said[before][0] for before, _ in pairs]
    changed = [None in pair or said[pair[0]][1].phones != wanted[pair[1]] for pair in pairs]
    found: list[int] = []
    for at, number in enumerate(numbers):
        if number is None:
            right = next((k for k in range(at, len(pairs)) if numbers[k] is not None), None)
            left = found[-1] if found else None
            if left is None or (right is not None and changed[right] and not (at and changed[at - 1])):
                number = numbers[right] if right is not None else 0
            else:
                number = left
        found.append(number)
    return found


def _phrases(
    source: Sequence[Phrase], placed: Sequence[Sequence[tuple[int | None, Mora, bool]]]
) -> tuple[list[Phrase], set[tuple[int, int]]]:
    """Phrases of their new moras, and the places, phrase and mora, of those that are new."""
    found: list[Phrase] = []
    new: set[tuple[int, int]] = set()
    begin = 0
    for phrase, row in zip(source, placed, strict=True):
        if row:
            nucleus = _nucleus(row, begin + phrase.nucleus - 1) if phrase.nucleus else 0
            new |= {(len(found), at) for at, (_, _, is_new) in enumerate(row) if is_new}
            found.append(phrase._replace(moras=tuple(mora for _, mora, _ in row), nucleus=nucleus))
        elif found:
            last = found[-1]
            found[-1] = last._replace(pause=last.pause or phrase.pause, question=last.question or phrase.question)
        begin += len(phrase.moras)
    return found, new


def _nucleus(row: Sequence[tuple[int | None, Mora, bool]], place: int) -> int:
    """The nucleus of a phrase, counted from 1, that was at the mora `place` of all moras."""
    at = max((k for k, (before, _, _) in enumerate(row) if before is not None and before <= place), default=0)
    _, mora, is_new = row[at]
    lengthens = at > 0 and len(mora.phones) == 1 and mora.phones[0] in ("N", "cl", row[at - 1][1].phones[-1])
    return at if is_new and lengthens else at + 1


def _revoiced(spoken: list[Phrase], new: set[tuple[int, int]], by_rule: bool) -> list[Phrase]:
    """Phrases with the vowels devoiced of what is new, and of what is before it without a pause between."""
    if not by_rule:
        return spoken
    order = [(number, at) for number, phrase in enumerate(spoken) for at in range(len(phrase.moras))]
    pauses = {(number, len(phrase.moras) - 1) for number, phrase in enumerate(spoken) if phrase.pause}
    before = {one for one, other in pairwise(order) if other in new and one not in pauses}
    return devoiced_by_rule(spoken, new | before)


def _of_moras(devoiced: Sequence[int], pieces: Sequence[Phones]) -> list[int]:
    """The flag of each mora's last phone."""
    ends, at = [], -1
    for piece in pieces:
        at += len(piece)
        ends.append(devoiced[at])
    return ends


def _by_phones(reading: Reading, wanted: Sequence[str]) -> Reading:
    rows = list(zip(reading.phones, reading.devoiced, reading.accents, strict=True))
    spoken = [at for at, phone in enumerate(reading.phones) if phone not in (SIL, PAU)]
    found = [rows[0]]
    at, place = 1, 0

    def drop_until(stop: int) -> None:
        """Leave out what is said before row `stop`, but for pauses, and marks of bounds that nothing has yet."""
        nonlocal at
        for phone, flag, mark in rows[at:stop]:
            last, _, taken = found[-1]
            if phone == PAU and last not in (SIL, PAU):
                found.append((phone, flag, mark))
            elif phone != PAU and mark != PLAIN and taken == PLAIN and last not in (SIL, PAU):
                found[-1] = (*found[-1][:2], mark)
        at = stop

    for edit in Levenshtein.opcodes([reading.phones[k] for k in spoken], wanted):
        for k in range(max(edit.src_end - edit.src_start, edit.dest_end - edit.dest_start)):
            row = edit.src_start + k
            if row < edit.src_end and place < edit.dest_end:
                drop_until(spoken[row])
                flag = rows[at][1] if rows[at][0] == wanted[place] else 0
                found.append((wanted[place], flag, rows[at][2]))
                at, place = at + 1, place + 1
            elif row < edit.src_end:
                drop_until(spoken[row] + 1)
            else:
                found.append((wanted[place], 0, PLAIN))
                place += 1
    drop_until(len(rows) - 1)
    if found[-1][0] == PAU:
        found.pop()
    return Reading(*zip(*found, rows[-1], strict=True))
