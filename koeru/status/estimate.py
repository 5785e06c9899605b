"""How long planned jobs will take, from earlier jobs of the same stages."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from koeru.graph.node import Node
from koeru.graph.plan import Job, Plan
from koeru.graph.store import read_json
from koeru.jobs.progress import duration


class Estimate:
    """Estimates over the store of a plan; each stage's records are read once."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._known: dict[str, float | None] = {}

    def words(self, jobs: Sequence[Job]) -> str:
        """The work of some jobs for a person; `unknown` names the stages that never ran."""
        if not jobs:
            return "none"
        seconds = {job.output: self.seconds(job) for job in jobs}
        unknown = sorted({job.node.stage for job in jobs if seconds[job.output] is None})
        total = sum(known for known in seconds.values() if known is not None)
        if not unknown:
            return f"about {duration(total)}"
        return f"about {duration(total)}, and unknown for {', '.join(unknown)}" if total else "unknown"

    def seconds(self, job: Job) -> float | None:
        """Seconds that a job is expected to take on one core; None without an earlier job of its stage."""
        if job.shard is None and job.node.declared.sharded:
            return 0.0  # a seal only adds up
        if job.node.stage not in self._known:
            earlier = self._earlier(job.node)
            self._known[job.node.stage] = statistics.median(earlier) if earlier else None
        each = self._known[job.node.stage]
        if each is None or job.epoch is None:
            return each
        return each * (job.epoch - self.plan.start(job.node, job.epoch))

    def _earlier(self, node: Node) -> list[float]:
        """Seconds of earlier jobs of a node's stage: of a shard, of an epoch of a training, or of a whole node."""
        folder = self.plan.store.root / node.stage
        if node.declared.chunked:
            told = [read_json(path) for path in folder.glob("*/epoch_*.json")]
            return [t["run"]["seconds"] / max(1, t["epoch"] - t["start"]) for t in told]
        told = [read_json(path) for path in folder.glob("*/node.json")]
        return [t["run"]["seconds"] / max(1, len(t.get("digests", [1]))) for t in told]
