"""Who is trained on and who is held out: a pure function of ids and sentences."""

from __future__ import annotations

import hashlib
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

SPLITS = ("train", "dev", "eval")
_NEEDED = ("id", "dialogue", "text", "speaker", "emotion")


def needed(record: Mapping[str, Any]) -> dict[str, str]:
    """What the functions below need of an utterance's record, so that nobody has to keep the whole of it."""
    names = _NEEDED if record["text"] else (*_NEEDED, "name")
    return {name: sys.intern(record[name]) for name in names}


def sentence_of(text: str) -> str:
    """A sentence as it is compared: NFKC, without spaces, punctuation and symbols (Unicode categories P and S).

    Corpora write the same sentence with a full stop and without. A text of nothing else keeps its marks.
    """
    written = "".join(unicodedata.normalize("NFKC", text).split())
    return "".join(letter for letter in written if unicodedata.category(letter)[0] not in "PS") or written


def assign(utterances: Sequence[Mapping[str, Any]], dev: float, eval_: float) -> dict[str, str]:
    """The split of every utterance id.

    Utterances (records with id, dialogue and text) are kept together by dialogue (by sentence, where there is none, and
    by name, where there is no text either), and dialogues that share a sentence count as one group. A group's split
    follows from a hash of its names, so it does not depend on file order, and adding data moves nobody (except groups
    that a new shared sentence joins).
    `dev` and `eval_` are shares of the hash's range. Raises ValueError when a split would be empty.
    """
    groups = _groups(utterances)
    found = {}
    for utterance in utterances:
        place = _fraction(groups[_dialogue(utterance)])
        found[utterance["id"]] = "eval" if place < eval_ else "dev" if place < eval_ + dev else "train"
    empty = [s for s in SPLITS if s not in found.values()]
    if empty:
        raise ValueError(_empty_words(empty, utterances, groups, dev, eval_))
    return found


def nothing_left(split: str) -> str:
    """What to tell where something is wanted of a split, and exclusions have emptied it."""
    return (
        f"no utterance of the {split} split is left: see in the quality page of the dataset, or in the logs of its "
        "stages, why they were excluded, and mend them; or change splits.dev and splits.eval of the spk"
    )


def leaked(utterances: Iterable[Mapping[str, Any]], splits: Mapping[str, str]) -> list[str]:
    """Sentences that occur both in training and in a held-out split: there must be none."""
    where: dict[str, set[str]] = defaultdict(set)
    for utterance in (u for u in utterances if u["text"]):
        where[sentence_of(utterance["text"])].add(splits[utterance["id"]])
    return sorted(s for s, found in where.items() if "train" in found and len(found) > 1)


def warnings(utterances: Sequence[Mapping[str, Any]], splits: Mapping[str, str]) -> list[str]:
    """Speakers and emotions that a split lacks."""
    found = []
    for kind in ("speaker", "emotion"):
        everything = {u[kind] for u in utterances}
        for split in SPLITS:
            missing = everything - {u[kind] for u in utterances if splits[u["id"]] == split}
            found += [f"the {split} split has no utterance of {kind} {name}" for name in sorted(missing)]
    return found


def _dialogue(utterance: Mapping[str, Any]) -> str:
    said = f"sentence:{sentence_of(utterance['text'])}" if utterance["text"] else f"name:{utterance['name']}"
    return utterance.get("dialogue") or said


def _groups(utterances: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Dialogue -> name of its group: the dialogue of the group with the smallest hash (union-find)."""
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    first_with: dict[str, str] = {}
    for utterance in utterances:
        dialogue = _dialogue(utterance)
        parent.setdefault(dialogue, dialogue)
        other = first_with.setdefault(sentence_of(utterance["text"]), dialogue) if utterance["text"] else dialogue
        low, high = sorted((root(dialogue), root(other)), key=_fraction)
        parent[high] = low
    return {dialogue: root(dialogue) for dialogue in parent}


def _fraction(name: str) -> float:
    """A hash of a name in [0, 1)."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") / 2**64


def _empty_words(
    empty: Sequence[str],
    utterances: Sequence[Mapping[str, Any]],
    groups: Mapping[str, str],
    dev: float,
    eval_: float,
) -> str:
    sizes = Counter(groups.values())
    largest = sizes.most_common(1)[0][1] if sizes else 0
    shared = Counter(s for s, _ in {(sentence_of(u["text"]), _dialogue(u)) for u in utterances if u["text"]})
    often = ", ".join(f"「{s}」 ({n} dialogues)" for s, n in shared.most_common(3) if n > 1)
    joined = f" Sentences that join dialogues: {often}." if often else ""
    raised = " and ".join(f"splits.{split}" for split in empty)
    remedy = "Lower splits.dev or splits.eval" if "train" in empty else f"Raise {raised}"
    return (
        f"the split {' and '.join(empty)} is empty: {len(groups)} dialogues form {len(sizes)} groups, the largest of "
        f"{largest}, and splits.dev is {dev:g}, splits.eval {eval_:g}.{joined} "
        f"{remedy}, or add data."
    )
