"""Normalisation statistics of the training split, for each speaker or for all, merged exactly over shards."""

import argparse
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from koeru.data.phone_average import phone_average
from koeru.data.ranks import Percentiles
from koeru.data.reading import Features
from koeru.data.records import Labelled
from koeru.data.split_statistics import Measured, write_stats
from koeru.data.statistics import PERCENTILES, Stats
from koeru.jobs.command_line import stage_command
from koeru.jobs.stage import Arrays, Work

UNITS = {"mel": "natural log of mel magnitude", "log_f0": "natural log of Hz", "log_energy": "natural log of L2 norm"}

GIVEN = ("pitch", "energy")  # the stages whose features a model is given, so that their ranges are wanted


def observe(arrays: Arrays) -> dict[str, tuple[np.ndarray, np.ndarray | None]]:
    """All frames of each feature that is there, of log_f0 the voiced ones."""
    return {
        name: (arrays[name], arrays["voiced"] > 0 if name == "log_f0" else None) for name in UNITS if name in arrays
    }


def given(record: Labelled, arrays: Arrays, normalised: Arrays) -> Iterator[tuple[str, str, np.ndarray]]:
    """The normalised pitch and energy of an utterance as a model sees them: of all its frames, and of its phones.

    Feature, level and values; where the dataset has no phones there are only frames.
    """
    for name, weights in (("log_f0", arrays["voiced"]), ("log_energy", None)):
        yield name, "frame", normalised[name]
        if record["durations"]:
            try:
                yield name, "phone", phone_average(normalised[name], record["durations"], weights)
            except ValueError as error:
                raise ValueError(f"{record['id']}: {name}: {error}") from error


def job(work: Work, arguments: argparse.Namespace) -> None:
    """Write stats.json."""
    measured = Measured("stats", Features.of(work), observe)

    def with_ranges(stats: Stats) -> Stats:
        found: dict[str, dict[str, Percentiles]] = defaultdict(lambda: defaultdict(lambda: Percentiles(*PERCENTILES)))
        for seen in measured.normalised(stats):
            for feature, level, values in given(*seen):
                found[feature][level].count(values)
        for seen in measured.again(stats, GIVEN):
            for feature, level, values in given(*seen):
                found[feature][level].find(values)
        ranges = {name: {level: own.values() for level, own in levels.items()} for name, levels in found.items()}
        return replace(stats, ranges=ranges)

    write_stats(work, measured, UNITS, with_ranges)


if __name__ == "__main__":
    stage_command("stats", __doc__, job)
