"""Which utterance is in which split: the file splits.json, one utterance a line, and that as a table in memory."""

from __future__ import annotations

import json
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Self

import numpy as np

from koeru.data.splits import SPLITS, hash_of
from koeru.graph.store import replacing


class SplitTable:
    """The split of an utterance by its id, in nine bytes an utterance: of an id it knows the hash.

    Errors: ValueError where two utterances of unlike splits have one.
    """

    def __init__(self, splits: Iterable[tuple[str, str]]) -> None:
        hashes, codes = array("Q"), bytearray()
        for utterance, split in splits:
            hashes.append(hash_of(utterance))
            codes.append(SPLITS.index(split))
        order = np.argsort(np.frombuffer(hashes, np.uint64) if hashes else np.zeros(0, np.uint64))
        ordered = np.array(hashes, np.uint64)[order]
        self._codes = np.array(codes, np.uint8)[order].tobytes()
        if ((np.diff(ordered) == 0) & (np.diff(np.frombuffer(self._codes, np.int8)) != 0)).any():
            raise ValueError("splits: two utterances of unlike splits have ids of one hash; rename an utterance")
        self._hashes = array("Q", ordered.tobytes())

    @classmethod
    def read(cls, path: Path) -> Self:
        """The table of a file that `write_splits` wrote."""
        return cls(_lines(path))

    def __len__(self) -> int:
        return len(self._hashes)

    def sizes(self) -> dict[str, int]:
        """How many utterances are in each split."""
        return {split: self._codes.count(code) for code, split in enumerate(SPLITS)}

    def __getitem__(self, utterance: str) -> str:
        own = hash_of(utterance)
        at = bisect_left(self._hashes, own)
        if at == len(self._hashes) or self._hashes[at] != own:
            raise KeyError(f"{utterance} is in no split")
        return SPLITS[self._codes[at]]


def write_splits(path: Path, splits: Iterable[tuple[str, str]]) -> None:
    """Write the splits of utterances, (id, split), as a JSON object with one of them a line."""
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8") as file:
        file.write("{")
        for number, (utterance, split) in enumerate(splits):
            file.write(f"{',' if number else ''}\n {json.dumps(utterance, ensure_ascii=False)}: {json.dumps(split)}")
        file.write("\n}\n")


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    with path.open(encoding="utf-8") as file:
        try:
            for line in file:
                if (told := line.strip().rstrip(",")) not in ("{", "}"):
                    yield from json.loads(f"{{{told}}}").items()
        except json.JSONDecodeError as error:
            raise ValueError(f"{path} is not valid ({error}); delete it and its node.json, and run again") from error
