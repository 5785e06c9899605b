"""What jobs cannot do without and koeru does not make: corpora, and the files of others that a family reads."""

from __future__ import annotations

from koeru.corpora.on_disk import missing
from koeru.graph.node import Node
from koeru.graph.plan import Plan


def lacking(plan: Plan, node: Node) -> list[str]:
    """What is not there of what a node's job reads from elsewhere, in words; [] for most."""
    return missing(node.settings) if node.stage == "utterances" else plan.graph.registry.lacking(node)
