"""How experiments become nodes: their training, and what speaks their mels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from koeru.config.base import inert, leaves
from koeru.config.training import GRIFFIN_LIM
from koeru.families.experiments.entry import Experiment
from koeru.graph.family import Trained
from koeru.graph.graph import Graph
from koeru.graph.node import Node

HEARD = ("synthesis.temperature", "synthesis.griffin_lim_iterations")  # how the epochs of a training are heard


def trained(graph: Graph, stage: str, name: str, made: Mapping[str, Node]) -> Trained:
    """The training of an experiment on what was made for it, after that of the one it is pretrained from."""
    exp: Experiment = graph.config["exp"][name]
    made, epochs = dict(made), {}
    if (parent := exp.pretrained_from()) is not None:
        made["pretrain"], epochs["pretrain"] = graph.training("exp", parent[0]).node, parent[1]
    values = leaves(exp)
    told = (*inert(type(exp)), *HEARD)
    settings = {leaf: values[leaf] for leaf in told} | {"saved": exp.saved_epochs(), "vocoder": None}
    node = graph.trained_on(stage, exp.spk, values, made, epochs=epochs, settings=settings)
    return Trained(node, exp.epochs, {"take": exp.take})


def shown(graph: Graph, stages: tuple[str, ...], name: str, made: Mapping[str, Node]) -> Node:
    """What the view of an experiment shows: the last of the `stages` that follow its training.

    They read its leaves, those of its dataset, and those of what speaks its mels.
    """
    exp, own = graph.config["exp"][name], graph.training("exp", name)
    made, epochs = dict(made) | {own.node.stage: own.node}, {own.node.stage: own.epoch}
    values: dict[str, Any] = leaves(graph.config.spk[exp.spk]) | leaves(exp)
    if exp.vocoder == GRIFFIN_LIM:
        values |= {"vocoder.take": None}
    else:
        vocoder = graph.training("vocoder", exp.vocoder)
        own.node.settings["vocoder"] = own.node.settings["vocoder"] or speaks(vocoder)
        made["vocoder"] = vocoder.node
        values |= {**vocoder.leaves, "synthesis.griffin_lim_iterations": None}
        epochs |= {} if vocoder.epoch is None else {"vocoder": vocoder.epoch}
    dataset = graph.data[exp.spk]
    settings = {"dataset": dataset.key, "files": dataset.parents["labels"].settings["files"]}
    for stage in stages:
        made[stage] = graph.of_stage(stage, values, made, epochs, settings=settings)
    return made[stages[-1]]


def speaks(vocoder: Trained) -> dict[str, Any]:
    """What a training is told of the vocoder by which it can be heard, if that is there: no edge of the graph."""
    place = {"stage": vocoder.node.stage, "key": vocoder.node.key, "epoch": vocoder.epoch}
    return place | {"take": vocoder.leaves["vocoder.take"], "speak": vocoder.node.declared.uses["speak"]}


def names(exp: Experiment) -> list[tuple[str, str]]:
    """The experiment that this one is pretrained from, and its vocoder."""
    parent = exp.pretrained_from()
    found = [] if parent is None else [("exp", parent[0])]
    return found + ([] if exp.vocoder == GRIFFIN_LIM else [("vocoder", exp.vocoder)])
