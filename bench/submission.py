"""What Slurm adds: entries of the queue for `exp/LINE_15`, and the time around a job's own work.

Measured on a real Slurm of one host.
"""

import os
import re
import statistics
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

import yaml
from common import ROOT, cost_of, overlay, snakemake, told

from koeru.graph.store import read_json

SLURM = ROOT / "tools" / "one_host_slurm.py"
PLUGIN = ROOT / ".slurm"  # where `make test-slurm` puts Slurm's executor
PROFILE = ROOT / "profiles" / "slurm"
SITE = ("--workflow-profile", str(PROFILE), "--slurm-status-command", "squeue", "--slurm-no-account")
SHARDS = (64, 1024)
REPETITIONS = 3
LOCAL = ("show", "total")  # not submitted, as the seals are not


def measure(folder: Path) -> list[bool]:
    """Start a cluster and measure beside it; say why, where there can be none."""
    can = subprocess.run([sys.executable, SLURM, "--can"], capture_output=True, text=True)
    lacking = can.stderr.strip() if can.returncode else "" if PLUGIN.exists() else "`make test-slurm` installs Slurm"
    if lacking:
        print(f"submission: not measured here: {lacking}")
        return []
    environment = os.environ | {"PYTHONPATH": str(PLUGIN)}
    command = [sys.executable, SLURM, sys.executable, __file__, str(folder)]
    return [subprocess.run(command, env=environment).returncode == 0]


def main(folder: Path) -> None:
    passed = []
    for shards in SHARDS:
        own = folder / str(shards)
        config = {
            "corpora": {"STUDIES": {"path": None, "stand_in": {"minutes": 1.5}}},
            "spk": {"LINE": {"shards": shards, "splits": {"dev": 0.25, "eval": 0.25}}},
            "vocoder": {"Long_dialogue_1": {"start": None}},
        }
        options = ("--configfile", str(overlay(own, config)))
        print(f"submission: exp/LINE_15, {shards} shards", flush=True)
        jobs = planned(own, options)
        cost_of(snakemake(own, "exp/LINE_15", "--until", "utterances", *options))
        passed += [*entries(own, options, jobs), *around_a_job(own, options)]
    sys.exit(not all(passed))


def planned(folder: Path, options: tuple[str, ...]) -> dict[str, int]:
    """The jobs of each rule."""
    dry = subprocess.run(snakemake(folder, "-n", "exp/LINE_15", *options), capture_output=True, text=True, check=True)
    return {name: int(n) for name, n in re.findall(r"^(\w+) +(\d+)$", dry.stdout, re.MULTILINE)}


def entries(folder: Path, options: tuple[str, ...], jobs: dict[str, int]) -> list[bool]:
    """What is in the queue when all shards wait in it, and what follows them."""
    groups = yaml.safe_load((PROFILE / "config.yaml").read_text("utf-8"))["groups"]
    single = {name: n for name, n in jobs.items() if not (name in groups or name in LOCAL or name.startswith("seal_"))}
    node("drain")
    command = snakemake(folder, *SITE, "--nolock", "--jobs", "1000", "exp/LINE_15", *options)
    begun = time.monotonic()
    waiting: list[str] = []
    with (folder / "submission.log").open("w") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        while process.poll() is None and (not waiting or len(waiting) < len(queue())):
            waiting = queue()
            time.sleep(5)
        took = time.monotonic() - begun
        process.kill()
    subprocess.run(["scancel", "--state=PENDING", "--me"], check=True)
    node("resume")
    of_shards = len([what for what in waiting if what.startswith("rule_shards")])
    if not of_shards:
        raise RuntimeError(f"Snakemake submitted nothing:\n{(folder / 'submission.log').read_text()}")
    total = of_shards + sum(single.values())
    print(
        f"  {jobs['total']} jobs; {len(waiting)} entries wait at once, after {took:.0f} s, {of_shards} of them shards"
    )
    print(f"  trainings: {jobs['train']} + {jobs['vocoder']} entries, one a chunk of epochs")
    return [told("entries in all", total, 500, "")]


def around_a_job(folder: Path, options: tuple[str, ...]) -> list[bool]:
    """The time from a job's submission to Snakemake's knowing of its end, less what the script itself took."""
    parts: dict[str, list[float]] = {}
    for _ in range(REPETITIONS):
        for path in folder.glob("store/splits/*/node.json"):
            path.unlink()
        before = jobs_shown()
        cost_of(snakemake(folder, *SITE, "exp/LINE_15", "--until", "splits", *options))
        ended = time.time()
        (job,) = (told for number, told in jobs_shown().items() if number not in before)
        submitted, started, end = (moment(job, name) for name in ("SubmitTime", "StartTime", "EndTime"))
        (made,) = folder.glob("store/splits/*/node.json")
        work = read_json(made)["run"]["seconds"]
        measured = {
            "waits for the scheduler": started - submitted,
            "Snakemake's start in the job": end - started - work,
            "until its end is seen": ended - end,
            "all": ended - submitted - work,
        }
        for name, seconds in measured.items():
            parts.setdefault(name, []).append(seconds)
    medians = {name: statistics.median(values) for name, values in parts.items()}
    print("  around a job: " + ", ".join(f"{name} {seconds:.1f} s" for name, seconds in medians.items()))
    return [told("submission adds to a job", medians["all"], 60, " s")]


def node(state: str) -> None:
    """Drain the one node of the cluster, or resume it."""
    host = subprocess.run(["sinfo", "-h", "-N", "-o", "%N"], capture_output=True, text=True, check=True).stdout.split()[
        0
    ]
    subprocess.run(["scontrol", "update", f"nodename={host}", f"state={state}", "reason=bench"], check=True)


def queue() -> list[str]:
    """What the jobs are that wait."""
    told = subprocess.run(["squeue", "-h", "-t", "PENDING", "-o", "%k"], capture_output=True, text=True, check=True)
    return told.stdout.splitlines()


def jobs_shown() -> dict[str, str]:
    """Every job, by its number, as Slurm shows it."""
    shown = subprocess.run(["scontrol", "show", "job", "--oneliner"], capture_output=True, text=True, check=True)
    return {line.split()[0]: line for line in shown.stdout.splitlines() if "JobId=" in line}


def moment(job: str, name: str) -> float:
    """One of a job's times, in seconds since 1970, to the second."""
    return datetime.fromisoformat(re.search(rf"\b{name}=(\S+)", job)[1]).timestamp()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
