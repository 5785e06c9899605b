"""Does a voice do as it is told? Its mean F0 as every speaker in every emotion, beside that of the corpus."""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from koeru.data.records import Labelled
from koeru.report.measurement import Metric, Quantity
from koeru.report.metrics import CENTS

if TYPE_CHECKING:
    from koeru.families.acoustic.voice import Voice

TEXTS = 12
DRAWS = 4  # of every text, where prosody is drawn
MARGIN_CENTS = 50.0  # groups that differ by less in the corpus have no order there
ROWS = 32  # utterances spoken at once

Who = tuple[str, str]  # speaker, emotion
ORDERS = {
    kind: Quantity(
        f"{kind}_order",
        f"Order of {kind}s",
        digits=2,
        better="higher",
        about=f"Share of pairs of {kind}s, with the same {same}, whose mean F0 is ordered as in the corpus.",
    )
    for kind, same in (("emotion", "speaker"), ("speaker", "emotion"))
}


@dataclass
class MeanF0:
    """The mean of log F0 over frames, for every speaker in every emotion."""

    _sums: dict[Who, list[float]] = field(default_factory=dict)  # of log F0, of frames

    def add(self, group: Who, log_f0: np.ndarray, counted: np.ndarray) -> None:
        """Take in the frames of log F0 (T,), natural log of Hz, that count (T,)."""
        values = np.asarray(log_f0, dtype=np.float64)[np.asarray(counted, dtype=bool)]
        if len(values):
            total, frames = self._sums.get(group, (0.0, 0))
            self._sums[group] = [total + float(values.sum()), frames + len(values)]

    @property
    def log_hz(self) -> dict[Who, float]:
        """Who -> the mean, natural log of Hz."""
        return {group: total / frames for group, (total, frames) in sorted(self._sums.items())}


@dataclass(frozen=True)
class Comparison:
    """Two groups that differ in their emotion or in their speaker alone, and how much higher the second one is."""

    lower: Who  # in the corpus
    higher: Who
    corpus_cents: float
    voice_cents: float

    @property
    def kept(self) -> bool:
        """Whether the voice orders them as the corpus does."""
        return self.voice_cents > 0


def texts(records: Iterable[Labelled]) -> list[Labelled]:
    """Some held-out utterances whose texts differ, in the order of a hash of the id: the same ones at every call."""
    by_text: dict[str, Labelled] = {}
    for record in sorted(records, key=lambda record: hashlib.sha256(record["id"].encode()).digest()):
        by_text.setdefault(record["text"], record)
    return list(by_text.values())[:TEXTS]


def spoken(
    voice: Voice, records: Sequence[Labelled], groups: Sequence[Who], vowels: Container[str], *, temperature: float
) -> MeanF0:
    """The voice's mean F0 as it says some texts as every group, with its own durations, over the frames of vowels."""
    means = MeanF0()
    for record in records:
        asked = [record | {"speaker": speaker, "emotion": emotion} for speaker, emotion in groups]
        voiced = [phone in vowels and not off for phone, off in zip(record["phones"], record["devoiced"], strict=True)]
        for draw in range(DRAWS if voice.draws_prosody else 1):
            for start in range(0, len(asked), ROWS):
                rows = asked[start : start + ROWS]
                answers = voice.contours(rows, temperature=temperature, seed=draw)
                for row, answer in zip(rows, answers, strict=True):
                    counted = np.repeat(voiced, answer.durations)
                    means.add((row["speaker"], row["emotion"]), answer.frame_log_f0, counted)
    return means


def comparisons(corpus: Mapping[Who, float], voice: Mapping[Who, float], kind: str) -> list[Comparison]:
    """All pairs of groups that differ in "emotion" or in "speaker" alone, and in the corpus by more than the margin."""
    changed = 1 if kind == "emotion" else 0
    found = []
    for pair in combinations(sorted(corpus.keys() & voice.keys()), 2):
        lower, higher = sorted(pair, key=lambda group: corpus[group])
        distance = CENTS * (corpus[higher] - corpus[lower])
        if lower[1 - changed] == higher[1 - changed] and distance > MARGIN_CENTS:
            found.append(Comparison(lower, higher, distance, CENTS * (voice[higher] - voice[lower])))
    return found


def control(
    voice: Voice, records: Iterable[Labelled], corpus: MeanF0, vowels: Container[str], *, temperature: float
) -> dict[str, Any] | None:
    """What control.json holds: the mean F0 of every group in the corpus and in the voice, in Hz, and their comparisons.

    `order` is the share of comparisons that the voice orders as the corpus does, by kind. Only kinds that the voice is
    told of, and that the corpus has a comparison of; None where that is none. `records` are held-out utterances,
    `vowels` those of their language.
    """
    natural = corpus.log_hz
    kinds = [kind for kind in voice.controls if comparisons(natural, natural, kind)]
    if not kinds:
        return None
    said = texts(records)
    own = spoken(voice, said, list(natural), vowels, temperature=temperature).log_hz
    # texts without a voiced vowel say nothing of F0
    found = {kind: pairs for kind in kinds if (pairs := comparisons(natural, own, kind))}
    if not found:
        return None
    return {
        "order": {kind: sum(one.kept for one in pairs) / len(pairs) for kind, pairs in found.items()},
        "margin_cents": MARGIN_CENTS,
        "texts": [record["id"] for record in said],
        "groups": [
            {
                "speaker": group[0],
                "emotion": group[1],
                "corpus_hz": float(np.exp(natural[group])),
                "voice_hz": float(np.exp(own[group])),
            }
            for group in own
        ],
        "comparisons": {kind: [vars(one) | {"kept": one.kept} for one in pairs] for kind, pairs in found.items()},
    }


def orders(content: Mapping[str, Any]) -> list[Metric]:
    """The metrics of a control.json, of what the voice is told and the corpus tells apart."""
    return [ORDERS[kind].valued(share) for kind, share in content["order"].items()]
