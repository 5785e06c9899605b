"""The memo's experiments of one kind, trained for one epoch each: as the memo has them, but for sizes and corpora.

And in fp32: a processor without instructions for bf16 takes ten times as long for it.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from configured import load
from in_process import Made, made
from memo import memo

from koeru.families import FAMILIES
from koeru.graph.node import ancestry
from koeru.graph.plan import place
from koeru.graph.store import read_json

TRAIN = {"threads": 1, "device": "cpu"}


def experiments(family: str, models: Mapping[str, Mapping[str, Any]], spk: Mapping[str, Any]) -> dict[str, Any]:
    """The memo's experiments of a family, with those that they are pretrained from, as entries.

    Sizes are those of `models`, by the name of the type, whatever an entry writes; their datasets are in `spk`.
    """
    raw, config = memo()["exp"], load(memo())["exp"]
    of_family = [name for name, exp in config.items() if FAMILIES.family(exp).name == family]
    parents = [parent[0] for name in of_family if (parent := config[name].pretrained_from())]
    wanted = {name: raw[name] for name in raw if name in {*of_family, *parents}}
    for name, entry in wanted.items():
        sizes, own = models[config[name].model.type], entry.get("model", {})
        if "base" not in entry:
            entry["model"] = {**own, **sizes}
            entry["train"] = TRAIN | entry.get("train", {})
        elif own:
            entry["model"] = own | {leaf: sizes[leaf] for leaf in own if leaf in sizes}
        if "precision" in entry.get("train", {}):
            entry["train"]["precision"] = "fp32"
        entry |= {"epochs": 1, "chunk": 1, "vocoder": None}  # the vocoders are tested with their family
        if entry.get("pretrain"):
            entry["pretrain"] = re.sub(r"@\d+", "@1", entry["pretrain"])
    assert {exp.spk for name, exp in config.items() if name in wanted} <= spk.keys()
    return wanted


def trained(raw: Mapping[str, Any], root: Path) -> Made:
    """The store of all trainings, and of what they read: neither what measures them nor what judges their datasets."""
    every = made(raw, root)
    trainings = [training.node for training in every.graph.trained["exp"].values()]
    needed = {node for training in trainings for _, node, _ in ancestry(training)}
    for job in every.plan.planned(every.graph.views["exp"].values()):
        if job.node in needed:
            every.run_job(job)
    return every


def told(every: Made, name: str) -> dict[str, Any]:
    """The manifest of the only epoch of an experiment."""
    return read_json(every.store.epoch_path(place(every.graph.trained["exp"][name].node), 1))
