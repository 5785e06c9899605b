"""Normalisation statistics of the spectral envelope and of the F0 at its frames, by themselves: they re-key nothing."""

import argparse

import numpy as np

from koeru.data.reading import Features
from koeru.data.split_statistics import Measured, write_stats
from koeru.data.statistics import Stats
from koeru.jobs.command_line import stage_command
from koeru.jobs.stage import Arrays, Work

UNITS = {"sp": "coded envelope of WORLD, natural log", "log_f0": "natural log of Hz"}


def observe(arrays: Arrays) -> dict[str, tuple[np.ndarray, np.ndarray | None]]:
    """All frames of the envelope, and of log F0 the voiced ones; both lie at the envelope's own frame period."""
    voiced = arrays["f0"] > 0
    return {"sp": (arrays["sp"], None), "log_f0": (np.log(np.where(voiced, arrays["f0"], 1.0)), voiced)}


def job(work: Work, arguments: argparse.Namespace) -> None:
    """Write stats.json."""
    measured = Measured("sp_stats", Features.of(work, ("sp",)), observe)

    def checked(stats: Stats) -> Stats:
        for _ in measured.normalised(stats):
            pass
        return stats

    write_stats(work, measured, UNITS, checked)


if __name__ == "__main__":
    stage_command("sp_stats", __doc__, job)
