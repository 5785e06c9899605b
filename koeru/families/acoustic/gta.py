"""Teacher-forced mels of the train and dev splits: what the acoustic model makes of the recordings, for vocoders."""

import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np
import torch

from koeru.data.reading import Features
from koeru.data.records import Labelled
from koeru.families.acoustic.measure.alignment import CLEAR, MOST, Alignment, best_shift, common_shift
from koeru.families.acoustic.voice import Voice
from koeru.families.experiments.taken import told_of
from koeru.graph.store import Excluded, Manifest, Record
from koeru.jobs.lease import own_gpus
from koeru.jobs.progress import Progress
from koeru.jobs.run import timed
from koeru.jobs.stage import LeftOut, Work, account, check_account, finish, seconds_of
from koeru.report.metrics import Part, mel_l1, pooled
from koeru.training.devices import accelerator

TAUGHT = ("train", "dev")  # the splits that a vocoder may know
KEPT = ("id", "utterance", "speaker", "emotion", "seconds", "n_frames")
LISTED = 20  # utterances that a note names


def job(work: Work) -> None:
    """Write the shards that are not there yet, one after the other, and node.json with the account of all."""
    run: dict = {}
    numbers = range(work.place.shards)
    lacking = [number for number in numbers if not work.store.shard_path(work.place, number).exists()]
    before = [work.store.read_shard(work.place, number) for number in numbers if number not in lacking]
    with timed(run):
        if lacking:
            with own_gpus(1) if accelerator(work["train.device"]) == "cuda" else nullcontext():
                write_shards(work, lacking)
    for name in ("seconds", "cpu_seconds"):
        run[name] = round(run[name] + sum(manifest.run[name] for manifest in before), 3)
    manifests = [work.store.read_shard(work.place, number) for number in numbers]
    records = [record for manifest in manifests for record in manifest.utterances]
    check_alignment(work, records)
    excluded = LeftOut().add(one for manifest in manifests for one in manifest.excluded)
    entered = len(records) + excluded.reasons.total()
    told = account(entered, len(records), seconds_of(records), excluded) | summary(records)
    told["speaks"] = told_of(work.store, work.parents["train"], work["take"])
    finish(work, run, told | {"digests": [manifest.digest for manifest in manifests]})


def write_shards(work: Work, numbers: Sequence[int]) -> None:
    """Make the mels of some shards; each is on disk before the next begins."""
    torch.set_num_threads(work["train.threads"])
    features = Features.of(work)
    voice = Voice.load(features, work.parents["train"], work["take"], accelerator(work["train.device"]))
    with Progress("gta", sum(len(taught(features, number)) for number in numbers)) as progress:
        for number in numbers:
            write_shard(work, number, taught(features, number), features, voice, progress)


def taught(features: Features, shard: int) -> list[Labelled]:
    """The usable utterances of a shard that a vocoder may know."""
    return [record for record in features.of_shard(shard) if features.splits[record["utterance"]] in TAUGHT]


def write_shard(
    work: Work, shard: int, records: Sequence[Labelled], features: Features, voice: Voice, progress: Progress
) -> None:
    """Make the mels of the usable utterances of a shard, and say which of the others were left out and why."""
    made = Manifest(work.place.stage, work.place.key, run={"device": voice.device.type})
    arrays: dict[str, np.ndarray] = {}
    with timed(made.run):
        for record in records:
            natural = features.of_utterance(shard, record["id"])
            try:
                mel = voice.teacher_forced(record, natural)
                told = {"split": features.splits[record["utterance"]]} | compared(mel, natural["mel"])
            except Exception as error:
                raise RuntimeError(f"failed at utterance {record['id']}: {error}") from error
            made.utterances.append({name: record[name] for name in KEPT} | told)
            arrays[f"{record['id']}/mel"] = mel
            progress.step()
    made.excluded = left_out(work, shard, features)
    wanted = {record["id"] for record in labelled(work, shard, features)}
    check_account(f"gta shard {shard}", wanted, (record["id"] for record in records), made.excluded)
    made.notes = beside(made.utterances)
    for note in made.notes:
        print(f"gta {shard:03d}: {note}", file=sys.stderr, flush=True)
    work.store.write_shard(work.place, shard, made, arrays)


