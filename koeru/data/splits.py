"""Who is trained on and who is held out: a pure function of ids and sentences."""

from __future__ import annotations

import hashlib
import unicodedata
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

SPLITS = ("train", "dev", "eval")
Record = Mapping[str, Any]  # of an utterance: id, name, dialogue, text, speaker and emotion


class SplitOf(Protocol):
    """What tells the split of an utterance by its id, as a dictionary does, or a `split_table.SplitTable`."""

    def __getitem__(self, utterance: str, /) -> str: ...


def sentence_of(text: str) -> str:
    """A sentence as it is compared: NFKC, without spaces, punctuation and symbols (Unicode categories P and S).

    Corpora write the same sentence with a full stop and without. A text of nothing else keeps its marks.
    """
    written = "".join(unicodedata.normalize("NFKC", text).split())
    return "".join(letter for letter in written if unicodedata.category(letter)[0] not in "PS") or written


def hash_of(name: str) -> int:
    """A hash of 64 bits. Of ten million names, some two have the same once in 400,000 datasets."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")


def assign(utterances: Iterable[Record], dev: float, eval_: float) -> Iterator[tuple[str, str]]:
    """The id and the split of every utterance; they are gone through twice, and none is kept.

    Utterances are kept together by dialogue (by sentence, where there is none, and by name, where there is no text
    either), and dialogues that share a sentence count as one group. A group's split follows from a hash of its names,
    so it does not depend on file order, and adding data moves nobody (except groups that a new shared sentence joins).
    `dev` and `eval_` are shares of the hash's range. Raises ValueError after the last when a split would be empty.
    """
    groups = _Groups(utterances)
    filled: set[str] = set()
    for utterance in utterances:
        place = groups.hash_of(utterance) / 2**64
        split = "eval" if place < eval_ else "dev" if place < eval_ + dev else "train"
        filled.add(split)
        yield utterance["id"], split
    if empty := [split for split in SPLITS if split not in filled]:
        raise ValueError(_empty_words(empty, utterances, groups, dev, eval_))


def nothing_left(split: str) -> str:
    """What to tell where something is wanted of a split, and exclusions have emptied it."""
    return (
        f"no utterance of the {split} split is left: see in the quality page of the dataset, or in the logs of its "
        "stages, why they were excluded, and mend them; or change splits.dev and splits.eval of the spk"
    )


def leaked(utterances: Iterable[Record], splits: SplitOf) -> list[str]:
    """Sentences that occur both in training and in a held-out split: there must be none."""
    trained, held_out = array("Q"), array("Q")
    for utterance in (u for u in utterances if u["text"]):
        where = trained if splits[utterance["id"]] == "train" else held_out
        where.append(hash_of(sentence_of(utterance["text"])))
    return _named(utterances, set(np.intersect1d(trained, held_out).tolist()))


def warnings(utterances: Iterable[Record], splits: SplitOf) -> list[str]:
    """Speakers and emotions that a split lacks."""
    kinds = ("speaker", "emotion")
    found = {(kind, utterance[kind], splits[utterance["id"]]) for utterance in utterances for kind in kinds}
    return [
        f"the {split} split has no utterance of {kind} {name}"
        for kind in kinds
        for split in SPLITS
        for name in sorted({name for its_kind, name, _ in found if its_kind == kind})
        if (kind, name, split) not in found
    ]


def _dialogue(utterance: Record) -> str:
    if utterance.get("dialogue"):
        return utterance["dialogue"]
    return f"sentence:{sentence_of(utterance['text'])}" if utterance["text"] else f"name:{utterance['name']}"


def _said(utterance: Record) -> str:
    """What joins dialogues: a sentence; where there is no text, what no other dialogue says."""
    return sentence_of(utterance["text"]) if utterance["text"] else f"dialogue:{_dialogue(utterance)}"


class _Groups:
    """Dialogues that sentences join. A group's hash is the smallest of its dialogues'."""

    def __init__(self, utterances: Iterable[Record]) -> None:
        dialogues, sentences = array("Q"), array("Q")
        for utterance in utterances:
            dialogues.append(hash_of(_dialogue(utterance)))
            sentences.append(hash_of(_said(utterance)))
        # (D,) and (S,) in the order of their hashes, and by number those of every utterance (N,)
        self.dialogues, self.of_dialogue = np.unique(np.array(dialogues), return_inverse=True)
        self.sentences, self.of_sentence = np.unique(np.array(sentences), return_inverse=True)
        self.first = _joined(self.of_dialogue, self.of_sentence)  # (D,), the first dialogue of each one's group
        self._hashes = array("Q", self.dialogues.tobytes())

    def hash_of(self, utterance: Record) -> int:
        """The hash of the group of an utterance."""
        return self._hashes[self.first[bisect_left(self._hashes, hash_of(_dialogue(utterance)))]]


def _joined(dialogues: NDArray[np.int64], sentences: NDArray[np.int64]) -> NDArray[np.int64]:
    """The first dialogue (D,) of each one's group, from who says what: dialogues (N,) and sentences (N,) by number."""
    first = np.arange(dialogues.max(initial=-1) + 1)
    while True:
        of_sentence = np.full(sentences.max(initial=-1) + 1, len(first))
        np.minimum.at(of_sentence, sentences, first[dialogues])
        joined = first.copy()
        np.minimum.at(joined, dialogues, of_sentence[sentences])
        joined = joined[joined]  # a group that was found at one end is told at the other
        if (joined == first).all():
            return first
        first = joined


def _named(utterances: Iterable[Record], hashes: Container[int]) -> list[str]:
    """The sentences that have these hashes, in order."""
    if not hashes:
        return []
    return sorted({s for s in (sentence_of(u["text"]) for u in utterances) if hash_of(s) in hashes})


def _empty_words(empty: Sequence[str], utterances: Iterable[Record], groups: _Groups, dev: float, eval_: float) -> str:
    sizes = np.bincount(groups.first)
    said = np.unique([groups.of_sentence, groups.of_dialogue], axis=1)[0]
    shared = Counter(said.tolist()).most_common(3)
    often = {int(groups.sentences[number]): n for number, n in shared if n > 1}
    named = sorted(_named(utterances, often), key=lambda sentence: -often[hash_of(sentence)])
    told = ", ".join(f"「{sentence}」 ({often[hash_of(sentence)]} dialogues)" for sentence in named)
    joined = f" Sentences that join dialogues: {told}." if told else ""
    raised = " and ".join(f"splits.{split}" for split in empty)
    remedy = "Lower splits.dev or splits.eval" if "train" in empty else f"Raise {raised}"
    return (
        f"the split {' and '.join(empty)} is empty: {len(groups.first)} dialogues form {np.count_nonzero(sizes)} "
        f"groups, the largest of {sizes.max(initial=0)}, and splits.dev is {dev:g}, splits.eval {eval_:g}.{joined} "
        f"{remedy}, or add data."
    )
