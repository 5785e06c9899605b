"""What jobs cannot do without and koeru does not make: corpora, files of others, speakers and ids that are named."""

from __future__ import annotations

from koeru.config.corrections import read_corrections
from koeru.config.speakers import named_speakers, nobodies
from koeru.corpora.on_disk import missing, unmatched
from koeru.graph.node import Node
from koeru.graph.plan import Plan, place
from koeru.graph.store import Place


def lacking(plan: Plan, node: Node) -> list[str]:
    """What is not there of what a node's job reads from elsewhere, in words; [] for most."""
    if node.stage == "utterances":
        return missing(node.settings)
    return [*plan.graph.registry.lacking(node), *_unknown_speakers(plan, node), *_unmatched(plan, node)]


def _unknown_speakers(plan: Plan, node: Node) -> list[str]:
    """Names among the node's parameters that no speaker has, once it is known who speaks."""
    if not (named := named_speakers(node.params)):
        return []
    if (listing := _listing(plan, node)) is None:
        return []
    told = plan.store.read_node(listing).more
    return list(nobodies(named, told["speakers"], told.get("others", ())))


def _unmatched(plan: Plan, node: Node) -> list[str]:
    """Corrections that the node's job is given, of utterances that the dataset has not."""
    path = node.settings.get("files", {}).get("corrections")
    if not path or (listing := _listing(plan, node)) is None:
        return []
    return unmatched(plan.store, listing, path, read_corrections(path))


def _listing(plan: Plan, node: Node) -> Place | None:
    """The listing of the corpora that a node comes from; None while there is none, which will tell by itself."""
    while node.stage != "utterances":
        node = next(iter(node.parents.values()))
    listing = place(node)
    return listing if plan.exists(str(plan.store.node_path(listing))) else None
