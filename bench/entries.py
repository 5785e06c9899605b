"""Entries of `config.yaml`, of the memo's sizes or the demo's, on the stand-in project of the benchmark."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import yaml
from common import ROOT
from snakemake.utils import update_config

from koeru.config.base import over
from koeru.config.tables import load
from koeru.config.training import Supervised
from koeru.data.reading import Features
from koeru.families import FAMILIES
from koeru.families.acoustic.build import build_model
from koeru.families.acoustic.entry import Model
from koeru.families.acoustic.items import FeatureItems
from koeru.families.acoustic.model import FastSpeech2
from koeru.graph.graph import Graph
from koeru.graph.node import Node
from koeru.graph.plan import place
from koeru.graph.store import Store


def graph_of(folder: Path, demo: bool = False) -> Graph:
    """The nodes of the project `folder`."""
    config = yaml.safe_load((ROOT / "config.yaml").read_text("utf-8"))
    if demo:
        small = yaml.safe_load((ROOT / "profiles" / "demo" / "small.yaml").read_text("utf-8"))
        update_config(config, {"exp": small["exp"]})
    update_config(config, yaml.safe_load((folder / "small.yaml").read_text("utf-8")))
    return Graph(load(config, FAMILIES.kinds), FAMILIES)


@dataclass(frozen=True)
class Entry:
    """An experiment whose data are there, and nothing else."""

    node: Node
    items: FeatureItems  # of the training split

    @classmethod
    def of(cls, folder: Path, name: str, demo: bool = False) -> Self:
        """The entry `name` in the project `folder`, whose dataset is built."""
        node = graph_of(folder, demo).trained["exp"][name].node
        features = Features(Store(folder / "store"), {role: place(parent) for role, parent in node.parents.items()})
        return cls(node, FeatureItems(features, "train", features.vocabulary))

    def model(self) -> FastSpeech2:
        """The entry's model with random weights."""
        return build_model(over(Model, self.node.params, "model."), self.items.vocabulary, self.items.features.stats)

    def settings(self, batch_size: int | None = None) -> Supervised:
        """The entry's settings, in float32 on the CPU; loading is done by this process."""
        leaves = {f"train.{name}": value for name, value in Supervised(threads=2, device="cpu")}
        leaves |= {leaf: value for leaf, value in self.node.params.items() if leaf.startswith("train.")}
        own = {"train.precision": "fp32"} | ({"train.batch_size": batch_size} if batch_size else {})
        return over(Supervised, leaves | own, "train.")


if __name__ == "__main__":  # for those who measure what it takes to know the utterances of an entry
    Entry.of(Path(sys.argv[1]), sys.argv[2])
