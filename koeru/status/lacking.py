"""What jobs cannot do without and koeru does not make: corpora, the files of others, and speakers that are named."""

from __future__ import annotations

from koeru.config.speakers import named_speakers, nobodies
from koeru.corpora.on_disk import missing
from koeru.graph.node import Node
from koeru.graph.plan import Plan, place


def lacking(plan: Plan, node: Node) -> list[str]:
    """What is not there of what a node's job reads from elsewhere, in words; [] for most."""
    if node.stage == "utterances":
        return missing(node.settings)
    return [*plan.graph.registry.lacking(node), *_unknown_speakers(plan, node)]


def _unknown_speakers(plan: Plan, node: Node) -> list[str]:
    """Names among the node's parameters that no speaker has, once it is known who speaks."""
    if not (named := named_speakers(node.params)):
        return []
    while node.stage != "utterances":
        node = next(iter(node.parents.values()))
    if not plan.exists(str(plan.store.node_path(place(node)))):
        return []  # the listing will tell
    told = plan.store.read_node(place(node)).more
    return list(nobodies(named, told["speakers"], told.get("others", ())))
