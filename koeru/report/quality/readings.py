"""How text and recording agree: the share of readings that were reconciled, and those that differ, side by side."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from koeru.report.quality.dataset import LISTED, Differing, Reconciled
from koeru.report.quality.listen import Cut, whole
from koeru.report.quality.shards import Shard
from koeru.report.quality.tables import READINGS, AddRow
from koeru.text.differences import columns

DIFFER = "readings differ"  # the reason of the labels stage
NOT_COMPARED = ("alignment", "none")  # the reading was taken from the times' own phones, or there are no phones


@dataclass
class _Tally:
    agreed: int = 0
    differ: int = 0
    substituted: int = 0
    readings: Counter[str] = field(default_factory=Counter)
    times: Counter[str] = field(default_factory=Counter)


@dataclass
class Readings:
    """What the labels stage kept and what it left out because text and recording differ. Shards are added one by one.

    All that differ go to `add_row`; the first that the page may list are kept, and their recordings are to be listened
    to: `cuts`.
    """

    add_row: AddRow
    tallies: dict[tuple[str, str], _Tally] = field(default_factory=lambda: defaultdict(_Tally))  # corpus, speaker
    differing: list[Differing] = field(default_factory=list)
    cuts: list[Cut] = field(default_factory=list)

    def add(self, shard: Shard) -> None:
        """Look at a shard."""
        for record in shard.records("labels"):
            tally = self.tallies[shard.utterances[record["utterance"]]["corpus"], record["speaker"]]
            tally.agreed += record["reading"] not in NOT_COMPARED
            tally.substituted += record["substitutions"] > 0
            tally.readings[record["reading"]] += 1
            tally.times[record["times"]] += 1
        for lost in shard.excluded("labels"):
            if lost.reason == DIFFER and (both := columns(lost.detail)) is not None:
                segment = shard.segments[lost.id]
                utterance = shard.utterances[segment["utterance"]]
                self.tallies[utterance["corpus"], lost.speaker].differ += 1
                cut = whole(segment, shard.recordings[segment["utterance"]])
                found = Differing(lost.id, lost.speaker, utterance["text"], both, cut.path)
                self.add_row(READINGS, found.id, found.text, found.said, found.heard)
                if len(self.differing) < LISTED:
                    self.cuts.append(cut)
                    self.differing.append(found)

    def reconciled(self) -> list[Reconciled]:
        """Of each speaker of each corpus, how many agree."""
        return [
            Reconciled(
                corpus,
                speaker,
                tally.agreed + tally.differ,
                tally.agreed,
                tally.substituted,
                tally.readings,
                tally.times,
            )
            for (corpus, speaker), tally in sorted(self.tallies.items())
        ]
