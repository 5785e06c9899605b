"""Nodes: a stage with its resolved parameters and its parent nodes, and the key that is the hash of exactly these."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from koeru.graph.stages import Stage

KEY_LENGTH = 16


@dataclass(frozen=True, eq=False)
class Node:
    """A stage with its parameters and parents; `settings` are what a job needs to know but no key holds.

    params: leaf -> value, every leaf that the stage reads, defaults included.
    parents: role -> node; a role is the stage's name, or `stand_in.<corpus>`, or what the stage's declaration calls it.
    epochs: role -> epoch, for parents that are a training at an epoch.
    """

    stage: str
    declared: Stage
    params: Mapping[str, Any]
    hashed: Mapping[str, Any]
    parents: Mapping[str, Node] = field(default_factory=dict)
    epochs: Mapping[str, int] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    requires: dict[str, Node] = field(default_factory=dict)
    shards: int = 1

    @cached_property
    def key(self) -> str:
        """Hash of stage, version, the parameters that differ from their defaults, and the parents' keys."""
        parents = {role: [p.key, self.epochs.get(role)] for role, p in self.parents.items()}
        content = {
            "stage": self.stage,
            "version": self.declared.version,
            "params": dict(self.hashed),
            "parents": parents,
        }
        text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:KEY_LENGTH]

    def spec(self) -> dict[str, Any]:
        """What a script gets: this node and its parents' places, and nothing else of the configuration."""
        parents = {
            role: {"stage": p.stage, "key": p.key, "shards": p.shards} | _epoch(self.epochs, role)
            for role, p in self.parents.items()
        }
        uses = {role: dict(p.declared.uses) for role, p in self.parents.items() if p.declared.uses}
        return {
            "stage": self.stage,
            "version": self.declared.version,
            "key": self.key,
            "params": dict(self.params),
            "parents": parents,
            "settings": self.settings,
            "shards": self.shards,
            "job": self.declared.job,
            "uses": uses,
        }


def _epoch(epochs: Mapping[str, int], role: str) -> dict[str, int]:
    return {"epoch": epochs[role]} if role in epochs else {}


def ancestry(node: Node) -> Iterator[tuple[str, Node, int | None]]:
    """The node and all its ancestors as (path of roles, node, epoch), each node once, the nearest path first."""
    seen: set[tuple[str, str]] = set()
    queue: list[tuple[str, Node, int | None]] = [(node.stage, node, None)]
    while queue:
        path, current, epoch = queue.pop(0)
        if (current.stage, current.key) in seen:
            continue
        seen.add((current.stage, current.key))
        yield path, current, epoch
        lineage = path.rsplit("/", 1)[0] + "/" if "/" in path else ""
        for role, parent in current.parents.items():
            apart = role in current.declared.beginnings + current.declared.of_others
            further = f"{lineage}{role}/{parent.stage}" if apart else f"{lineage}{role}"
            queue.append((further, parent, current.epochs.get(role)))


def record(node: Node) -> dict[str, dict[str, Any]]:
    """What a view keeps of its node and of every ancestor: stage, version, key, epoch and parameters by path.

    And `rights`, those of the recordings or weights that a node was made of, where it is told them.
    """
    return {
        path: {"stage": n.stage, "version": n.declared.version, "key": n.key, "epoch": epoch, "params": dict(n.params)}
        | {name: n.settings[name] for name in ("rights",) if name in n.settings}
        for path, n, epoch in ancestry(node)
    }
