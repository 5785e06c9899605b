"""How text and recording agree: the share of readings that were reconciled, those that differ, side by side, and those
that follow the recording; and what of the texts is not spoken."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from koeru.graph.store import Record
from koeru.report.quality.dataset import LISTED
from koeru.report.quality.listen import Cut, whole
from koeru.report.quality.shards import Shard
from koeru.report.quality.tables import READINGS, AddRow
from koeru.report.quality.texts import Differing, Followed, Reconciled, Remarked
from koeru.text.differences import columns

DIFFER = (
    "readings differ",
    "another sentence",
    "correction differs from the recording",
)  # reasons of the labels stage whose detail shows both sides
NOT_COMPARED = ("alignment", "none")  # the reading was taken from the times' own phones, or there are no phones
AS_READ = ("", "as read")  # the means of readings that follow nothing, or what is read by itself
REPLACED = "words"  # the means by which phones were replaced, so that somebody should listen
SPREAD = "times spread"  # told in place of means: the reading is not what a machine aligned, so that somebody should
KANA = re.compile(r"^kana: +(.+)$", re.MULTILINE)  # in the detail of an exclusion: what the recording says
EXAMPLES = 5  # of each kind of remark


@dataclass
class _Tally:
    agreed: int = 0
    differ: int = 0
    substituted: int = 0
    spread: int = 0
    readings: Counter[str] = field(default_factory=Counter)
    means: Counter[str] = field(default_factory=Counter)
    times: Counter[str] = field(default_factory=Counter)


@dataclass
class Readings:
    """What the labels stage kept and what it left out because text and recording differ. Shards are added one by one.

    All that differ, or follow the recording, go to `add_row`; the first that the page may list are kept, and their
    recordings are to be listened to: `cuts`.
    """

    add_row: AddRow
    tallies: dict[tuple[str, str], _Tally] = field(default_factory=lambda: defaultdict(_Tally))  # corpus, speaker
    differing: list[Differing] = field(default_factory=list)
    followed: list[Followed] = field(default_factory=list)
    cuts: list[Cut] = field(default_factory=list)
    remarks: Counter[str] = field(default_factory=Counter)  # utterances by the kind of what is remarked
    remarked: dict[str, list[tuple[str, str, str]]] = field(default_factory=dict)  # kind -> id, text, remark

    def add(self, shard: Shard) -> None:
        """Look at a shard."""
        for record in shard.records("labels"):
            tally = self.tallies[shard.utterances[record["utterance"]]["corpus"], record["speaker"]]
            tally.agreed += record["reading"] not in NOT_COMPARED
            tally.substituted += record["substitutions"] > 0
            tally.spread += record["spread"] > 0
            tally.readings[record["reading"]] += 1
            tally.times[record["times"]] += 1
            if record["means"]:
                tally.means[record["means"]] += 1
            if record["means"] not in AS_READ or record["spread"]:
                self._follow(shard, record)
            self._remark(record)
        for lost in shard.excluded("labels"):
            if lost.reason in DIFFER and (both := columns(lost.detail)) is not None:
                segment = shard.segments[lost.id]
                utterance = shard.utterances[segment["utterance"]]
                self.tallies[utterance["corpus"], lost.speaker].differ += 1
                cut = whole(segment, shard.recordings[segment["utterance"]])
                kana = found[1] if (found := KANA.search(lost.detail)) else ""
                line = correction(utterance["id"], kana)
                item = Differing(lost.id, lost.speaker, utterance["text"], both, cut.path, line, lost.reason)
                self.add_row(READINGS, item.id, item.text, item.reason, item.said, item.heard, line)
                if len(self.differing) < LISTED:
                    self.cuts.append(cut)
                    self.differing.append(item)

    def _follow(self, shard: Shard, record: Record) -> None:
        """A reading that follows the recording, or differs from what a machine aligned.

        Those whose phones were replaced, or had the time of others, are worth listening to.
        """
        line = correction(record["utterance"], record["kana"])
        means = record["means"] if record["means"] not in AS_READ else SPREAD
        heard = record["heard"] or " ".join(record["phones"])
        self.add_row(READINGS, record["id"], record["text"], means, record["kana"], heard, line)
        if means in (REPLACED, SPREAD) and len(self.followed) < LISTED:
            cut = whole(shard.segments[record["id"]], shard.recordings[record["utterance"]])
            self.cuts.append(cut)
            who = (record["id"], record["speaker"], record["text"])
            self.followed.append(Followed(*who, means, record["kana"], heard.split(), cut.path, line))

    def _remark(self, record: Record) -> None:
        for remark in record["remarks"]:
            kind = remark.partition(":")[0]
            self.remarks[kind] += 1
            if len(examples := self.remarked.setdefault(kind, [])) < EXAMPLES:
                examples.append((record["id"], record["text"], remark))

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
                tally.means,
                tally.spread,
            )
            for (corpus, speaker), tally in sorted(self.tallies.items())
        ]

    def remarked_texts(self) -> list[Remarked]:
        """What is remarked of texts, the most frequent first."""
        return [Remarked(kind, count, self.remarked[kind]) for kind, count in self.remarks.most_common()]


def correction(utterance: str, kana: str) -> str:
    """A line to paste into a file of corrections."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow([utterance, kana])
    return line.getvalue()
