"""What the stand-in corpus says: the written dialogues, a prefix of them, or many more."""

import itertools
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import yaml

from koeru.stand_in import expand

DIALOGUES = Path(__file__).with_name("dialogues.yaml")
SPEAKERS = ("Teacher", "MStudent", "FStudent")
MORAS_PER_SECOND, SILENCE_S = 7.6, 0.58  # of the voice Mei, measured; silence: at both ends together


class Line(NamedTuple):
    """One line of a dialogue: who says what, and how."""

    speaker: str
    emotion: str
    text: str


Dialogue = tuple[Line, ...]


@cache
def written() -> tuple[Dialogue, ...]:
    """The dialogues of dialogues.yaml."""
    dialogues = yaml.safe_load(DIALOGUES.read_text("utf-8"))
    return tuple(tuple(Line(*row) for row in dialogue) for dialogue in dialogues)


def plan(minutes: float | None = None, seed: int = 0) -> tuple[Dialogue, ...]:
    """The dialogues of a corpus of about `minutes` of speech; None means the written ones.

    Fewer minutes give a prefix of whole dialogues with every speaker in it, more minutes add dialogues made
    from templates by `seed`. No sentence occurs twice. The length is estimated from the text alone.
    """
    if minutes is None:
        return written()
    if not minutes > 0:
        raise ValueError(f"minutes: {minutes} is not a length of time; give a positive number")
    seconds, speakers, chosen = 0.0, set(), []
    for dialogue in _all(seed):
        if seconds >= 60 * minutes and speakers.issuperset(SPEAKERS):
            break
        chosen.append(dialogue)
        seconds += sum(estimate_s(row.text) for row in dialogue)
        speakers.update(row.speaker for row in dialogue)
    return tuple(chosen)


def estimate_s(text: str) -> float:
    """About how many seconds the voice needs for a sentence: a kanji counts as two moras, a pause as two."""
    moras = sum(2.0 if "一" <= letter <= "龠" or letter == "、" else 1.0 for letter in text.strip("。！？"))
    return moras / MORAS_PER_SECOND + SILENCE_S


def _all(seed: int) -> Iterator[Dialogue]:
    taken = frozenset(row.text for dialogue in written() for row in dialogue)
    more = (tuple(Line(*row) for row in dialogue) for dialogue in expand.dialogues(seed, taken))
    return itertools.chain(written(), more)
