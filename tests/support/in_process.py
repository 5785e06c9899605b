"""Jobs of a plan, run in this process by the functions that their scripts call, and a watch on what they read."""

from __future__ import annotations

import importlib.util
import json
import sys
from argparse import Namespace
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from configured import graph_of

from koeru.graph.graph import Graph
from koeru.graph.node import Node
from koeru.graph.plan import Job, Plan
from koeru.graph.store import Store
from koeru.jobs.features import run_feature
from koeru.jobs.stage import Work, seal

SCRIPTS = Path(__file__).parents[2] / "scripts"
FEATURES = ("pitch", "energy", "mel", "sp")


class Watched(dict):
    """A dictionary that notes which of its items were read one by one; a copy of all of them is no reading."""

    def __init__(self, content: Mapping[str, Any], read: set[str]) -> None:
        super().__init__(content)
        self.read = read

    def __getitem__(self, name: str) -> Any:
        self.read.add(name)
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        self.read.add(name)
        return super().get(name, default)


@dataclass
class Made:
    """A store and the plan that filled it; which leaves and settings each stage has read, and the jobs in order."""

    plan: Plan
    leaves: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    settings: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    jobs: list[Job] = field(default_factory=list)

    @property
    def graph(self) -> Graph:
        """The graph of the plan."""
        return self.plan.graph

    @property
    def store(self) -> Store:
        """The store that was filled."""
        return self.plan.store

    def work(self, node: Node) -> Work:
        """A node as its script sees it, through JSON as on its command line."""
        return Work.from_spec(json.loads(json.dumps(node.spec())), self.store)

    def run(self, targets: Iterable[Node]) -> Made:
        """Run every job that the targets lack, in the order of the plan."""
        for job in self.plan.planned(targets):
            self.run_job(job)
        return self

    def run_job(self, job: Job) -> None:
        """Run one job, watched."""
        stage = job.node.stage
        work = self.work(job.node)
        work = replace(
            work,
            params=Watched(work.params, self.leaves[stage]),
            settings=Watched(work.settings, self.settings[stage]),
        )
        self.jobs.append(job)
        if job.rule.startswith("seal_"):
            seal(work)
        elif stage in FEATURES:
            run_feature(work, job.shard, script(stage).analyse)
        elif job.node.declared.chunked:
            start = self.plan.start(job.node, job.epoch)
            script("training").job(work, Namespace(epoch=job.epoch, start=start))
        else:
            name = "family" if job.node.declared.job else stage
            script(name).job(work, Namespace(shard=job.shard, workers=1))


def made(raw: Mapping[str, Any], root: Path) -> Made:
    """The plan of a configuration over a store at `root`."""
    return Made(Plan(graph_of(raw), Store(root)))


@cache
def script(name: str) -> ModuleType:
    """The module of scripts/<name>.py."""
    spec = importlib.util.spec_from_file_location(f"koeru_script_{name}", SCRIPTS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module
