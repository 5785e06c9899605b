"""What was in the listing of a dataset, and of which exclusions left nothing: a split, a speaker, an emotion.

A model knows a speaker and an emotion that were listed by an id, and would never hear them; a split that is empty is
found out when something is to be measured on it, after the training.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from koeru.data.splits import SplitOf
from koeru.graph.store import Excluded, Record
from koeru.report.quality.shards import Shard

Part = tuple[str, str, str]  # a split ("": all of them), "speaker", "emotion" or "", and a name
NEEDED = "train", "eval"  # splits without which nothing is trained, or measured
MEND = "mend them (excluded.tsv has them all), and raise the revision of their corpus"
REMEDIES = {
    "": f"{MEND}; or change splits.dev and splits.eval",
    "speaker": f"{MEND}; or leave the speaker out (`speakers` of a corpus names those that are taken)",
    "emotion": f"{MEND}; or leave the emotion out (`emotions` of a corpus names those that are taken)",
}


@dataclass
class Emptied:
    """What is left of each part of the listing; `splits` say of every utterance in which it is.

    Shards are added one by one.
    """

    splits: SplitOf
    listed: Counter[Part] = field(default_factory=Counter)  # utterances
    kept: set[Part] = field(default_factory=set)
    lost: dict[Part, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    examples: dict[tuple[Part, str], str] = field(default_factory=dict)

    def add(self, shard: Shard) -> None:
        """Look at a shard."""
        for record in shard.records("utterances"):
            self.listed.update(self._parts(record))
        for record in shard.kept:
            self.kept.update(self._parts(shard.utterances[record["utterance"]]))
        for stage in shard.manifests:
            if stage != "utterances":  # what it leaves out was never listed
                self._leave_out(stage, shard.excluded(stage), shard.utterances)

    def _leave_out(self, stage: str, excluded: Iterable[Excluded], utterances: Mapping[str, Record]) -> None:
        for lost in excluded:
            why = f"{lost.reason} ({stage})"
            for part in self._parts(utterances[lost.id.partition("~")[0]]):
                self.lost[part][why] += 1
                self.examples.setdefault((part, why), lost.id)

    def _parts(self, record: Record) -> list[Part]:
        split = self.splits[record["id"]]
        who = [(kind, record[kind]) for kind in ("speaker", "emotion")]
        return [(split, "", ""), *(("", *one) for one in who), *((split, *one) for one in who)]

    def problems(self) -> list[str]:
        """What a dataset cannot do without: the splits of NEEDED, and every speaker and emotion that was listed."""
        return [f"{self._words(part)}; {REMEDIES[part[1]]}" for part in self._gone() if _is_needed(part)]

    def warnings(self) -> list[str]:
        """What it can do without: the dev split, and a speaker or an emotion in a split that has others."""
        gone = set(self._gone())
        return [
            self._words(part)
            for part in self._gone()
            if not _is_needed(part) and not gone & {("", *part[1:]), *([(part[0], "", "")] if part[1] else [])}
        ]

    def _gone(self) -> list[Part]:
        return [part for part in sorted(self.listed) if part not in self.kept]

    def _words(self, part: Part) -> str:
        split, kind, name = part
        what = f"{kind} {name}" if kind else f"the {split} split"
        where = f" in the {split} split" if kind and split else ""
        lost = self.lost[part].most_common()
        reasons = "; ".join(f"{count} × {why}, such as {self.examples[part, why]}" for why, count in lost)
        return f"nothing of {what} is left{where}: all that was listed ({self.listed[part]}) is excluded: {reasons}"


def _is_needed(part: Part) -> bool:
    split, kind, _ = part
    return not split or (not kind and split in NEEDED)
