"""Where a node came from: what its ancestors' `node.json` tell a page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from koeru.graph.store import Place, Store, read_json
from koeru.report.data import Setting, StageRun


def ancestors(store: Store, place: Place) -> Iterator[dict[str, Any]]:
    """The content of `node.json` of a node's ancestors (of `epoch_NNNN.json` for trainings), nearest first."""
    seen, queue = set(), [place]
    while queue:
        current = queue.pop(0)
        if (current.stage, current.key) in seen:
            continue
        seen.add((current.stage, current.key))
        path = store.node_path(current) if current.epoch is None else store.epoch_path(current, current.epoch)
        content = read_json(path)
        yield content
        queue += [Place(p["stage"], p["key"], epoch=p["epoch"]) for p in content["parents"].values()]


def stage_runs(nodes: list[dict[str, Any]]) -> list[StageRun]:
    """One row a node: when, how long, where, by which commit."""
    return [
        StageRun(
            n["stage"],
            n["key"],
            n["run"]["started"],
            n["run"]["seconds"],
            n["run"].get("host") or ", ".join(n["run"].get("hosts", [])),
            n["commit"],
        )
        for n in nodes
    ]


def settings(nodes: Iterable[Mapping[str, Any]], standard: Mapping[str, Any]) -> list[Setting]:
    """The leaves that differ from their default in `standard`, each as the nearest of `nodes` that reads it has it.

    What a training was pretrained from, or a vocoder was taught by, may have other values: they are none of this page.
    Null is what a node has where its job does not read the leaf.
    """
    nearest: dict[str, Setting] = {}
    for node in nodes:
        for leaf, value in node["params"].items():
            if leaf in standard and not (value is None and standard[leaf] is not None):
                nearest.setdefault(leaf, Setting(leaf, value, standard[leaf], node["stage"]))
    return [setting for setting in nearest.values() if setting.value != setting.default]
