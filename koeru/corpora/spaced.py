"""Texts whose words stand apart, in a language that is written without spaces."""

from __future__ import annotations

import re

LATIN = "0-9A-Za-z０-９Ａ-Ｚａ-ｚ"
BETWEEN = re.compile(rf"(?<![{LATIN}])\s+|\s+(?![{LATIN}])")


def joined(text: str) -> str:
    """The text without the spaces between its words, but for those between words in Latin letters or digits."""
    return BETWEEN.sub("", text)
