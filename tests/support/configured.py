"""Configurations of the families that there are."""

from collections.abc import Mapping
from typing import Any

from koeru.config import tables
from koeru.config.config import Config
from koeru.families import FAMILIES
from koeru.graph.graph import Graph
from koeru.graph.node import ancestry

STAGES = FAMILIES.stages


def load(raw: Mapping[str, Any]) -> Config:
    """Check and resolve a whole configuration."""
    return tables.load(raw, FAMILIES.kinds)


def table_of(config: Config, table: str) -> Mapping[str, Any]:
    """The entries of any table."""
    return {"corpora": config.corpora, "spk": config.spk, "languages": config.languages, **config.tables}[table]


def written(config: Config) -> dict[str, Any]:
    """A configuration as a file would have it, every leaf written out."""
    return {
        table: {name: entry.model_dump(mode="json") for name, entry in table_of(config, table).items()}
        for table in ("corpora", "spk", "languages", *config.tables)
    }


def graph_of(raw: Mapping[str, Any]) -> Graph:
    """The nodes of a whole configuration."""
    return Graph(load(raw), FAMILIES)


def keys_of(graph):
    """Every key of every entry: {"exp/child": {"train": key, ...}}."""
    shown = {f"{kind}/{name}": node for kind, views in graph.views.items() for name, node in views.items()}
    return {entry: {path: n.key for path, n, _ in ancestry(node)} for entry, node in shown.items()}
