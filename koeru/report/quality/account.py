"""The account of a dataset: of every stage what came in, what is kept and why the rest is not; by speaker and split."""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from dataclasses import dataclass, field

import numpy as np

from koeru.data.splits import SPLITS, SplitOf, hash_of, sentence_of
from koeru.graph.stages import DATA_STAGES
from koeru.graph.store import Excluded, Record
from koeru.report.quality.dataset import LISTED, Exclusion, Group, Reason, Split, StageAccount
from koeru.report.quality.shards import COUNTED, Shard
from koeru.report.quality.tables import EXCLUDED, AddRow, list_of
from koeru.report.quality.voices import shared_sentences

Who = tuple[str, str]  # speaker, emotion
TIMED = tuple(stage for stage in COUNTED if stage not in ("utterances", "wav"))  # those that know what came in


@dataclass
class Tally:
    """One stage, counted; seconds of speech."""

    entered: int = 0
    seconds_in: float = 0.0
    pieces: int = 0
    seconds_out: float = 0.0
    reasons: Counter[str] = field(default_factory=Counter)
    lost_s: Counter[str] = field(default_factory=Counter)
    untimed: set[str] = field(default_factory=set)  # reasons of exclusions whose seconds nobody knows

    def add(self, stage: str, shard: Shard) -> None:
        """Count a shard."""
        self.entered += shard.entered(stage)
        self.pieces += len(shard.records(stage))
        if stage in TIMED:
            self.seconds_in += _seconds(shard.records(DATA_STAGES[stage].source))
        if stage != "utterances":
            self.seconds_out += _seconds(shard.records(stage))
        for lost in shard.excluded(stage):
            self.reasons[lost.reason] += 1
            self.lost_s[lost.reason] += lost.seconds or 0.0
            if lost.seconds is None:
                self.untimed.add(lost.reason)

    def account(self, stage: str) -> StageAccount:
        """What the page shows of it."""
        excluded = self.reasons.total()
        timed = stage in TIMED
        trimmed = self.seconds_in - self.seconds_out - self.lost_s.total() if stage == "segments" else 0.0
        return StageAccount(
            stage,
            self.entered,
            self.entered - excluded,
            self.seconds_in if timed else None,
            self.seconds_out if stage != "utterances" else None,
            trimmed,
            [Reason(r, n, None if r in self.untimed else self.lost_s[r]) for r, n in self.reasons.most_common()],
            unit="utterances" if stage in ("utterances", "wav", "segments") else "segments",
            made=f"{self.pieces} segments" if stage == "segments" else "",
        )


def _hashes() -> dict[str, array[int]]:
    return {split: array("Q") for split in SPLITS}


@dataclass
class Account:
    """Everything counted; `splits` says of every utterance in which split it is. Shards are added one by one.

    What has a row an utterance goes to `add_row`, and is not kept: of sentences and dialogues no more than hashes, of
    exclusions the first of each stage and reason, as many as the page may list.
    """

    splits: SplitOf
    add_row: AddRow
    tallies: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    exclusions: list[Exclusion] = field(default_factory=list)
    seen: Counter[tuple[str, str]] = field(default_factory=Counter)  # exclusions by stage and reason
    kept: Counter[Who] = field(default_factory=Counter)
    kept_s: Counter[Who] = field(default_factory=Counter)
    lost: Counter[Who] = field(default_factory=Counter)
    lost_s: Counter[Who] = field(default_factory=Counter)
    untimed: set[Who] = field(default_factory=set)
    split_s: Counter[str] = field(default_factory=Counter)
    dialogues: dict[str, array[int]] = field(default_factory=_hashes)  # by split
    speakers: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    sentences: dict[str, array[int]] = field(default_factory=_hashes)  # by split, of every utterance with a text

    def add(self, shard: Shard) -> None:
        """Count a shard."""
        for stage in shard.manifests:
            self.tallies[stage].add(stage, shard)
            for lost in shard.excluded(stage):
                self._leave_out(stage, lost)
        for record in shard.kept:
            self._keep(record)
        for record in {record["utterance"]: record for record in shard.kept}.values():
            split = self.splits[record["utterance"]]
            self.dialogues[split].append(hash_of(record["dialogue"] or record["utterance"]))
            if record["text"]:
                self.sentences[split].append(hash_of(sentence_of(record["text"])))

    def _leave_out(self, stage: str, lost: Excluded) -> None:
        self.add_row(EXCLUDED, lost.id, stage, lost.reason, lost.detail)
        self.seen[stage, lost.reason] += 1
        if self.seen[stage, lost.reason] <= LISTED:
            self.exclusions.append(Exclusion(lost.id, stage, lost.reason, lost.detail))
        who = (lost.speaker, lost.emotion)
        self.lost[who] += 1
        self.lost_s[who] += lost.seconds or 0.0
        if lost.seconds is None:
            self.untimed.add(who)

    def _keep(self, record: Record) -> None:
        who, split = (record["speaker"], record["emotion"]), self.splits[record["utterance"]]
        self.kept[who] += 1
        self.kept_s[who] += record["seconds"]
        self.add_row(list_of(split), record["id"])
        self.split_s[split] += record["seconds"]
        self.speakers[split][record["speaker"]] += 1

    @property
    def accounts(self) -> list[StageAccount]:
        return [tally.account(stage) for stage, tally in self.tallies.items()]

    @property
    def excluded(self) -> dict[str, tuple[int, int]]:
        """Of each stage how many utterances it excluded, and of how many."""
        return {stage: (tally.reasons.total(), tally.entered) for stage, tally in self.tallies.items()}

    @property
    def groups(self) -> list[Group]:
        """By speaker and emotion; what was left out before its speaker was known is in none."""
        everyone = sorted(set(self.kept) | {who for who in self.lost if who[0]})
        return [
            Group(*who, self.kept[who], self.kept_s[who], self.lost[who], self.lost_s[who], who in self.untimed)
            for who in everyone
        ]

    def split_sizes(self) -> list[Split]:
        """The splits, each with what every speaker has in it."""
        names = sorted({speaker for speaker, _ in self.kept})
        return [
            Split(
                split,
                len(np.unique(self.dialogues[split])),
                self.speakers[split].total(),
                self.split_s[split],
                {name: self.speakers[split][name] for name in names},
            )
            for split in SPLITS
        ]

    def shared(self) -> float:
        """The share of kept held-out utterances whose sentence is trained on."""
        held_out = sum((self.sentences[split] for split in SPLITS if split != "train"), array("Q"))
        return shared_sentences(self.sentences["train"], held_out)

    def bars(self) -> list[tuple[str, float, float]]:
        """Of each speaker the seconds kept and excluded; "unknown" is what was left out before that."""
        kept, lost = Counter(), Counter()
        for counter, by_group in ((kept, self.kept_s), (lost, self.lost_s)):
            for (speaker, _), seconds in by_group.items():
                counter[speaker or "unknown"] += seconds
        speakers = sorted({*kept, *(speaker for speaker in lost if lost[speaker])})
        return [(speaker, kept[speaker], lost[speaker]) for speaker in speakers]


def _seconds(records: list[Record]) -> float:
    return sum(record["seconds"] for record in records)
