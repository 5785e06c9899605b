"""Every experiment of the memo in voice conversion trains, on a stand-in pair."""

import memo_trains
import pytest
import torch
from in_process import Made
from memo import memo
from tiny import TINY_MODEL

from koeru.graph.plan import place
from koeru.training.checkpoint import load

SPOKEN = TINY_MODEL | {"postnet_layers": 2}
MODEL = {
    "hidden": 16,
    "attention_size": 16,
    "encoder_layers": 1,
    "decoder_layers": 1,
    "expansion": 2,
    "filter_size": 16,
    "kernel_sizes": [3, 1],
    "variance_filter_size": 16,
    "pitch_ar_size": 16,
    "postnet_layers": 2,
    "prosody_emb_dim": 8,
    "prosody_filter_size": 8,
    "prosody_gru_size": 8,
}


def entries() -> dict:
    """The memo with small models, one epoch each, and the stand-in pair in place of each corpus."""
    raw = memo()["spk"]
    wanted = {name: entry for name, entry in raw.items() if "N2C" in name or "jsss" in name or name == "JSUT_NICT_LINE"}
    for entry in wanted.values():
        if "corpora" in entry:
            entry |= {
                "corpora": ["N2C"],
                "shards": 1,
                "splits": {"dev": 0.35, "eval": 0.2},
                "gates": {"max_excluded": 0.5},
            }
        if "pairs" in entry:
            entry["pairs"] = {"speakers": [["N", "C"]]}
    wanted["jsut_jsss_jvs"]["pairs"] = {"speakers": [["N", "C"], ["C", "N"]]}  # many to many
    wanted["JSUT_NICT_LINE"]["corpora"] = [{"name": "N2C", "speakers": ["N"]}]
    exp = memo_trains.experiments("vc", {"fastspeech2": SPOKEN, "conformer_vc": MODEL}, wanted)
    pair = {"format": "folder", "stand_in": {"pair": True, "minutes": 0.7}}
    return {"corpora": {"N2C": pair}, "spk": wanted, "exp": exp}


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return memo_trains.trained(entries(), tmp_path_factory.mktemp("memo") / "store")


def state(trained, name):
    return load(trained.store.epoch_state_path(place(trained.graph.trained["exp"][name].node), 1))


@pytest.mark.parametrize("name", [name for name in entries()["exp"] if name != "JSUT_NICT_LINE_1"])
def test_it_trains(trained, name):
    told = memo_trains.told(trained, name)
    exp = trained.graph.config["exp"][name]
    parts = {"mel", "mel_postnet", "pitch", "energy", "duration", "voicing", "total"}
    parts |= {f"{part}_prosody" for part in ("local", "global") if getattr(exp.model, f"{part}_prosody")}
    for split in ("train", "dev"):
        assert told["last"][split].keys() == parts
        assert all(abs(value) < 1e4 for value in told["last"][split].values())
    assert (told["loaded"] is not None) == (exp.pretrain is not None)


def test_wgmm_goes_on_from_a_model_without_it(trained):
    loaded = memo_trains.told(trained, "N2C_28")["loaded"]
    assert loaded["step"] == memo_trains.told(trained, "N2C_23")["step"] > 0
    fresh = {name for name in loaded["fresh"] if not name.startswith("prosody.")}
    assert fresh and all(name.startswith("variance.pitch.") for name in fresh)
    assert all(name.startswith("variance.pitch.") for name in loaded["left"])


def test_a_decoder_that_has_read_text_is_taken_and_stays_as_it_is(trained):
    """With its postnet, and its speakers, to whom the other one is added; and nothing else."""
    told = memo_trains.told(trained, "N2C_44")
    parts = {name.split(".")[0] for name in told["loaded"]["copied"]}
    assert parts == {"decoder", "postnet", "emotions"} and told["loaded"]["extended"] == ["speakers.weight"]
    assert told["speakers"] == ["N", "C"]
    spoken, own = state(trained, "JSUT_NICT_LINE_1").model, state(trained, "N2C_44").model
    of_decoder = [name for name in own if name.startswith("decoder.")]
    assert all(torch.equal(own[name], spoken[name]) for name in of_decoder)
    assert not torch.equal(own["postnet.convs.0.conv.weight"], spoken["postnet.convs.0.conv.weight"])
    assert told["frozen"] == sum(own[name].numel() for name in of_decoder)
