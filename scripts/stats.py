"""Normalisation statistics of the training split, for each speaker or for all, merged exactly over shards."""

import argparse
from collections import defaultdict

import numpy as np

from koeru.command_line import stage_command
from koeru.data.reading import Features
from koeru.data.statistics import Moments, Stats
from koeru.progress import Progress
from koeru.stage import Work, finish
from koeru.store import Record, read_json, timed, write_json

UNITS = {"mel": "natural log of mel magnitude", "log_f0": "natural log of Hz", "log_energy": "natural log of L2 norm"}
TOLERANCE = 1e-3


def observations(features: Features, shard: int, record: Record) -> dict[str, np.ndarray]:
    """What an utterance adds to each feature's statistics: all frames, of log_f0 the voiced ones."""
    arrays = features.of_utterance(shard, record["id"])
    return {
        "mel": arrays["mel"],
        "log_f0": arrays["log_f0"][arrays["voiced"] > 0],
        "log_energy": arrays["log_energy"],
    }


def gather(features: Features, stats: Stats | None, label: str) -> dict[str, dict[str, Moments]]:
    """Moments of each feature and speaker over the training split, of normalised values where `stats` is given."""
    moments: dict[str, dict[str, Moments]] = defaultdict(dict)
    records = list(features.records("train"))
    with Progress(label, len(records)) as progress:
        for shard, record in records:
            for name, values in observations(features, shard, record).items():
                speaker = record["speaker"]
                if stats is not None:
                    values = stats.normalise(name, values, speaker)
                own = Moments.of(values, axis=0)
                known = moments[name].get(speaker)
                moments[name][speaker] = own if known is None else known + own
            progress.step()
    return moments


def check_normalised(moments: dict[str, dict[str, Moments]], per_speaker: bool) -> None:
    """Raise ValueError unless every normalised feature has mean 0 and deviation 1."""
    for name, by_speaker in moments.items():
        groups = dict(by_speaker)
        if not per_speaker:
            total, *rest = by_speaker.values()
            groups = {"all": sum(rest, total)}
        for group, found in groups.items():
            if np.abs(found.mean).max() > TOLERANCE or np.abs(found.std - 1).max() > TOLERANCE:
                raise ValueError(
                    f"{name} of {group} is not normalised on the training split: mean {np.abs(found.mean).max():.2g}, "
                    f"deviation off by {np.abs(found.std - 1).max():.2g}; a defect of koeru, nothing was written"
                )


def job(work: Work, arguments: argparse.Namespace) -> None:
    """Write stats.json."""
    run: dict = {}
    with timed(run):
        features = Features.of(work)
        per_speaker = work["stats.per_speaker"]
        ids = read_json(work.store.node_path(work.parents["utterances"]))
        stats = Stats.of_moments(
            gather(features, None, "stats"),
            speakers=ids["speakers"],
            emotions=ids["emotions"],
            per_speaker=per_speaker,
            needed=sorted({record["speaker"] for _, record in features.records()}),
        )
        check_normalised(gather(features, stats, "stats, checking"), per_speaker)
        provenance = {"split": "train", "units": UNITS, "pitch": features.parents["pitch"].key}
        write_json(work.folder / "stats.json", stats.to_dict() | {"provenance": provenance})
    finish(work, run, {"speakers": list(stats.speakers), "emotions": list(stats.emotions)})


if __name__ == "__main__":
    stage_command("stats", __doc__, job)
