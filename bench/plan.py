"""What a plan costs: a dry run of the whole configuration with 64 shards, and the Snakefile alone."""

import statistics
from pathlib import Path

from common import SNAKEMAKE, cost_of, overlay, snakemake, told

REPETITIONS = 5


def measure(folder: Path) -> list[bool]:
    """Print wall time and peak memory of `snakemake -n exp/LINE_15`, and the time that reading the Snakefile takes."""
    print("plan: full configuration, 64 shards, nothing built", flush=True)
    config = {
        "corpora": {"STUDIES": {"path": None, "stand_in": {"minutes": 600}}},
        "spk": {"LINE": {"shards": 64}},
        "vocoder": {"Long_dialogue_1": {"start": None}},  # whose published weights are not here
    }
    path = overlay(folder, config)
    dry = snakemake(folder, "-n", "exp/LINE_15", "--configfile", str(path))
    parse = snakemake(folder, "--list-rules", "--configfile", str(path))
    bare = [str(SNAKEMAKE), "--help"]
    cost_of(dry)
    dries, parses, bares = zip(
        *((cost_of(dry), cost_of(parse), cost_of(bare)) for _ in range(REPETITIONS)), strict=True
    )
    parse_alone = statistics.median(p.wall - b.wall for p, b in zip(parses, bares, strict=True))
    print(f"  peak memory of the dry run: {max(d.peak_mib for d in dries):.0f} MiB")
    return [
        told("snakemake -n exp/LINE_15", statistics.median(d.wall for d in dries), 3.0, " s"),
        told("reading the Snakefile alone", parse_alone, 1.0, " s"),
    ]
