"""The demo's voices, and the controls that show that measures of them can fail: trained by whoever has minutes."""

import subprocess
import sys
from pathlib import Path

import yaml
from configured import graph_of
from memo import DEMO, checkout, demo, overlaid

from koeru.graph.graph import Graph
from koeru.graph.store import Store
from koeru.jobs.stage import Work

VOICES = {"LINE_8": 30, "LINE_14": 30, "LINE_15": 10}  # and their last epochs
VOCODERS = ("LINE_6", "LINE_15")  # the latter is the former, fine-tuned on what LINE_15 makes
CONTROLS = {
    "exp": {
        "LINE_15_scratch": {"base": "LINE_15", "pretrain": None, "partial": None},
        "LINE_14_no_accent": {"base": "LINE_14", "model": {"accent": False}},
    },
    "vocoder": {
        f"of_{name}": {"spk": "LINE_3", "mels": "teacher_forced", "exp": f"{name}@{epoch}", "epochs": 1}
        for name, epoch in VOICES.items()
    },
}


def graph() -> Graph:
    """The nodes of the demo and of the controls."""
    return graph_of(overlaid(demo(), CONTROLS))


def works(folder: Path) -> dict[str, Work]:
    """The works that make the teacher-forced mels of the voices, by name."""
    vocoders = graph().trained["vocoder"]
    nodes = {name: vocoders[f"of_{name}"].node.parents["gta"] for name in VOICES}
    return {name: Work.from_spec(node.spec(), Store(folder / "store")) for name, node in nodes.items()}


def train(folder: Path) -> None:
    """Make the demo's experiments in a folder, their controls, and the teacher-forced mels of the voices."""
    controls = folder / "controls.yaml"
    controls.write_text(yaml.safe_dump(CONTROLS), "utf-8")
    checkout(folder)
    command = [Path(sys.executable).with_name("snakemake"), "--cores", "all", "--configfile", DEMO, controls, "--"]
    command += [*(f"exp/{name}" for name in (*VOICES, *CONTROLS["exp"])), *(f"vocoder/{name}" for name in VOCODERS)]
    command += [work.store.node_path(work.place).relative_to(folder) for work in works(folder).values()]
    subprocess.run([str(c) for c in command], cwd=folder, check=True)
