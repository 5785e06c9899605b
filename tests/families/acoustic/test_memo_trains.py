"""Every experiment of the memo trains: as the memo has it, but for its size and its corpora, which are stand-ins.

And in fp32: a processor without instructions for bf16 takes ten times as long for it.
"""

import re

import pytest
from in_process import Made, made
from memo import memo
from tiny import TINY_MODEL

from koeru.graph.plan import place
from koeru.graph.store import read_json

NOT_TRAINING = ("synthesis", "evaluation", "exp")
MODEL = TINY_MODEL | {"prosody_filter_size": 8, "prosody_gru_size": 8, "postnet_layers": 2}
TRAIN = {"threads": 1, "device": "cpu"}


def entries() -> dict:
    """The memo with small models, one epoch each, and a stand-in for each corpus."""
    raw = memo()
    others = ("N2C", "jsss", "stand_in")  # no experiment is on them
    wanted = {name: entry for name, entry in raw["spk"].items() if not any(other in name for other in others)}
    corpora = {name: {"format": "studies", "stand_in": {"minutes": 1.9}} for name in ("JSUT", "STUDIES")}
    for entry in wanted.values():
        if "base" not in entry:
            entry |= {"shards": 1, "gates": {"max_excluded": 0.5, "max_shared_sentences": 1.0}}
            entry["splits"] = {"dev": 0.2, "eval": 0.2}
    wanted["JSUT_NICT_LINE"]["corpora"] = ["STUDIES"]  # the utterances of all stand-ins have the same ids
    for entry in raw["exp"].values():
        if "base" not in entry:
            entry["model"] = MODEL | entry.get("model", {})
            entry["train"] = TRAIN | entry.get("train", {})
        if "precision" in entry.get("train", {}):
            entry["train"]["precision"] = "fp32"
        entry |= {"epochs": 1, "chunk": 1, "vocoder": None}  # the vocoders are tested in test_vocoder.py
        if entry.get("pretrain"):
            entry["pretrain"] = re.sub(r"@\d+", "@1", entry["pretrain"])
    return {"corpora": corpora, "spk": wanted, "exp": raw["exp"]}


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The store of all trainings."""
    every = made(entries(), tmp_path_factory.mktemp("memo") / "store")
    for job in every.plan.planned(every.graph.views["exp"].values()):
        if job.node.stage not in NOT_TRAINING:
            every.run_job(job)
    return every


@pytest.mark.parametrize("name", entries()["exp"])
def test_it_trains(trained, name):
    node = trained.graph.trained["exp"][name].node
    told = read_json(trained.store.epoch_path(place(node), 1))
    last = told["last"]
    exp = trained.graph.config["exp"][name]
    parts = {part for part, on in (("local", exp.model.local_prosody), ("global", exp.model.global_prosody)) if on}
    for split in ("train", "dev"):
        assert {f"{part}_prosody" for part in parts} == {part for part in last[split] if part.endswith("_prosody")}
        assert all(abs(value) < 1e4 for value in last[split].values())
    assert (told["loaded"] is not None) == (exp.pretrain is not None)