def compared(mel: np.ndarray, natural: np.ndarray) -> Record:
    """How a teacher-forced mel (T, M) lies to the natural one (T, M): their distance, and the shift between them.

    Errors: ValueError where their shapes differ, or where a value is not finite.
    """
    if not np.isfinite(mel).all():
        raise ValueError("its mel is not finite: the training has diverged; take an earlier epoch of it")
    found = best_shift(natural, mel)
    return {
        "mel_l1": round(pooled([mel_l1(mel, natural)]), 6),
        "shift": found.shift,
        "correlations": [round(float(correlation), 4) for correlation in found.correlations],
    }


def labelled(work: Work, shard: int, features: Features) -> list[Labelled]:
    """The utterances of a shard that should have a mel: those with labels, of both splits."""
    return [r for r in work.shard("labels", shard).utterances if features.splits[r["utterance"]] in TAUGHT]


def left_out(work: Work, shard: int, features: Features) -> list[Excluded]:
    """Those of the labelled utterances of a shard that lack a feature, in the words of the stage that left them out."""
    wanted = {record["id"]: record for record in labelled(work, shard, features)}
    found: dict[str, Excluded] = {}
    for role in features.arrays:
        for one in work.shard(role, shard).excluded:
            if one.id in wanted and one.id not in found:
                who = {name: wanted[one.id][name] for name in ("seconds", "speaker", "emotion")}
                found[one.id] = Excluded(one.id, one.reason, f"{role}: {one.detail}", **who)
    return list(found.values())


def beside(records: Sequence[Record]) -> list[str]:
    """A note that lists the utterances that correlate best at another shift than 0, if there are any."""
    found = [f"{r['id']} ({r['shift']:+d}, {max(r['correlations']):.3f})" for r in records if r["shift"]]
    if not found:
        return []
    listed = found[:LISTED] + ([f"and {len(found) - LISTED} more"] if len(found) > LISTED else [])
    return [f"best at another shift than 0 (frames, correlation): {', '.join(listed)}"]


def alignments(records: Sequence[Record]) -> list[Alignment]:
    """What the records of utterances tell of their alignment."""
    return [Alignment(record["shift"], np.array(record["correlations"])) for record in records]


def check_alignment(work: Work, records: Sequence[Record]) -> None:
    """Raise ValueError where the mels as a whole lie beside the recordings."""
    found = alignments(records)
    if not (shift := common_shift(found)):
        return
    frames = f"{abs(shift)} frame{'s' if abs(shift) > 1 else ''} too {'late' if shift > 0 else 'early'}"
    count = sum(one.clear and one.shift == shift for one in found)
    raise ValueError(
        f"the teacher-forced mels come {frames}: {count} of {len(found)} utterances correlate best with their "
        f"recording at shift {shift:+d}, by {CLEAR} or more. A vocoder would learn to make every sound from the wrong "
        f"frame. If epoch {work.parents['train'].epoch} is an early one of an experiment that was pretrained on other "
        "frames, name a later one under `exp` of the vocoder. If not, it is a defect of koeru: the labels, the mels or "
        f"this stage count frames otherwise than the others. Look at {work.folder}; delete it before you run again"
    )


def summary(records: Sequence[Record]) -> dict[str, Any]:
    """What node.json tells of the utterances: counts, seconds and distances by split, and how they are aligned."""
    of_split = {split: [record for record in records if record["split"] == split] for split in TAUGHT}
    found = alignments(records)
    shifts = Counter(one.shift for one in found)
    told = [one.correlations for one in found if one.shift is not None]
    margins = [correlations[MOST] - np.delete(correlations, MOST).max() for correlations in told]
    return {
        "utterances": {split: len(own) for split, own in of_split.items()},
        "seconds": {split: round(sum(record["seconds"] for record in own), 3) for split, own in of_split.items()},
        "mel_l1": {split: distance(own) for split, own in of_split.items() if own},
        "misaligned": sum(bool(one.shift) for one in found),
        "alignment": {
            "shifts": {str(shift): shifts[shift] for shift in range(-MOST, MOST + 1)},
            "untold": shifts[None],
            "clear": sum(one.clear for one in found),
            "least_margin": round(float(min(margins)), 4) if margins else None,
        },
    }


def distance(records: Sequence[Record]) -> float:
    """The mean distance of the mels of some utterances, over all of their frames."""
    return round(pooled([Part(record["mel_l1"] * record["n_frames"], record["n_frames"]) for record in records]), 6)
