"""What the scripts of a run are told: every node and every view of a configuration, in one file named by its content.

So a job's command line stays short enough to read, to repeat by hand and to submit: `--node pitch/c7a8… --plan FILE`.
A script takes its own node from the file and nothing else.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from koeru.graph.graph import Graph
from koeru.graph.node import record
from koeru.graph.store import Store, read_json, replacing


class Briefing:
    """The file of a graph: `path` is known at once, `write` is for a run that starts."""

    def __init__(self, graph: Graph, store: Store) -> None:
        self.graph, self.store = graph, store

    @cached_property
    def text(self) -> str:
        """The content, as JSON."""
        nodes = {f"{stage}/{key}": node.spec() for (stage, key), node in self.graph.nodes.items()}
        content = {
            "nodes": nodes,
            "views": {name: view for kind in self.graph.views for name, view in self._views(kind).items()},
        }
        return json.dumps(content, ensure_ascii=False)

    @cached_property
    def path(self) -> Path:
        """Where the content lies: `store/plans/<hash>.json`."""
        return self.store.root / "plans" / f"{hashlib.sha256(self.text.encode()).hexdigest()[:16]}.json"

    def write(self) -> None:
        """Write the file, unless it is there."""
        if not self.path.exists():
            with replacing(self.path) as temporary:
                temporary.write_text(self.text, encoding="utf-8")

    def _views(self, kind: str) -> dict[str, Any]:
        return {
            f"{kind}/{name}": {
                "stage": node.stage,
                "key": node.key,
                "record": record(node),
                "names": names(self.graph, kind, name),
            }
            for name, node in self.graph.views[kind].items()
        }


def names(graph: Graph, kind: str, name: str) -> dict[str, str]:
    """What a view calls the nodes it speaks of: "stage/key" -> entry.

    Entries can share nodes: a view's own node has the view's name, its dataset and the trainings that it comes from
    the names that its entry gives them, and any other the first entry's. "entries/key" are all experiments of a node.
    """
    found = {
        f"{one.node.stage}/{one.node.key}": entry
        for trained in graph.trained.values()
        for entry, one in reversed(trained.items())
    }
    found |= {f"dataset/{node.key}": entry for entry, node in reversed(graph.data.items())}
    if kind == "data":
        return found | {f"dataset/{graph.data[name].key}": name}
    spk, own = graph.config[kind][name].spk, graph.views[kind][name]
    found |= {f"dataset/{graph.data[spk].key}": spk, f"{own.stage}/{own.key}": name}
    found[f"entries/{own.key}"] = ", ".join(other for other, node in graph.views[kind].items() if node is own)
    for table, ancestor in reversed(graph.lineage(kind, name)):
        node = graph.trained[table][ancestor].node
        found[f"{node.stage}/{node.key}"] = ancestor
    return found


def told(path: Path, kind: str, name: str) -> Mapping[str, Any]:
    """One node or view of a file that `Briefing.write` wrote. Raises ValueError if it does not hold it."""
    content = read_json(path)[kind]
    if name not in content:
        raise ValueError(f"{path} knows no {name}: it was written for another configuration; run Snakemake again")
    return content[name]
