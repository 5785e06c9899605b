"""Normalisation statistics of the training split, for each speaker or for all, merged exactly over shards."""

import argparse
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from koeru.data.phone_average import phone_average
from koeru.data.reading import Features
from koeru.data.splits import SPLITS
from koeru.data.statistics import Moments, Stats, value_range
from koeru.data.vocabulary import Names
from koeru.graph.store import Record, read_json, write_json
from koeru.jobs.command_line import stage_command
from koeru.jobs.progress import Progress
from koeru.jobs.run import timed
from koeru.jobs.stage import Arrays, Work, finish

UNITS = {"mel": "natural log of mel magnitude", "log_f0": "natural log of Hz", "log_energy": "natural log of L2 norm"}
TOLERANCE = 1e-3


Usable = tuple[int, Record]  # a shard and a labels record of it
ByFeature = dict[str, dict[str, Moments]]  # feature -> speaker -> moments
Values = dict[str, dict[str, list[np.ndarray]]]  # feature -> level -> what each utterance has


def utterances(features: Features, records: Sequence[Usable], label: str) -> Iterator[tuple[Record, Arrays]]:
    """Records and their arrays, read one at a time."""
    with Progress(label, len(records)) as progress:
        for shard, record in records:
            yield record, features.of_utterance(shard, record["id"])
            progress.step()


def add_moments(moments: ByFeature, speaker: str, arrays: Arrays) -> None:
    """Add what an utterance tells of each feature: all of its frames, of log_f0 the voiced ones."""
    observed = {name: arrays[name] for name in UNITS} | {"log_f0": arrays["log_f0"][arrays["voiced"] > 0]}
    for name, values in observed.items():
        own = Moments.of(values, axis=0)
        known = moments[name].get(speaker)
        moments[name][speaker] = own if known is None else known + own


def add_values(values: Values, record: Record, arrays: Arrays) -> None:
    """Add the normalised pitch and energy of an utterance as a model sees them: of all its frames, and of its phones.

    Where the dataset has no phones there are only frames.
    """
    for name, weights in (("log_f0", arrays["voiced"]), ("log_energy", None)):
        values[name]["frame"].append(arrays[name])
        if record["durations"]:
            try:
                average = phone_average(arrays[name], record["durations"], weights)
            except ValueError as error:
                raise ValueError(f"{record['id']}: {name}: {error}") from error
            values[name]["phone"].append(average)


def normalised(stats: Stats, speaker: str, arrays: Arrays) -> Arrays:
    """The arrays of an utterance, its features normalised."""
    return {**arrays, **{name: stats.normalise(name, arrays[name], speaker) for name in UNITS}}


def check_normalised(moments: ByFeature, per_speaker: bool) -> None:
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


def measured(features: Features, records: Mapping[str, Sequence[Usable]], names: Names, per_speaker: bool) -> Stats:
    """The statistics of the training split; two passes over it, as ranges are those of normalised values."""
    needed = sorted({record["speaker"] for usable in records.values() for _, record in usable})
    moments: ByFeature = defaultdict(dict)
    for record, arrays in utterances(features, records["train"], "stats"):
        add_moments(moments, record["speaker"], arrays)
    stats = Stats.of_moments(moments, names=names, per_speaker=per_speaker, needed=needed)
    again: ByFeature = defaultdict(dict)
    values: Values = defaultdict(lambda: defaultdict(list))
    for record, arrays in utterances(features, records["train"], "stats, checking"):
        arrays = normalised(stats, record["speaker"], arrays)
        add_moments(again, record["speaker"], arrays)
        add_values(values, record, arrays)
    check_normalised(again, per_speaker)
    ranges = {name: {level: value_range(own) for level, own in levels.items()} for name, levels in values.items()}
    return replace(stats, ranges=ranges)


def job(work: Work, arguments: argparse.Namespace) -> None:
    """Write stats.json."""
    run: dict = {}
    with timed(run):
        features = Features.of(work)
        names = Names.of(read_json(work.store.node_path(work.parents["utterances"])))
        records = {split: list(features.records(split)) for split in SPLITS}
        stats = measured(features, records, names, work["stats.per_speaker"])
        provenance = {"split": "train", "units": UNITS, "pitch": features.parents["pitch"].key}
        write_json(work.folder / "stats.json", stats.to_dict() | {"provenance": provenance})
    told = {
        "utterances": {split: len(usable) for split, usable in records.items()},
        "frames": {split: sum(record["n_frames"] for _, record in usable) for split, usable in records.items()},
    }
    finish(work, run, names.to_dict() | told)


if __name__ == "__main__":
    stage_command("stats", __doc__, job)
