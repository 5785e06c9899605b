"""The small project on a cluster, by the profile that a site would use; and what is in the queue."""

import subprocess

import yaml
from memo import ROOT
from small_project import Project

PROFILE = ROOT / "profiles" / "slurm" / "config.yaml"
# What a site without accounting sets, and a test that does not want to wait.
SITE = {"slurm-status-command": "squeue", "slurm-no-account": True, "slurm-init-seconds-before-status-checks": 2}


class OnSlurm(Project):
    """The project, on the cluster, with the profile of a site: koeru's own, and what the site sets."""

    patience_s = 1800  # every job starts Snakemake twice

    @property
    def where(self) -> tuple[str, ...]:
        return ("--workflow-profile", str(self.folder / "site"))

    def settle(self, **of_trainings: object) -> None:
        """Write the site's profile; what it sets of trainings, such as their time limit."""
        profile = yaml.safe_load(PROFILE.read_text("utf-8")) | SITE
        profile["set-resources"]["trainings"] |= of_trainings
        (self.folder / "site").mkdir(exist_ok=True)
        (self.folder / "site" / "config.yaml").write_text(yaml.safe_dump(profile), "utf-8")


def queue() -> list[tuple[str, str, str]]:
    """(job, state, what it is) of every job, the oldest first."""
    told = subprocess.run(
        ["squeue", "--noheader", "--array", "--states=all", "--sort=i", "--format=%i|%T|%k"],
        capture_output=True,
        text=True,
        check=True,
    )
    return [tuple(line.split("|")) for line in told.stdout.splitlines()]


def jobs_of(key: str) -> list[tuple[str, str]]:
    """(job, state) of every job of a training, the oldest first."""
    return [(job, state) for job, state, what in queue() if what.startswith("rule_train_") and key in what]


def shown(job: str) -> str:
    """All that Slurm shows of a job."""
    return subprocess.run(["scontrol", "show", "job", job], capture_output=True, text=True, check=True).stdout
