"""The pairs that a conversion is trained on, and how long each reduced frame of a source lasts in its target.

durations.json holds

    {"durations": "dtw" or "mas", "reduction_factor",
     "pairs": [{"id", "name", "split", "source": {…}, "target": {…}, "n_source", "n_target", "cost", "at_edge"}, ...],
     "excluded": [{"id", "source", "target", "split", "reason", "detail"}, ...]}

A side is a `koeru.families.vc.pairs.Side`. Every pair of the stage `pairs` is in one of the lists. `n_source` and
`n_target` count reduced frames. With `dtw`, `cost` is the mean distance along the way in dB, and `at_edge` says that it
runs along the edge of its band; durations.safetensors holds the durations by the id of the pair, int32 (n_source,),
which sum to n_target.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

from koeru.audio.energy import level_dbfs
from koeru.audio.frames import sentence_starts
from koeru.data.reading import Features
from koeru.data.splits import SPLITS
from koeru.families.vc.alignment import Aligner
from koeru.families.vc.pairs import ARRAYS, DURATIONS, PAIRS, Pair, Side
from koeru.families.vc.reduction import JUMP, n_reduced
from koeru.graph.store import Excluded, Record, read_rows, write_arrays, write_json
from koeru.jobs.progress import Progress
from koeru.jobs.run import timed
from koeru.jobs.stage import ExclusionError, LeftOut, Work, account, finish, told

LEAST = 2  # reduced frames of each side
LEAST_SPREAD = 5.0  # cents, the standard deviation of F0: a steady tone, or an analysis that failed
CENTS = 1200 / np.log(2)  # in one unit of natural log
LISTED = 20  # pairs that a note names


def job(work: Work) -> None:
    """Write durations.json, durations.safetensors unless a model is to learn them, and node.json."""
    run: dict = {}
    with timed(run):
        rows = list(read_rows(work.store.folder(work.parents["pairs"]) / "pairs.json", "pairs"))
        pairs, excluded, durations = made(work, rows)
        left_out = LeftOut().add(Excluded(row["id"], row["reason"], row["detail"]) for row in excluded)
        if not pairs:
            raise ValueError("\n".join([f"durations: of {len(rows)} pairs none is left:", *told(left_out)]))
        how = {"durations": work["durations"], "reduction_factor": work["model.reduction_factor"]}
        write_json(work.folder / PAIRS, how | {"pairs": pairs, "excluded": excluded})
        if durations:
            how["payload"] = write_arrays(work.folder / DURATIONS, durations)
    at_edge = [pair["id"] for pair in pairs if pair.get("at_edge")]
    notes = [edge_note(at_edge, work["dtw.band_s"])] if at_edge else []
    for note in notes:
        print(f"durations: {note}", file=sys.stderr, flush=True)
    figures = account(len(rows), len(pairs), sum(pair["source"]["seconds"] for pair in pairs), left_out)
    finish(work, run, how | figures | of_splits(pairs) | {"at_edge": len(at_edge), "notes": notes})


def of_splits(pairs: Sequence[Record]) -> dict[str, dict[str, int]]:
    """How many pairs each split has, and how many frames on their longer sides, for who foretells a training."""
    utterances, frames = Counter(dict.fromkeys(SPLITS, 0)), Counter(dict.fromkeys(SPLITS, 0))
    for pair in pairs:
        utterances[pair["split"]] += 1
        frames[pair["split"]] += max(pair[side]["n_frames"] for side in ("source", "target"))
    return {"utterances": dict(utterances), "frames": dict(frames)}


def made(work: Work, rows: Sequence[Record]) -> tuple[list[Record], list[Record], dict[str, np.ndarray]]:
    """Of the pairs of the stage `pairs`: the rows of those that are kept, of the others, and durations by the id."""
    maker = Maker(work, {row[side] for row in rows for side in ("source", "target")})
    pairs, excluded, durations = [], [], {}
    with Progress("durations", len(rows), "pairs") as progress:
        for row in rows:
            try:
                pair, found = maker.pair(row)
                pairs.append(pair)
                if found is not None:
                    durations[row["id"]] = found
            except ExclusionError as error:
                who = {name: row[name] for name in ("id", "source", "target", "split")}
                excluded.append(who | {"reason": error.reason, "detail": error.detail})
            except Exception as error:
                raise RuntimeError(f"durations failed at pair {row['id']}: {error}") from error
            progress.step()
    return pairs, excluded, durations


def edge_note(pairs: Sequence[str], band_s: float) -> str:
    """A note on pairs whose way runs along the edge of the band."""
    some = ", ".join(pairs[:LISTED]) + (f" and {len(pairs) - LISTED} more" if len(pairs) > LISTED else "")
    words = f"the alignment of {len(pairs)} pairs runs along the edge of dtw.band_s {band_s:g}"
    return f"{words}: listen to them, leave them out, or widen it: {some}"


class Maker:
    """Makes the pairs of a node's parents; of the utterances it knows only those that are in one."""

    def __init__(self, work: Work, wanted: Collection[str]) -> None:
        self._work = work
        self._features = Features.of(work, ARRAYS)
        self._sides: dict[str, Side] = {}
        self._missing: dict[str, tuple[str, str]] = {}  # reason and detail
        for shard in range(work.parents["labels"].shards):
            self._read(shard, wanted)
        self._align = aligner(work) if work["durations"] == "dtw" else None

    def pair(self, row: Record) -> tuple[Record, np.ndarray | None]:
        """The row of a pair in durations.json, and its durations, unless they are learned. Raises ExclusionError."""
        source, target = self._side(row, "source"), self._side(row, "target")
        factor = self._work["model.reduction_factor"]
        lengths = {"n_source": n_reduced(source.n_frames, factor), "n_target": n_reduced(target.n_frames, factor)}
        for side, count in ((source, lengths["n_source"]), (target, lengths["n_target"])):
            self._check(side, count)
        if self._align is None and lengths["n_source"] > (most := (1 + JUMP) * lengths["n_target"]):
            told = (
                f"{source.id} has {lengths['n_source']} reduced frames, and at most {most} can be aligned with those of"
            )
            raise ExclusionError("duration ratio", f"{told} {target.id} (durations: mas); take dtw, or drop the pair")
        made = Pair(row["id"], row["name"], row["split"], source, target).to_dict() | lengths
        if self._align is None:
            return made, None
        mel, log_energy = (self._array(source, *name) for name in (("mel", "mel"), ("energy", "log_energy")))
        levels = level_dbfs(log_energy, self._work["mel.n_fft"], self._work["mel.win_length"])
        found, way = self._align(mel, levels, self._array(target, "mel", "mel"))
        return made | {"cost": round(way.cost, 4), "at_edge": way.at_edge}, found

    def _read(self, shard: int, wanted: Collection[str]) -> None:
        """What is known of the wanted utterances of a shard."""
        of_shard = self._work.store.read_shard(self._work.parents["segments"], shard).utterances
        segments = {record["id"]: record for record in of_shard if record["id"] in wanted}
        for record in self._features.of_shard(shard):
            if record["id"] in segments:
                self._sides[record["id"]] = self._told(shard, record, segments[record["id"]])
        for stage in ("labels", *ARRAYS):
            for one in self._work.store.read_shard(self._work.parents[stage], shard).excluded:
                if one.id in wanted:
                    self._missing.setdefault(one.id, (one.reason, f"{stage}: {one.detail}"))

    def _told(self, shard: int, record: Record, segment: Record) -> Side:
        at = (segment["start"], record["n_frames"], self._work["mel.hop_length"])
        names = ("id", "speaker", "emotion", "text", "n_frames", "seconds")
        told = {name: record[name] for name in names}
        return Side(shard=shard, cuts=sentence_starts(segment["silences"], *at), **told)

    def _side(self, row: Record, side: str) -> Side:
        """The utterance on one side of a pair."""
        name = row[side]
        if name in self._missing:
            reason, detail = self._missing[name]
            raise ExclusionError(reason, f"{side} {name}: {detail}")
        return self._sides[name]

    def _check(self, side: Side, count: int) -> None:
        if count < LEAST:
            least = f"more than model.reduction_factor {self._work['model.reduction_factor']} are wanted"
            raise ExclusionError("too short", f"{side.id} has {side.n_frames} frames: {least}")
        log_f0 = self._array(side, "pitch", "log_f0")[self._array(side, "pitch", "voiced") > 0]
        if (spread := CENTS * float(np.std(log_f0))) < LEAST_SPREAD:
            told = f"the F0 of {side.id} varies by {spread:.1f} cents: it is no speech, or its pitch is wrong"
            raise ExclusionError("constant F0", f"{told}; listen to it, and drop it or mend pitch.f0_floor and f0_ceil")

    def _array(self, side: Side, stage: str, name: str) -> np.ndarray:
        return self._features.array(stage, side.shard, f"{side.id}/{name}")


def aligner(of: Work | Mapping[str, Any]) -> Aligner:
    """What aligns the pairs of a node, or by leaves as a node has them."""
    factor = of["model.reduction_factor"]
    half_width = round(of["dtw.band_s"] * of["wav.sample_rate"] / (of["mel.hop_length"] * factor))
    return Aligner(factor, half_width, of["dtw.penalty_db"], of["dtw.silence_thresh"])
