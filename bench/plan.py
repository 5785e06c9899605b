"""What a plan costs: a dry run of the whole configuration, and the Snakefile alone."""

import statistics
from pathlib import Path

from common import SNAKEMAKE, cost_of, overlay, snakemake, told

LIMITS_S = {64: 3.0, 1024: 30.0}  # shards: seconds
REPETITIONS = 5


def measure(folder: Path) -> list[bool]:
    """Print wall time and peak memory of `snakemake -n exp/LINE_15`, and the time that reading the Snakefile takes."""
    print("plan: full configuration, nothing built", flush=True)
    passed = []
    for shards, limit in LIMITS_S.items():
        dry = snakemake(folder, "-n", "exp/LINE_15", "--configfile", str(configured(folder, shards)))
        cost_of(dry)
        costs = [cost_of(dry) for _ in range(REPETITIONS if shards < 100 else 1)]
        passed.append(
            told(f"snakemake -n exp/LINE_15, {shards} shards", statistics.median(c.wall for c in costs), limit, " s")
        )
        print(f"  its peak memory: {max(c.peak_mib for c in costs):.0f} MiB")
    parse = snakemake(folder, "--list-rules", "--configfile", str(configured(folder, 64)))
    bare = [str(SNAKEMAKE), "--help"]
    alone = [cost_of(parse).wall - cost_of(bare).wall for _ in range(REPETITIONS)]
    return [*passed, told("reading the Snakefile alone", statistics.median(alone), 1.0, " s")]


def configured(folder: Path, shards: int) -> Path:
    """An overlay of the configuration: a corpus of ten hours a shard, and a vocoder that needs no published weights."""
    return overlay(
        folder,
        {
            "corpora": {"STUDIES": {"path": None, "stand_in": {"minutes": 600 * shards}}},
            "spk": {"LINE": {"shards": shards}},
            "vocoder": {"Long_dialogue_1": {"start": None}},
        },
    )
