"""How fast the pairs of voice conversion are aligned, reading them left out: one process, one thread."""

import time
from pathlib import Path
from statistics import median

import numpy as np
from common import told

from koeru.config.base import defaults
from koeru.config.spk import Spk
from koeru.families.vc import durations
from koeru.families.vc.alignment import Aligner
from koeru.families.vc.entry import VcExp

PAIRS, REPEATS = 50, 5
SECONDS = 5.0  # of a source; its target lasts up to a quarter longer or less long
RATE, HOP, BANDS = 22050, 256, 80
FACTORS = (3, 1)
LEAST = 100  # pairs a second at a reduction factor of 3


def measure(folder: Path) -> list[bool]:
    """Print what a pair takes, with the band and the penalty that entries have by default."""
    rng = np.random.default_rng(0)
    pairs = [tuple(mel(rng, seconds) for seconds in (SECONDS, SECONDS * rng.uniform(0.75, 1.25))) for _ in range(PAIRS)]
    print(f"alignment: {PAIRS} pairs of {SECONDS:g} s")
    begun = time.perf_counter()
    aligner(FACTORS[0])(*example(pairs[0]))
    print(f"  the first pair, compiled for it: {time.perf_counter() - begun:.2f} s")
    taken = {factor: median(seconds_a_pair(aligner(factor), pairs) for _ in range(REPEATS)) for factor in FACTORS}
    for factor, seconds in taken.items():
        print(f"  reduction factor {factor}: {1 / seconds:.0f} pairs a second")
    return [told("a pair at a reduction factor of 3", 1000 * taken[3], 1000 / LEAST, " ms")]


def aligner(factor: int) -> Aligner:
    """One as the stage has it by default."""
    return durations.aligner(defaults(VcExp) | defaults(Spk) | {"model.reduction_factor": factor})


def mel(rng: np.random.Generator, seconds: float) -> np.ndarray:
    """A log-mel (T, M) that changes as slowly as speech."""
    n_frames = round(seconds * RATE / HOP)
    steps = rng.standard_normal((n_frames // 6 + 2, BANDS))
    return np.stack([np.interp(np.arange(n_frames) / 6, np.arange(len(steps)), band) for band in steps.T], axis=1)


def example(pair: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What is aligned of a pair; a second of it is silent."""
    source, target = pair
    levels = np.where(np.arange(len(source)) < RATE / HOP, -90.0, -20.0)
    return source, levels, target


def seconds_a_pair(align: Aligner, pairs: list[tuple[np.ndarray, np.ndarray]]) -> float:
    """Processor seconds that each of some pairs takes."""
    begun = time.process_time()
    for pair in pairs:
        align(*example(pair))
    return (time.process_time() - begun) / len(pairs)
