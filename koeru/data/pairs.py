"""Parallel utterances: one sentence of two speakers, for voice conversion.

Two utterances are a pair if the corpora give them the same name and emotion, their texts are one sentence, both are in
one split, and neither lasts too many times as long as the other. What is in no pair is accounted for on each side, with
a reason. Names alone prove nothing: two corpora may number their sentences differently.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

from koeru.config.nearest import nearest
from koeru.data.alike import Alike
from koeru.data.splits import SplitOf
from koeru.graph.store import Excluded
from koeru.jobs.readings import Known
from koeru.jobs.stage import check_account

Key = tuple[str, str]  # the name of a sentence, an emotion


@dataclass(frozen=True, slots=True)
class Spoken:
    """An utterance, as much of it as pairing needs; `seconds` do not count the silence that was trimmed."""

    id: str
    name: str
    speaker: str
    emotion: str
    split: str
    seconds: float
    text: str  # "": nobody has written down what is said
    kana: str = ""
    correction: str = ""

    @property
    def said(self) -> Known:
        """What is known of how it is read."""
        return Known(self.text, self.kana, self.correction)

    @property
    def key(self) -> Key:
        """What a partner must have as well."""
        return self.name, self.emotion


@dataclass(frozen=True, slots=True)
class Pair:
    """Two utterances by their ids; `ratio` is source_seconds / target_seconds.

    `similarity` is how alike their texts are, from 0 to 1; None where one has no text: nobody has compared them.
    """

    id: str
    source: str
    target: str
    name: str
    split: str
    ratio: float
    source_seconds: float
    target_seconds: float
    similarity: float | None


@dataclass(frozen=True)
class Limits:
    """What two utterances of one name must have in common: the leaves `pairs` of those names."""

    max_duration_ratio: float
    min_text_similarity: float


@dataclass(frozen=True)
class Couple:
    """What became of the utterances of two speakers: pairs, and of each side how many came in and what was left out."""

    source: str
    target: str
    pairs: Sequence[Pair]
    source_in: int
    target_in: int
    source_excluded: Sequence[Excluded]
    target_excluded: Sequence[Excluded]

    def account(self) -> dict[str, Any]:
        """The figures: on each side, in = pairs + excluded."""
        return {
            "source": self.source,
            "target": self.target,
            "pairs": len(self.pairs),
            "source_in": self.source_in,
            "target_in": self.target_in,
            "source_excluded": dict(Counter(e.reason for e in self.source_excluded).most_common()),
            "target_excluded": dict(Counter(e.reason for e in self.target_excluded).most_common()),
        }


def spoken(segments: Iterable[Mapping[str, Any]], splits: SplitOf, said: Mapping[str, Known]) -> list[Spoken]:
    """The utterances of some segments' records; one that was split counts with the seconds of all its segments.

    `said` is what is known of the utterances, by id.
    """
    found: dict[str, Spoken] = {}
    for record in segments:
        name, seconds = record["utterance"], record["seconds"]
        if name in found:
            found[name] = replace(found[name], seconds=found[name].seconds + seconds)
        else:
            # Interned, as many utterances share them: speakers who are paired say the same.
            who = map(sys.intern, (record["name"], record["speaker"], record["emotion"]))
            texts = map(sys.intern, (said[name].text, said[name].kana, said[name].correction))
            found[name] = Spoken(name, *who, splits[name], seconds, *texts)
    return list(found.values())


def expand(wanted: Iterable[Sequence[str]], speakers: Sequence[str]) -> list[tuple[str, str]]:
    """[source, target] names or patterns as couples of speakers, each once; nobody is coupled with himself.

    Raises ValueError where a pattern matches nobody, or a source and a target are one and the same speaker only.
    """
    found: dict[tuple[str, str], None] = {}
    for patterns in wanted:
        sources, targets = ([s for s in speakers if fnmatchcase(s, pattern)] for pattern in patterns)
        for pattern, matched in zip(patterns, (sources, targets), strict=True):
            if not matched:
                raise ValueError(f"pairs.speakers: {pattern!r} matches no speaker{nearest(pattern, speakers)}")
        couples = [(source, target) for source in sources for target in targets if source != target]
        if not couples:
            raise ValueError(f"pairs.speakers: {list(patterns)} pairs {sources[0]} with nobody else; name two speakers")
        found |= dict.fromkeys(couples)
    return list(found)


def paired(
    utterances: Iterable[Spoken], couples: Iterable[tuple[str, str]], limits: Limits, alike: Alike
) -> Iterator[Couple]:
    """The pairs of each couple of speakers, [source, target], with a closed account of both sides.

    `alike` compares what two of them say (`koeru.data.alike`).

    Where a speaker has a name twice in one emotion, none of these utterances is paired: which of them belongs to the
    other's is not known. Raises ValueError where two pairs would have one id.
    """
    sides: dict[str, dict[Key, list[Spoken]]] = defaultdict(lambda: defaultdict(list))
    for utterance in utterances:
        sides[utterance.speaker][utterance.key].append(utterance)
    taken: set[str] = set()
    for source, target in couples:
        couple = _couple(source, target, sides[source], sides[target], limits, alike)
        _check(couple, sides[source], sides[target])
        for pair in couple.pairs:
            if pair.id in taken:
                raise ValueError(f"two pairs would have the id {pair.id}: rename a speaker, or leave one of them out")
            taken.add(pair.id)
        yield couple


def _couple(
    source: str,
    target: str,
    ours: Mapping[Key, list[Spoken]],
    theirs: Mapping[Key, list[Spoken]],
    limits: Limits,
    alike: Alike,
) -> Couple:
    pairs: list[Pair] = []
    excluded: tuple[list[Excluded], list[Excluded]] = [], []
    emotions = Counter(name for name, _ in ours.keys() & theirs.keys())
    for key in sorted(ours.keys() | theirs.keys()):
        sides = ours.get(key, []), theirs.get(key, [])
        if found := _lonely(*sides) or _unlike(sides[0][0], sides[1][0], limits, alike):
            for out, side in zip(excluded, sides, strict=True):
                out += [Excluded(u.id, *found, u.seconds, u.speaker, u.emotion) for u in side]
        else:
            (own,), (other,) = sides
            mark = f"_{own.emotion}" if emotions[own.name] > 1 else ""
            pairs.append(_pair(f"{source}_{target}_{own.name}{mark}", own, other, alike))
    counts = (sum(map(len, side.values())) for side in (ours, theirs))
    return Couple(source, target, pairs, *counts, *excluded)


def _pair(name: str, own: Spoken, other: Spoken, alike: Alike) -> Pair:
    seconds = (round(own.seconds, 3), round(other.seconds, 3))
    ratio, similarity = round(own.seconds / other.seconds, 4), alike(own.said, other.said)
    return Pair(name, own.id, other.id, own.name, own.split, ratio, *seconds, similarity)


def _lonely(ours: Sequence[Spoken], theirs: Sequence[Spoken]) -> tuple[str, str] | None:
    """Reason and detail why the utterances of one name and emotion are not one on each side; None if they are."""
    name, emotion = (*ours, *theirs)[0].key
    if not ours or not theirs:
        return "no partner", f"the other speaker has no {name} in {emotion}"
    if len(ours) > 1 or len(theirs) > 1:
        ids = ", ".join(u.id for u in (*ours, *theirs))
        return "duplicate name", f"{name} in {emotion} stands for several utterances of a speaker: {ids}; drop some"
    return None


def _unlike(own: Spoken, other: Spoken, limits: Limits, alike: Alike) -> tuple[str, str] | None:
    """Reason and detail why two utterances of one name and emotion are no pair; None if they are."""
    similarity = alike(own.said, other.said)
    if similarity is not None and similarity < limits.min_text_similarity:
        texts = f"{own.id} says {own.text!r}, {other.id} {other.text!r}"
        least = f"pairs.min_text_similarity {limits.min_text_similarity:g}"
        return "different sentences", f"{texts}: {similarity:.2f} alike is less than {least}"
    if own.split != other.split:
        words = "the corpora write the sentence differently, or it is part of different dialogues"
        return "different splits", f"{own.id} is in {own.split}, {other.id} in {other.split}: {words}"
    ratio = max(own.seconds, other.seconds) / min(own.seconds, other.seconds)
    if ratio > limits.max_duration_ratio:
        lasts = f"{own.id} lasts {own.seconds:.2f} s, {other.id} {other.seconds:.2f} s"
        return (
            "duration ratio",
            f"{lasts}: {ratio:.2f} is more than pairs.max_duration_ratio {limits.max_duration_ratio:g}",
        )
    return None


def _check(couple: Couple, ours: Mapping[Key, list[Spoken]], theirs: Mapping[Key, list[Spoken]]) -> None:
    """Raise ValueError unless every utterance of both speakers is in a pair or excluded."""
    where = f"pairs of {couple.source} and {couple.target}"
    for side, came_out, excluded in (
        (ours, (pair.source for pair in couple.pairs), couple.source_excluded),
        (theirs, (pair.target for pair in couple.pairs), couple.target_excluded),
    ):
        check_account(where, (u.id for found in side.values() for u in found), came_out, excluded)
