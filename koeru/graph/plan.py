"""Which jobs make a node, and what each waits for: the same answers for Snakemake, for `status` and for the tests.

The *cut*: a job whose own output exists waits for nothing. So a finished node is a leaf of the plan, and whatever
happens upstream of it (a deleted shard, a touched file) never makes Snakemake run it again or delete its output.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from koeru.graph.graph import Graph
from koeru.graph.node import Node
from koeru.graph.store import Place, Store


@dataclass(frozen=True)
class Job:
    """One job of the plan: a shard, a seal, a whole node or a chunk of epochs. `rule` is Snakemake's name for it."""

    rule: str
    node: Node
    output: str
    shard: int | None = None
    epoch: int | None = None


class Plan:
    """The jobs of a graph over a store. `exists` can be replaced to plan over an imagined store."""

    def __init__(self, graph: Graph, store: Store, exists: Callable[[str], bool] | None = None) -> None:
        self.graph = graph
        self.store = store
        self.exists = exists or (lambda path: Path(path).exists())

    def shard(self, node: Node, shard: int) -> Job:
        """The job that makes one shard of a sharded stage."""
        return Job(node.stage, node, str(self.store.shard_path(place(node), shard)), shard=shard)

    def whole(self, node: Node) -> Job:
        """The job that completes a node: the seal of a sharded stage, the work itself of any other."""
        rule = f"seal_{node.stage}" if node.declared.sharded else node.stage
        return Job(rule, node, str(self.store.node_path(place(node))))

    def epochs(self, node: Node, epoch: int) -> Job:
        """The chunk of epochs of a training that ends at `epoch`."""
        return Job(node.stage, node, str(self.store.epoch_path(place(node), epoch)), epoch=epoch)

    def view(self, kind: str, name: str) -> str:
        """The ticket that says that the view of an entry shows its present key."""
        return f"{kind}/{name}/.shows/{self.entry(kind, name).key}"

    def entry(self, kind: str, name: str) -> Node:
        """The node that a view shows."""
        return self.graph.views[kind][name]

    def spk(self, kind: str, name: str) -> str:
        """The dataset of an entry."""
        return name if kind == "data" else self.graph.config[kind][name].spk

    def targets(self, kind: str, name: str) -> list[Node]:
        """The nodes that an entry needs: of an experiment or a vocoder, its dataset with its gates as well."""
        dataset = self.graph.data[self.spk(kind, name)]
        return [dataset] if kind == "data" else [dataset, self.entry(kind, name)]

    def start(self, node: Node, epoch: int) -> int:
        """The saved epoch a chunk continues from: the latest on disk, else the one before on the grid; 0 is none."""
        before = max((saved for saved in node.settings["saved"] if saved < epoch), default=0)
        for candidate in range(epoch - 1, before, -1):
            if self.exists(self.epochs(node, candidate).output):
                return candidate
        return before

    def waits_for(self, job: Job) -> list[Job]:
        """What must exist before a job can run; nothing, if its output exists (the cut)."""
        if self.exists(job.output):
            return []
        if job.shard is not None:
            return [self._at_shard(parent, job.shard) for parent in job.node.parents.values()]
        if job.node.declared.sharded:
            return [self.shard(job.node, i) for i in range(job.node.shards)]
        needed = []
        if job.epoch is not None and (start := self.start(job.node, job.epoch)):
            needed.append(self.epochs(job.node, start))
            if not self.exists(needed[0].output):  # then the chunk before waits for everything else
                return needed
        needed += [j for role, parent in job.node.parents.items() for j in self._all_of(job, role, parent)]
        needed += [self.whole(node) for node in job.node.requires.values()]
        return needed

    def planned(self, targets: Iterable[Node]) -> list[Job]:
        """Every job that would run to complete the targets, parents before children."""
        order: dict[str, Job] = {}

        def visit(job: Job) -> None:
            if job.output in order or self.exists(job.output):
                return
            for further in self.waits_for(job):
                visit(further)
            order[job.output] = job

        for node in targets:
            visit(self.whole(node))
        return list(order.values())

    def _at_shard(self, parent: Node, shard: int) -> Job:
        return self.shard(parent, shard) if parent.declared.sharded else self.whole(parent)

    def _all_of(self, job: Job, role: str, parent: Node) -> list[Job]:
        if role in job.node.declared.beginnings and self.start(job.node, job.epoch) > 0:
            return []  # the run has begun: it needs what it began with no more
        if parent.declared.chunked:
            return [self.epochs(parent, job.node.epochs[role])]
        whole = self.whole(parent)
        if not parent.declared.sharded or not self.exists(whole.output):
            return [whole]  # a seal that is still to come waits for the shards itself
        return [whole, *(self.shard(parent, i) for i in range(parent.shards))]


def place(node: Node) -> Place:
    """Where a node's output lives."""
    return Place(node.stage, node.key, node.shards)
