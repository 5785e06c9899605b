"""Every experiment of the memo that reads text trains."""

import memo_trains
import pytest
from in_process import Made
from memo import memo
from tiny import TINY_MODEL

MODEL = TINY_MODEL | {"prosody_filter_size": 8, "prosody_gru_size": 8, "postnet_layers": 2}


def entries() -> dict:
    """The memo with small models, one epoch each, and a stand-in for each corpus."""
    others = ("N2C", "jsss", "stand_in")  # no experiment that reads text is on them
    wanted = {name: entry for name, entry in memo()["spk"].items() if not any(other in name for other in others)}
    corpora = {name: {"format": "studies", "stand_in": {"minutes": 1.9}} for name in ("JSUT", "STUDIES")}
    for entry in wanted.values():
        if "base" not in entry:
            entry |= {"shards": 1, "gates": {"max_excluded": 0.5, "max_shared_sentences": 1.0}}
            entry["splits"] = {"dev": 0.2, "eval": 0.2}
    wanted["JSUT_NICT_LINE"]["corpora"] = ["STUDIES"]  # the utterances of all stand-ins have the same ids
    exp = memo_trains.experiments("acoustic", {"fastspeech2": MODEL}, wanted)
    return {"corpora": corpora, "spk": wanted, "exp": exp}


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return memo_trains.trained(entries(), tmp_path_factory.mktemp("memo") / "store")


@pytest.mark.parametrize("name", entries()["exp"])
def test_it_trains(trained, name):
    told = memo_trains.told(trained, name)
    last = told["last"]
    exp = trained.graph.config["exp"][name]
    parts = {part for part, on in (("local", exp.model.local_prosody), ("global", exp.model.global_prosody)) if on}
    for split in ("train", "dev"):
        assert {f"{part}_prosody" for part in parts} == {part for part in last[split] if part.endswith("_prosody")}
        assert all(abs(value) < 1e4 for value in last[split].values())
    assert (told["loaded"] is not None) == (exp.pretrain is not None)
