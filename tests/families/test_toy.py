"""A family is one folder and one line: the toy of the docs, in a copy of koeru, from the dry run to its page."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from memo import ROOT
from small_project import SNAKEMAKE, jobs

from koeru.report.measurement import Measurement

TOY = ROOT / "docs" / "examples" / "loudness"
REGISTRY = Path("koeru", "families", "__init__.py")
CONFIG = {
    "corpora": {"S": {"format": "studies", "stand_in": {"minutes": 1.5}}},
    "spk": {"small": {"corpora": ["S"], "shards": 2, "splits": {"dev": 0.25, "eval": 0.25}}},
    "exp": {
        "toy": {"spk": "small", "model": {"type": "loudness"}, "train": {"threads": 1}, "epochs": 2, "chunk": 1},
        "voice": {"spk": "small"},
    },
}


class Copy:
    """koeru with the toy beside its families, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("koeru", "rules", "scripts", "profiles"):
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("Snakefile", "envs"):
            (folder / name).symlink_to(ROOT / name)
        shutil.copytree(TOY, folder / "koeru" / "families" / "loudness")
        registry = (ROOT / REGISTRY).read_text("utf-8")
        line = "from koeru.families.loudness.family import FAMILY as LOUDNESS\n"
        registry = registry.replace("from koeru.families.vocoder", f"{line}from koeru.families.vocoder", 1)
        (folder / REGISTRY).write_text(registry.replace("Registry((", "Registry((LOUDNESS, ", 1), "utf-8")
        self.configure(CONFIG)

    def configure(self, config: dict) -> None:
        (self.folder / "config.yaml").write_text(yaml.safe_dump(config), "utf-8")

    def run(self, *arguments: str, fails: bool = False) -> str:
        environment = os.environ | {"PYTHONPATH": str(self.folder)}
        command = [SNAKEMAKE if arguments[0] != "python" else sys.executable, *arguments[arguments[0] == "python" :]]
        done = subprocess.run(
            command, cwd=self.folder, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        assert (done.returncode != 0) == fails, done.stdout
        return done.stdout


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    return Copy(tmp_path_factory.mktemp("toy"))


def test_from_the_dry_run_to_its_page(copy):
    planned = jobs(copy.run("-n", "exp/toy"))
    assert planned["loudness"] == 2 and planned["loudness_page"] == 1 and "train" not in planned
    copy.run("--cores", "2", "exp/toy")
    shown = copy.folder / "exp" / "toy"
    found = Measurement.read(shown)
    error, page = found.metrics["energy_l1"].value, (shown / "report.html").read_text("utf-8")
    assert error > 0 and f"{error:.3f}" in page and "<h1>toy</h1>" in page and len(found.rows) > 1
    assert jobs(copy.run("-n", "exp/toy")) == {}
    assert re.search(r"^exp/toy +fresh", copy.run("status"), re.MULTILINE)

    longer = json.loads(json.dumps(CONFIG))
    longer["exp"]["toy"] |= {"epochs": 3, "model": {"type": "loudness"}}
    copy.configure(longer)
    assert jobs(copy.run("-n", "exp/toy")) == {"loudness": 1, "loudness_page": 1}
    longer["exp"]["toy"]["model"]["bias"] = False
    copy.configure(longer)
    told = copy.run("-n", "exp/toy")
    assert jobs(told) == {"loudness": 3, "loudness_page": 1}
    assert "model.bias: true → false (read by loudness)" in told


def test_only_the_leaves_of_its_type_are_allowed(copy):
    copy.configure(CONFIG | {"exp": {"toy": {"spk": "small", "model": {"type": "loudness", "heads": 2}}}})
    assert "exp.toy.model.heads: unknown key; known here: type, bias" in copy.run("-n", "exp/toy", fails=True)
    copy.configure(CONFIG | {"exp": {"toy": {"spk": "small", "model": {"bias": False}}}})
    assert "exp.toy.model.bias: unknown key" in copy.run("-n", "exp/toy", fails=True)
    copy.configure(CONFIG | {"exp": {"toy": {"spk": "small", "model": {"type": "loud"}}}})
    assert "exp.toy.model.type: there is no type 'loud'; did you mean 'loudness'?" in copy.run("status", fails=True)


def test_the_toy_changes_no_key_of_others(copy):
    code = """
import json, sys, yaml
from koeru.config.tables import load
from koeru.families import FAMILIES
from koeru.graph.graph import Graph
graph = Graph(load(yaml.safe_load(open(sys.argv[1])), FAMILIES.kinds), FAMILIES)
print(json.dumps({f"{kind}/{name}": node.key for kind, views in graph.views.items() for name, node in views.items()}))
"""
    memo = str(ROOT / "tests" / "configs" / "memo.yaml")
    beside = json.loads(copy.run("python", "-c", code, memo))
    alone = subprocess.run([sys.executable, "-c", code, memo], cwd=ROOT, capture_output=True, text=True, check=True)
    assert beside == json.loads(alone.stdout)
