"""A rule of writing: what is written otherwise than it is spoken."""

import re
from collections.abc import Callable
from typing import NamedTuple

Spoken = str | Callable[[re.Match[str]], str]


class Rule(NamedTuple):
    """A kind of writing, what it looks like, and what is spoken; `word` is the one that it reads, if it is of one."""

    name: str
    pattern: re.Pattern[str]
    spoken: Spoken
    word: str = ""


def rule(name: str, pattern: str, spoken: Spoken, word: str = "") -> Rule:
    """A rule, of a pattern as it is written."""
    return Rule(name, re.compile(pattern), spoken, word)
