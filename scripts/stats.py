"""Normalisation statistics of the training split, for each speaker or for all, merged exactly over shards."""

import argparse
from collections import defaultdict
from dataclasses import replace

import numpy as np

from koeru.data.phone_average import phone_average
from koeru.data.reading import Features
from koeru.data.records import Labelled
from koeru.data.split_statistics import Measured, write_stats
from koeru.data.statistics import Stats, value_range
from koeru.jobs.command_line import stage_command
from koeru.jobs.stage import Arrays, Work

UNITS = {"mel": "natural log of mel magnitude", "log_f0": "natural log of Hz", "log_energy": "natural log of L2 norm"}

Values = dict[str, dict[str, list[np.ndarray]]]  # feature -> level -> what each utterance has


def observe(arrays: Arrays) -> dict[str, tuple[np.ndarray, np.ndarray | None]]:
    """All frames of each feature, of log_f0 the voiced ones."""
    return {name: (arrays[name], arrays["voiced"] > 0 if name == "log_f0" else None) for name in UNITS}


def add_values(values: Values, record: Labelled, arrays: Arrays, normalised: Arrays) -> None:
    """Add the normalised pitch and energy of an utterance as a model sees them: of all its frames, and of its phones.

    Where the dataset has no phones there are only frames.
    """
    for name, weights in (("log_f0", arrays["voiced"]), ("log_energy", None)):
        values[name]["frame"].append(normalised[name])
        if record["durations"]:
            try:
                average = phone_average(normalised[name], record["durations"], weights)
            except ValueError as error:
                raise ValueError(f"{record['id']}: {name}: {error}") from error
            values[name]["phone"].append(average)


def job(work: Work, arguments: argparse.Namespace) -> None:
    """Write stats.json."""
    measured = Measured("stats", Features.of(work), observe)

    def with_ranges(stats: Stats) -> Stats:
        values: Values = defaultdict(lambda: defaultdict(list))
        for record, arrays, normalised in measured.normalised(stats):
            add_values(values, record, arrays, normalised)
        ranges = {name: {level: value_range(own) for level, own in levels.items()} for name, levels in values.items()}
        return replace(stats, ranges=ranges)

    write_stats(work, measured, UNITS, with_ranges)


if __name__ == "__main__":
    stage_command("stats", __doc__, job)
