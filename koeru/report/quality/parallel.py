"""What a dataset's page tells of its parallel pairs, and which of them should be listened to."""

from __future__ import annotations

import heapq
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from koeru.audio.alignment import cepstral_distance
from koeru.graph.store import ArrayReader, Record, read_rows
from koeru.jobs.segments import muted_of
from koeru.jobs.stage import Work
from koeru.report.data import Picture
from koeru.report.quality.distributions import histogram
from koeru.report.quality.listen import Cut
from koeru.report.quality.pairs import CoupleAccount, Doubtful, PairsAccount

DOUBTFUL = 20  # pairs of each kind that are shown
ALIGNED = 300  # pairs without texts that are aligned, evenly spaced

Pair = Mapping[str, Any]  # as pairs.json has it


@dataclass
class _Found:
    """What there is of an utterance of a listed pair."""

    text: str = ""
    segments: list[Record] = field(default_factory=list)
    file: str = ""
    open_mels: Callable[[], ArrayReader] | None = None  # an open one has the names of all that its shard holds

    def mel(self) -> np.ndarray | None:
        """Its log-mel (T, M), natural log; None where the stage has left out one of its segments."""
        names = [f"{segment['id']}/mel" for segment in self.segments]
        if not names or self.open_mels is None:
            return None
        mels = self.open_mels()
        return np.concatenate([mels[name] for name in names]) if all(name in mels for name in names) else None

    def cut(self) -> Cut:
        """Its speech, silence at the ends left out."""
        first, last = self.segments[0], self.segments[-1]
        muted = [stretch for segment in self.segments for stretch in muted_of(segment)]
        return Cut(f"pair.{first['utterance']}", self.file, first["start"], last["stop"], muted=muted)


def pairs_account(work: Work, max_duration_ratio: float) -> tuple[PairsAccount, list[Cut]]:
    """The account of the pairs, and the recordings of those that are to be listened to."""
    rows = partial(read_rows, work.store.folder(work.parents["pairs"]) / "pairs.json")
    couples = [
        CoupleAccount(**{name: a[name] for name in CoupleAccount.__dataclass_fields__}) for a in rows("accounts")
    ]
    ratios = array("d", (pair["ratio"] for pair in rows("pairs")))
    without = sum(pair["similarity"] is None for pair in rows("pairs"))
    looked_at = _evenly_spaced((pair for pair in rows("pairs") if pair["similarity"] is None), without)
    known = (pair for pair in rows("pairs") if pair["similarity"] is not None and pair["similarity"] < 1)
    unlike = heapq.nsmallest(DOUBTFUL, known, key=lambda pair: pair["similarity"])
    found = _utterances(work, {pair[side] for pair in (*unlike, *looked_at) for side in ("source", "target")})
    distances = {pair["id"]: _distance(found[pair["source"]], found[pair["target"]]) for pair in looked_at}
    far = sorted(looked_at, key=lambda pair: -(distances[pair["id"]] or 0))[:DOUBTFUL]
    shown = [*far, *unlike]
    cuts = {pair[side]: found[pair[side]].cut() for pair in shown for side in ("source", "target")}
    title = "Duration of the source by that of the target"
    told = PairsAccount(
        couples,
        max_duration_ratio,
        Picture(histogram({"all pairs": ratios}, "ratio", log=True), title, title),
        without_text=without,
        aligned=sum(distance is not None for distance in distances.values()),
        doubtful=[_doubtful(pair, found, cuts, distances.get(pair["id"])) for pair in shown],
    )
    return told, list(cuts.values())


def _evenly_spaced(pairs: Iterable[Pair], count: int) -> list[Pair]:
    """Of so many pairs all, or ALIGNED of them."""
    wanted = {i * count // ALIGNED for i in range(ALIGNED)} if count > ALIGNED else range(count)
    return [pair for i, pair in enumerate(pairs) if i in wanted]


def _utterances(work: Work, wanted: set[str]) -> Mapping[str, _Found]:
    """What there is of some utterances, by id: only the shards that have one are looked at closely."""
    found: dict[str, _Found] = defaultdict(_Found)
    for shard in range(work.parents["utterances"].shards) if wanted else ():
        for record in _of(work, "utterances", shard, wanted, "id"):
            found[record["id"]].text = record["text"]
        for record in _of(work, "wav", shard, wanted, "id"):
            found[record["id"]].file = record["file"]
            found[record["id"]].open_mels = partial(work.store.arrays, work.parents["mel"], shard)
        for record in _of(work, "segments", shard, wanted, "utterance"):
            found[record["utterance"]].segments.append(record)
    return found


def _of(work: Work, stage: str, shard: int, wanted: set[str], name: str) -> Iterable[Record]:
    return (r for r in work.store.read_shard(work.parents[stage], shard).utterances if r[name] in wanted)


def _distance(source: _Found, target: _Found) -> float | None:
    ours, theirs = source.mel(), target.mel()
    return None if ours is None or theirs is None else cepstral_distance(ours, theirs)


def _doubtful(pair: Pair, found: Mapping[str, _Found], cuts: Mapping[str, Cut], distance: float | None) -> Doubtful:
    ids = pair["source"], pair["target"]
    texts, audio = tuple(found[one].text for one in ids), tuple(cuts[one].path for one in ids)
    return Doubtful(pair["id"], ids, texts, audio, pair["ratio"], pair["similarity"], distance)
