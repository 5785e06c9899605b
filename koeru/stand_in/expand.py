"""More dialogues than anyone has written: sentences from templates, none of them twice."""

import random
from collections.abc import Iterator, Set
from functools import cache
from pathlib import Path
from string import Formatter

import yaml

TEMPLATES = Path(__file__).with_name("templates.yaml")
STUDENTS = ("MStudent", "FStudent")
EMOTIONS = ("Normal", "Happy", "Normal", "Sad", "Angry")  # in every five rows that follow each other


def dialogues(seed: int, taken: Set[str] = frozenset()) -> Iterator[list[tuple[str, str, str]]]:
    """Dialogues of rows (speaker, emotion, text) without end: no sentence twice, none of those in `taken`.

    The same seed gives the same dialogues, however many of them are used. The templates hold millions of
    sentences: enough for more than a thousand hours.
    """
    chance, taken = random.Random(seed), set(taken)
    while True:
        for student in STUDENTS:
            speakers = chance.sample(["Teacher", student], 2)
            emotions = chance.sample(EMOTIONS, len(EMOTIONS)) * 2
            texts = [_sentence(emotion, chance, taken) for emotion in emotions[: chance.randint(4, 8)]]
            yield [(speakers[row % 2], emotions[row], text) for row, text in enumerate(texts)]


def _sentence(emotion: str, chance: random.Random, taken: set[str]) -> str:
    """A sentence that is not in `taken`, to which it is added."""
    templates, words = _grammar()
    while True:
        template = chance.choice(templates[emotion])
        slots = [slot for _, slot, _, _ in Formatter().parse(template) if slot]
        text = template.format(**{slot: chance.choice(words[slot]) for slot in slots})
        if text not in taken:
            taken.add(text)
            return text


@cache
def _grammar() -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """The templates of every emotion, and the words for every slot."""
    grammar = yaml.safe_load(TEMPLATES.read_text("utf-8"))
    return grammar["templates"], {slot: words.split() for slot, words in grammar["words"].items()}
