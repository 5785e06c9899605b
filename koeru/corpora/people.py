"""What a corpus tells of those who speak in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from koeru.corpora.delivered import Delivered
from koeru.corpora.transcripts import content, numbered
from koeru.graph.store import Excluded

SEXES = {"f": "female", "female": "female", "m": "male", "male": "male"}


@dataclass(frozen=True, slots=True)
class Person:
    """Who speaks, in the corpus's own words but for the sex, which is female or male; "" is not told."""

    sex: str = ""
    age: str = ""
    accent: str = ""


def sex(written: str) -> str:
    """What a corpus calls F, M, Female, male …; "" for anything else."""
    return SEXES.get(written.strip().lower(), "")


def table(delivered: Delivered, path: str) -> Iterator[list[str]]:
    """The fields of the rows of a file about speakers, at least two in each; none where there is no such file.

    Raises ValueError where the file cannot be read.
    """
    if not (delivered.root / path).is_file():
        return
    text, said = content(delivered, path)
    if isinstance(said, Excluded):
        raise ValueError(said.detail)
    for _, line in numbered(text, path):
        fields = line.split()
        if len(fields) > 1 and not line.startswith("#"):
            yield fields
