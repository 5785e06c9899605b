"""Where a node came from: what its ancestors' `node.json` tell a page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from koeru.graph.store import NodeManifest, Place, Store
from koeru.report.data import Setting, StageRun


def ancestors(store: Store, *places: Place) -> list[NodeManifest]:
    """The manifests of nodes and of all their ancestors, the nearest first; of a training, of the epoch asked for."""
    found: dict[tuple[str, str], NodeManifest] = {}
    queue = list(places)
    while queue:
        place = queue.pop(0)
        if (place.stage, place.key) not in found:
            manifest = found[place.stage, place.key] = store.read_node(place)
            queue += manifest.parents.values()
    return list(found.values())


def stage_runs(nodes: Iterable[NodeManifest]) -> list[StageRun]:
    """One row a node: when, how long, where, by which commit."""
    return [
        StageRun(
            node.stage,
            node.key,
            node.run["started"],
            node.run["seconds"],
            node.run.get("host") or ", ".join(node.run.get("hosts", [])),
            node.commit,
        )
        for node in nodes
    ]


def settings(nodes: Iterable[NodeManifest], standard: Mapping[str, Any]) -> list[Setting]:
    """The leaves that differ from their default in `standard`, each as the nearest of `nodes` that reads it has it.

    What a training was pretrained from, or a vocoder was taught by, may have other values: they are none of this page.
    Null is what a node has where its job does not read the leaf.
    """
    nearest: dict[str, Setting] = {}
    for node in nodes:
        for leaf, value in node.params.items():
            if leaf in standard and not (value is None and standard[leaf] is not None):
                nearest.setdefault(leaf, Setting(leaf, value, standard[leaf], node.stage))
    return [setting for setting in nearest.values() if setting.value != setting.default]
