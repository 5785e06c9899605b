"""A small project on a stand-in corpus: real Snakemake runs the repository's Snakefile over the memo's entries."""

import re
import subprocess
import sys
from pathlib import Path

import yaml
from memo import checkout
from tiny import TINY_MODEL, TINY_PROSODY, TINY_VOCODER

SNAKEMAKE = Path(sys.executable).with_name("snakemake")

SMALL = {
    "corpora": {"STUDIES": {"path": None, "stand_in": {"minutes": 1.5}}},
    "spk": {"LINE": {"shards": 2, "splits": {"dev": 0.25, "eval": 0.25}}},
    "exp": {
        "LINE_1": {
            "model": TINY_MODEL,
            "train": {
                "batch_size": 4,
                "warmup_steps": 10,
                "threads": 1,
                "checkpoint_every": 0.001,
                "precision": "fp32",
            },
            "epochs": 2,
            "chunk": 1,
            "synthesis": {"samples": 2, "griffin_lim_iterations": 2},
            "evaluation": {"bootstrap": 50},
        },
        "LINE_6": {"model": TINY_PROSODY, "train": {"batch_size": 4}, "evaluation": {"prosody_samples": 2}},
        "LINE_7": {"train": {"batch_size": 4}},
        "LINE_12": {"pretrain": "LINE_10@1", "epochs": 1},
        "LINE_15": {"pretrain": "LINE_14@1"},
    },
    "vocoder": {"Long_dialogue_1": TINY_VOCODER | {"start": None}},  # of which LINE_6 is another
}


class Project:
    """A folder that looks like a checkout, with a configuration of its own over the memo's."""

    where = ("--cores", "2")  # the options that say on what
    patience_s = 600  # cores may be few, and busy with other tests

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config_path = folder / "small.yaml"
        if not (folder / "Snakefile").exists():
            checkout(folder)

    @property
    def config(self) -> dict:
        return yaml.safe_load(self.config_path.read_text("utf-8"))

    def configure(self, config: dict) -> None:
        self.config_path.write_text(yaml.safe_dump(config, allow_unicode=True, sort_keys=False), "utf-8")

    def set(self, path: str, value: object) -> None:
        """Set one leaf, such as "spk.LINE_3.pitch.f0_floor"."""
        config = self.config
        *parents, leaf = path.split(".")
        place = config
        for name in parents:
            place = place.setdefault(name, {})
        place[leaf] = value
        self.configure(config)

    def command(self, *arguments: str) -> list[str]:
        return [str(a) for a in [SNAKEMAKE, *self.where, "--configfile", self.config_path, "--", *arguments]]

    def start(self, *targets: str, options: tuple[str, ...] = ()) -> subprocess.Popen:
        command = self.command(*targets)
        at = command.index("--configfile")
        return subprocess.Popen(
            [*command[:at], *options, *command[at:]],
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *targets: str, options: tuple[str, ...] = (), fails: bool = False) -> str:
        """Run Snakemake to its end; what it printed."""
        process = self.start(*targets, options=options)
        output, _ = process.communicate(timeout=self.patience_s)
        assert (process.returncode != 0) == fails, output
        return output

    def plan(self, *targets: str) -> dict[str, int]:
        """Rules that a dry run would run, with their numbers of jobs; views and targets left out."""
        return jobs(self.run(*targets, options=("-n",)))


def jobs(output: str) -> dict[str, int]:
    """The job table of a dry run."""
    rows = re.findall(r"^(\S+)\s+(\d+)$", output, re.MULTILINE)
    return {name: int(n) for name, n in rows if name not in ("total", "show") and "/" not in name}
