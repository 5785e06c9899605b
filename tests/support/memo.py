"""The memo's entries and the demo's overlay, as the tests have them.

config.yaml belongs to its user, who adds, changes and deletes entries. The tests read copies of what is delivered;
`make lint` says when the copies are others.
"""

from pathlib import Path

import yaml
from snakemake.utils import update_config

ROOT = Path(__file__).resolve().parents[2]
MEMO = ROOT / "tests" / "configs" / "memo.yaml"
DEMO = ROOT / "tests" / "configs" / "demo.yaml"


def memo() -> dict:
    """The entries of the memo."""
    return yaml.safe_load(MEMO.read_text("utf-8"))


def demo() -> dict:
    """The entries of the memo with the demo's overlay."""
    return overlaid(memo(), yaml.safe_load(DEMO.read_text("utf-8")))


def overlaid(under: dict, over: dict) -> dict:
    """One configuration over another, as Snakemake reads several files; the first one is changed."""
    update_config(under, over)
    return under


def checkout(folder: Path) -> None:
    """Make a folder look like a checkout of koeru in which nobody has changed the memo's entries.

    Snakemake takes the folder of a Snakefile as it is called, so that its config.yaml is the one beside the link.
    """
    for name in ("Snakefile", "rules", "scripts", "envs", "profiles", "koeru"):
        (folder / name).symlink_to(ROOT / name)
    (folder / "config.yaml").symlink_to(MEMO)
