"""What a dataset's quality page shows, gathered from its stages."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import soundfile

from koeru.audio.files import read_wav
from koeru.data.reading import Features
from koeru.graph import STAGES
from koeru.report import plots
from koeru.report.data import Exclusion, Gate, Group, Picture, Quality, Reason, Split, StageAccount, Suspect
from koeru.report.provenance import ancestors, settings, stage_runs
from koeru.stage import Work
from koeru.store import Manifest, Record, read_json
from koeru.view import mark

COUNTED = ("utterances", "wav", "segments", "labels", "pitch", "energy", "mel", "sp")
SUSPECTS_EACH = 2


@dataclass
class Measured:
    """What is known of the kept segments: one entry each, in the same order."""

    records: list[Record] = field(default_factory=list)
    voiced_share: list[float] = field(default_factory=list)
    level_dbfs: list[float] = field(default_factory=list)
    f0_hz: dict[str, list[np.ndarray]] = field(default_factory=lambda: defaultdict(list))  # speaker -> voiced F0


def quality(work: Work) -> tuple[Quality, list[Path]]:
    """The page's content and the recordings that it wants under `listen/`, which are written to the node's folder."""
    features = Features.of(work, ("pitch", "energy", "mel", "sp"))
    manifests = {s: [work.store.read_shard(work.parents[s], i) for i in range(_shards(work, s))] for s in COUNTED}
    measured = _measure(features, manifests["segments"])
    suspects = _suspects(measured)
    nodes = _nodes(work)
    warnings = read_json(work.store.node_path(work.parents["splits"]))["warnings"]
    warnings += [note for m in manifests["utterances"] for note in m.notes]
    page = Quality(
        name=mark("dataset", work.place.key),
        key=work.place.key,
        corpora=[c["name"] for n in nodes if n["stage"] == "utterances" for c in n["params"]["corpora"]],
        accounts=[_account(stage, manifests) for stage in COUNTED],
        groups=_groups(measured, manifests),
        splits=_splits(measured, features.splits),
        gates=gates(work, manifests),
        exclusions=[Exclusion(e.id, s, e.reason, e.detail) for s in COUNTED for m in manifests[s] for e in m.excluded],
        suspects=suspects,
        settings=settings(nodes),
        provenance=stage_runs(nodes),
        warnings=warnings,
        histograms=_histograms(measured),
        account_picture=_account_picture(measured, manifests),
    )
    return page, _listen(work, suspects)


def gates(work: Work, manifests: dict[str, list[Manifest]]) -> list[Gate]:
    """Of each stage, the share of utterances that it excluded, against its limit."""
    found = []
    for stage in COUNTED:
        excluded = sum(len(m.excluded) for m in manifests[stage])
        entered = _entered(stage, manifests)
        share = excluded / entered if entered else 0.0
        about = f"{excluded} of {entered} excluded"
        found.append(Gate(f"excluded by {stage}", share, "<=", work["gates.max_excluded"], about=about))
    return found


def _nodes(work: Work) -> list[dict]:
    found = {}
    for place in work.parents.values():
        for node in ancestors(work.store, place):
            found[node["stage"], node["key"]] = node
    return list(found.values())


def _shards(work: Work, stage: str) -> int:
    return work.parents[stage].shards


def _entered(stage: str, manifests: dict[str, list[Manifest]]) -> int:
    if stage == "utterances":
        return sum(len(m.utterances) + len(m.excluded) for m in manifests[stage])
    return sum(len(m.utterances) for m in manifests[STAGES[stage].source])


def _seconds(manifests: list[Manifest]) -> float:
    return sum(r["seconds"] for m in manifests for r in m.utterances)


def _account(stage: str, manifests: dict[str, list[Manifest]]) -> StageAccount:
    own = manifests[stage]
    excluded = [e for m in own for e in m.excluded]
    reasons = []
    for reason, count in Counter(e.reason for e in excluded).most_common():
        seconds = [e.seconds for e in excluded if e.reason == reason]
        reasons.append(Reason(reason, count, None if None in seconds else sum(seconds)))
    entered = _entered(stage, manifests)
    timed = stage not in ("utterances", "wav")
    seconds_in = _seconds(manifests[STAGES[stage].source]) if timed else None
    seconds_kept = _seconds(own) if stage != "utterances" else None
    trimmed = 0.0
    if stage == "segments":
        trimmed = seconds_in - seconds_kept - sum(e.seconds or 0.0 for e in excluded)
    pieces = sum(len(m.utterances) for m in own)
    return StageAccount(
        stage,
        entered,
        entered - len(excluded),
        seconds_in,
        seconds_kept,
        trimmed,
        reasons,
        unit="utterances" if stage in ("utterances", "wav", "segments") else "segments",
        made=f"{pieces} segments" if stage == "segments" else "",
    )


def _measure(features: Features, segments: list[Manifest]) -> Measured:
    measured = Measured()
    levels = {r["id"]: r["level_dbfs"] for m in segments for r in m.utterances}
    for shard, record in features.records():
        arrays = features.of_utterance(shard, record["id"])
        voiced = arrays["voiced"] > 0
        measured.records.append(record)
        measured.voiced_share.append(float(voiced.mean()))
        measured.level_dbfs.append(levels[record["id"]])
        measured.f0_hz[record["speaker"]].append(np.exp(arrays["log_f0"][voiced]))
    return measured


def _groups(measured: Measured, manifests: dict[str, list[Manifest]]) -> list[Group]:
    kept, seconds, excluded = Counter(), Counter(), Counter()
    for record in measured.records:
        kept[record["speaker"], record["emotion"]] += 1
        seconds[record["speaker"], record["emotion"]] += record["seconds"]
    for stage in COUNTED:
        excluded.update((e.speaker, e.emotion) for m in manifests[stage] for e in m.excluded if e.speaker)
    return [
        Group(*who, kept=kept[who], kept_s=seconds[who], excluded=excluded[who])
        for who in sorted(set(kept) | set(excluded))
    ]


def _splits(measured: Measured, splits: dict[str, str]) -> list[Split]:
    found = []
    for name in ("train", "dev", "eval"):
        own = [r for r in measured.records if splits[r["utterance"]] == name]
        dialogues = {r["dialogue"] or r["utterance"] for r in own}
        speakers = dict.fromkeys(sorted({r["speaker"] for r in measured.records}), 0)
        speakers |= Counter(r["speaker"] for r in own)
        found.append(Split(name, len(dialogues), len(own), sum(r["seconds"] for r in own), speakers))
    return found


def _suspects(measured: Measured) -> list[Suspect]:
    """The kept segments that lie furthest out, a few for each way of lying out."""
    rate = [len(r["phones"]) / r["seconds"] for r in measured.records]
    length = [r["seconds"] for r in measured.records]
    ways: list[tuple[list[float], bool, Callable[[float], str]]] = [
        (measured.voiced_share, False, lambda v: f"only {v:.0%} of its frames are voiced"),
        (measured.level_dbfs, False, lambda v: f"the softest: {v:.1f} dBFS"),
        (measured.level_dbfs, True, lambda v: f"the loudest: {v:.1f} dBFS"),
        (rate, False, lambda v: f"the slowest: {v:.1f} phones a second"),
        (rate, True, lambda v: f"the fastest: {v:.1f} phones a second"),
        (length, True, lambda v: f"the longest: {v:.1f} s"),
    ]
    found: dict[str, Suspect] = {}
    for values, largest, words in ways:
        order = np.argsort(values)
        for index in order[::-1][:SUSPECTS_EACH] if largest else order[:SUSPECTS_EACH]:
            r, why = measured.records[index], words(values[index])
            if r["id"] in found:
                why = f"{found[r['id']].why}; {why}"
            audio = f"listen/{r['id']}.wav"
            found[r["id"]] = Suspect(r["id"], r["speaker"], r["emotion"], r["text"], why, audio, r["seconds"])
    return list(found.values())


def _listen(work: Work, suspects: list[Suspect]) -> list[Path]:
    """Write the suspects' recordings below the node's folder."""
    wanted = {s.id for s in suspects}
    written = []
    for shard in range(_shards(work, "segments")):
        pieces = [r for r in work.store.read_shard(work.parents["segments"], shard).utterances if r["id"] in wanted]
        if not pieces:
            continue
        files = {r["id"]: r["file"] for r in work.store.read_shard(work.parents["wav"], shard).utterances}
        for piece in pieces:
            wav, rate = read_wav(work.store.folder(work.parents["wav"]) / files[piece["utterance"]])
            target = work.folder / "listen" / f"{piece['id']}.wav"
            target.parent.mkdir(parents=True, exist_ok=True)
            soundfile.write(target, wav[piece["start"] : piece["stop"]], rate)
            written.append(target)
    return written


def _histograms(measured: Measured) -> list[Picture]:
    by_speaker: dict[str, dict[str, list[float]]] = {"seconds": defaultdict(list), "level": defaultdict(list)}
    for record, level in zip(measured.records, measured.level_dbfs, strict=True):
        by_speaker["seconds"][record["speaker"]].append(record["seconds"])
        by_speaker["level"][record["speaker"]].append(level)
    f0 = {speaker: np.concatenate(values) for speaker, values in sorted(measured.f0_hz.items())}
    named = {kind: {s: np.array(v) for s, v in sorted(table.items())} for kind, table in by_speaker.items()}
    return [
        Picture(plots.histogram(named["seconds"], "duration (s)"), "durations of the segments by speaker", "Duration"),
        Picture(plots.histogram(f0, "F0 (Hz)", log=True), "F0 of voiced frames by speaker", "F0 of voiced frames"),
        Picture(plots.histogram(named["level"], "level (dBFS)"), "levels of the segments by speaker", "Level"),
    ]


def _account_picture(measured: Measured, manifests: dict[str, list[Manifest]]) -> Picture:
    kept, lost = Counter(), Counter()
    for record in measured.records:
        kept[record["speaker"]] += record["seconds"]
    for stage in COUNTED:
        for manifest in manifests[stage]:
            for e in manifest.excluded:
                lost[e.speaker or "unknown"] += e.seconds or 0.0
    rows = [(speaker, kept[speaker], lost[speaker]) for speaker in sorted(set(kept) | set(lost))]
    return Picture(plots.account_bars(rows), "seconds kept and excluded by speaker", "Seconds kept and excluded")
