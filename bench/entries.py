"""Entries of `config.yaml`, of the memo's sizes or the demo's, on the stand-in project of the benchmark."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import yaml
from common import ROOT
from snakemake.utils import update_config

from koeru.config.tables import load
from koeru.data.reading import Features
from koeru.families.acoustic.build import build_model
from koeru.families.acoustic.items import FeatureItems
from koeru.families.acoustic.model import FastSpeech2
from koeru.graph.graph import Graph
from koeru.graph.node import Node
from koeru.graph.plan import place
from koeru.graph.store import Store
from koeru.training.settings import TrainSettings


def graph_of(folder: Path, demo: bool = False) -> Graph:
    """The nodes of the project `folder`."""
    config = yaml.safe_load((ROOT / "config.yaml").read_text("utf-8"))
    if demo:
        small = yaml.safe_load((ROOT / "profiles" / "demo" / "small.yaml").read_text("utf-8"))
        update_config(config, {"exp": small["exp"]})
    update_config(config, yaml.safe_load((folder / "small.yaml").read_text("utf-8")))
    return Graph(load(config))


@dataclass(frozen=True)
class Entry:
    """An experiment whose data are there, and nothing else."""

    node: Node
    items: FeatureItems  # of the training split

    @classmethod
    def of(cls, folder: Path, name: str, demo: bool = False) -> Self:
        """The entry `name` in the project `folder`, whose dataset is built."""
        node = graph_of(folder, demo).train[name]
        features = Features(Store(folder / "store"), {role: place(parent) for role, parent in node.parents.items()})
        return cls(node, FeatureItems(features, "train", features.stats.names))

    def model(self) -> FastSpeech2:
        """The entry's model with random weights."""
        return build_model(self.node.params, self.items.names, self.items.features.stats)

    def settings(self, batch_size: int | None = None) -> TrainSettings:
        """The entry's settings that a step depends on, in float32 on the CPU; loading is done by this process."""
        params = self.node.params
        return TrainSettings(
            batch_size=batch_size or params["train.batch_size"],
            group_size=params["train.group_size"],
            weights={"local_prosody": params["train.beta"], "global_prosody": params["train.g_beta"]},
            threads=2,
        )


if __name__ == "__main__":  # for those who measure what it takes to know the utterances of an entry
    Entry.of(Path(sys.argv[1]), sys.argv[2])
