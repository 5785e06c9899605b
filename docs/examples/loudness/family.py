"""What the toy declares: experiments of `model.type: loudness`, a training, and its page."""

from __future__ import annotations

from koeru.families.loudness.entry import Loudness

from koeru.config.base import inert, leaves
from koeru.config.tables import Kind
from koeru.graph.family import Family, Trained
from koeru.graph.graph import Graph
from koeru.graph.node import Node
from koeru.graph.stages import Stage

HERE = "koeru.families.loudness"
FEATURES = ("labels", "energy", "mel", "splits")
STAGES = {
    "loudness": Stage(
        1,
        FEATURES,
        ("model.bias", "train.seed", "train.precision", "train.learning_rate"),
        chunked=True,
        on_device=True,
    ),
    "loudness_page": Stage(1, ("loudness", *FEATURES), title="measuring loudness", job=f"{HERE}.page:job"),
}


def trained(graph: Graph, name: str) -> Trained:
    """The training of an entry: its node, and the epoch that it goes to."""
    entry = graph.config["exp"][name]
    values, made = leaves(entry), graph.data[entry.spk].parents
    settings = {leaf: values[leaf] for leaf in inert(Loudness)} | {"saved": entry.saved_epochs()}
    return Trained(graph.trained_on("loudness", entry.spk, values, made, settings=settings), entry.epochs)


def shown(graph: Graph, name: str) -> Node:
    """What `exp/<name>` shows."""
    own = graph.training("exp", name)
    made = {**graph.data[graph.config["exp"][name].spk].parents, "loudness": own.node}
    return graph.of_stage("loudness_page", {}, made, {"loudness": own.epoch})


FAMILY = Family(
    name="loudness",
    kind=Kind("exp", Loudness, types=("loudness",)),
    stages=STAGES,
    trained=trained,
    shown=shown,
    names=lambda entry: [],
    prepare=f"{HERE}.prepare:prepare",
    structure={"spk": "loudness", "epochs": "loudness (only the new chunks), loudness_page"},
)
