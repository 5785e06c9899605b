"""Phones of a text and of its recording side by side, what differs named, and both in the message of an error."""

import re
from itertools import groupby, zip_longest
from operator import itemgetter

BOTH = re.compile(r"^text:      (.*)\nrecording: (.*)$", re.MULTILINE)
BRACKETS = str.maketrans("[]", "  ")

# Share of phones that differ, above which two sides are of two sentences. On public label sets those that belong
# together differ by 36 % at most, other sentences of the same length by 58 % at least (0.1 percentile).
MAX_DIFFERENT = 0.4

Column = tuple[str, str]  # a phone of the text and the one of the recording beside it, "" where one side has none


def another_sentence(n_different: int, n_phones: int) -> bool:
    """Whether sides of which so many phones differ, of those of the longer one, are of two sentences.

    One phone alone tells nothing: of えっ, said as え, it is the half.
    """
    return n_different > 1 and n_different > MAX_DIFFERENT * n_phones


def columns(detail: str) -> list[Column] | None:
    """Return the phones of text and recording side by side, from the message that `differences` made.

    "" stands where one side has no phone. None when `detail` holds no such message.
    """
    if not (found := BOTH.search(detail)):
        return None
    characters = zip_longest(*(side.translate(BRACKETS) for side in found.groups()), fillvalue=" ")
    runs = (list(run) for blank, run in groupby(characters, (" ", " ").__eq__) if not blank)
    return [("".join(said).strip(), "".join(heard).strip()) for said, heard in (zip(*run, strict=True) for run in runs)]


def side_by_side(said: list[str], heard: list[str]) -> list[Column]:
    """Align two sequences of phones with as few differences as can be; with substitutions alone, if that is as few."""
    from rapidfuzz.distance import Levenshtein  # a training imports languages, for their marks alone

    if len(said) == len(heard) and sum(map(str.__ne__, said, heard)) == Levenshtein.distance(said, heard):
        return list(zip(said, heard, strict=True))
    pairs = []
    for edit in Levenshtein.opcodes(said, heard):  # both of one length, or one of them empty
        one, other = said[edit.src_start : edit.src_end], heard[edit.dest_start : edit.dest_end]
        pairs += zip_longest(one, other, fillvalue="")
    return pairs


def differences(pairs: list[Column], same: list[bool], remedy: str) -> str:
    """Name the differences and the remedy in one line, and show both sides in two, what differs in brackets."""
    named, said_line, heard_line, position = [], [], [], 1
    for equal, run in groupby(zip(same, pairs, strict=True), itemgetter(0)):
        said, heard = zip(*(column for _, column in run), strict=True)
        one, other = (" ".join(filter(None, side)) for side in (said, heard))
        if not equal:
            named.append(f"{one or 'nothing'} / {other or 'nothing'} at phone {position}")
        position += len(said) - said.count("")
        widths = [max(map(len, column)) for column in zip(said, heard, strict=True)]
        for line, side in ((said_line, said), (heard_line, heard)):
            cells = " ".join(map(str.ljust, side, widths))
            line.append(cells if equal else f"[{cells}]")
    more = f" and {len(named) - 3} more" if len(named) > 3 else ""
    return (
        f"text and recording have different phones: {', '.join(named[:3])}{more} ({remedy})\n"
        f"text:      {' '.join(said_line)}\nrecording: {' '.join(heard_line)}"
    )
