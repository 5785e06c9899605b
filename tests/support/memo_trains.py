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

    Those without a base take the `models` of the name of their type, and their datasets are in `spk`.
    """
    raw, config = memo()["exp"], load(memo())["exp"]
    own = [name for name, exp in config.items() if FAMILIES.family(exp).name == family]
    parents = [parent[0] for name in own if (parent := config[name].pretrained_from())]
    wanted = {name: raw[name] for name in raw if name in {*own, *parents}}
    for name, entry in wanted.items():
        if "base" not in entry:
            entry["model"] = {**entry.get("model", {}), **models[config[name].model.type]}
            entry["train"] = TRAIN | entry.get("train", {})
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
