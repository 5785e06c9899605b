"""Conversions from the pair that two speakers read to their pages, in a store that all tests share; and bad input."""

import shutil
from collections import Counter

import numpy as np
import pytest
import soundfile
from in_process import made
from safetensors.numpy import load_file

from koeru.families.vc.converter import Converter
from koeru.families.vc.pairs import PAIRS
from koeru.graph.plan import place
from koeru.graph.store import read_json
from koeru.report.measurement import Measurement

KINDS = ("source", "target", "natural", "teacher_forced", "converted", "stretched", "world")


@pytest.fixture(scope="module", params=["converted", "converted_wgmm"])
def page(mini, request):
    """The node of a page, whose parents are all else."""
    return mini.graph.views["exp"][request.param]


def folder(mini, node):
    return mini.store.folder(place(node))


def durations(mini, page):
    return read_json(folder(mini, page.parents["durations"]) / PAIRS)


def test_every_pair_is_accounted_for(mini, page):
    told, node = durations(mini, page), read_json(mini.store.node_path(place(page.parents["durations"])))
    pairs = read_json(folder(mini, page.parents["durations"].parents["pairs"]) / "pairs.json")["pairs"]
    assert sorted(row["id"] for row in pairs) == sorted(row["id"] for row in [*told["pairs"], *told["excluded"]])
    assert (node["in"], node["out"], node["excluded"]) == (len(pairs), len(told["pairs"]), len(told["excluded"]))
    assert Counter(row["split"] for row in told["pairs"]) == +Counter(node["utterances"]) and node["out"] > 3


def test_a_training_says_exactly_what_it_trained_on(mini, page):
    training = place(page.parents["conversion"])
    told = read_json(mini.store.epoch_path(training, 1))
    rows = [row for row in durations(mini, page)["pairs"] if row["split"] == "train"]
    frames = sum(max(row[side]["n_frames"] for side in ("source", "target")) for row in rows)
    assert told["utterances"]["train"] == len(rows) and told["log"][0]["frames"] == frames
    assert told["step"] == -(-len(rows) // 2) and told["excluded"] == []
    assert {"mel", "pitch", "energy", "duration", "voicing"} <= told["log"][0]["dev"].keys()


def test_the_page_has_its_samples_metrics_and_files(mini, page):
    shown = folder(mini, page)
    html = (shown / "report.html").read_text("utf-8")
    found = Measurement.read(shown)
    held_out = {row["id"] for row in durations(mini, page)["pairs"] if row["split"] == "eval"}
    assert found.rows.keys() == held_out and found.metrics.keys() >= {"mcd_db", "log_f0_rmse_cents", "duration_ratio"}
    for metric in found.metrics.values():
        assert metric.label in html and metric.baselines.keys() == {"stretched", "world"}
    (name,) = {path.name.partition(".")[0] for path in (shown / "samples").iterdir()}
    assert name in held_out and name in html
    for kind in KINDS:
        path = shown / "samples" / f"{name}.{kind}.wav"
        wav, rate = soundfile.read(path)
        assert rate == 22050 and len(wav) > 1000 and np.abs(wav).max() <= 1 and f"samples/{path.name}" in html
    assert ("Learned with the model" in html) == (durations(mini, page)["durations"] == "mas")


def test_the_target_is_heard_as_it_was_recorded_and_what_is_teacher_forced_lasts_as_long(mini, page):
    shown = folder(mini, page)
    (name,) = {path.name.partition(".")[0] for path in (shown / "samples").iterdir()}
    row = next(row for row in durations(mini, page)["pairs"] if row["id"] == name)
    seconds = {kind: soundfile.info(shown / "samples" / f"{name}.{kind}.wav").duration for kind in KINDS}
    for side in ("source", "target"):
        assert seconds[side] == pytest.approx(row[side]["seconds"], abs=0.02)
    for kind in ("natural", "teacher_forced"):
        assert seconds[kind] == pytest.approx(row["target"]["seconds"], abs=0.03)


def test_the_file_converts_as_the_training_does(mini, page):
    path = folder(mini, page) / "model.safetensors"
    converter = Converter.from_file(path)
    assert converter.couples == (("N", "C"),) and converter.vocabulary.speakers == ("C", "N")
    state = converter.model.state_dict()
    for name, tensor in load_file(path).items():
        np.testing.assert_array_equal(state[name].numpy(), tensor)


def test_both_experiments_read_one_dataset_and_align_it_as_they_say(mini):
    dtw, mas = (mini.graph.views["exp"][name].parents["durations"] for name in ("converted", "converted_wgmm"))
    assert dtw.parents == mas.parents and dtw.key != mas.key
    assert (folder(mini, dtw) / "durations.safetensors").exists()
    assert not (folder(mini, mas) / "durations.safetensors").exists()


# ---- bad input ------------------------------------------------------------------------------------------------------

RATE = 22050


def hum(hz, samples):
    """A tone and what of its overtones fits, whose loudness changes as that of speech does."""
    times = np.arange(samples) / RATE
    overtones = (np.sin(2 * np.pi * hz * k * times) / k for k in range(1, 20) if hz * k < RATE / 2)
    return 0.05 * sum(overtones) * (1.2 + np.sin(2 * np.pi * 3 * times))


BAD = {  # what becomes of a good target
    "silence": lambda wav: np.zeros(len(wav)),
    "short": lambda wav: wav[np.abs(wav).argmax() :][: int(0.05 * RATE)],
    "long": lambda wav: np.tile(wav, 4),
    "flat": lambda wav: hum(150, len(wav)),
    "unvoiced": lambda wav: hum(5000, len(wav)),
    "other": lambda wav: wav,
}


@pytest.fixture(scope="module")
def spoilt(mini, tmp_path_factory):
    """The stages up to durations, of a pair some of whose targets are no good."""
    root = tmp_path_factory.mktemp("spoilt")
    (stand_in,) = [
        node for (stage, _), node in mini.graph.nodes.items() if stage == "stand_in" and node.params["stand_in.pair"]
    ]
    good = mini.store.folder(place(stand_in)) / "corpus"
    rows = (good / "metadata.csv").read_text("utf-8").splitlines()
    texts = dict(row.split("|")[:2] for row in rows[1:])
    for speaker in "NC":
        shutil.copytree(good / "wavs" / speaker, root / "corpus" / "wavs" / speaker)
    for name, spoil in BAD.items():
        source, target = (root / "corpus" / "wavs" / speaker / "S0001.wav" for speaker in "NC")
        wav, rate = soundfile.read(target)
        shutil.copy(source, source.with_name(f"{name}.wav"))
        spoken = np.interp(np.arange(0, len(wav), rate / RATE), np.arange(len(wav)), wav)
        soundfile.write(target.with_name(f"{name}.wav"), spoil(spoken), RATE, subtype="PCM_16")
        texts |= {f"{speaker}/{name}": texts["N/S0001"] for speaker in "NC"}
    texts["C/other"] = "これはまったく別の文です。"
    lines = [f"{name}|{text}|{name[0]}" for name, text in texts.items()]
    (root / "corpus" / "metadata.csv").write_text("\n".join(["id|text|speaker", *lines]) + "\n", "utf-8")
    config = mini.graph.config
    raw = {
        "corpora": {"bad": {"format": "folder", "path": str(root / "corpus")}},
        "spk": {
            "pair": config.spk["pair"].model_dump(mode="json") | {"corpora": ["bad"], "gates": {"max_excluded": 0.9}}
        },
        "exp": {"converted": {"spk": "pair", "model": {"type": "conformer_vc"}}},
    }
    run = made(raw, root / "store")
    node = run.graph.views["exp"]["converted"].parents["durations"]
    return run.run([node]), node


def test_what_is_no_pair_is_left_out_with_its_reason_and_nothing_is_lost(spoilt):
    run, node = spoilt
    told = read_json(run.store.folder(place(node)) / PAIRS)
    (account,) = read_json(run.store.folder(place(node.parents["pairs"])) / "pairs.json")["accounts"]
    reasons = {row["target"]: row["reason"] for row in told["excluded"]}
    segments = node.parents["segments"]
    for upstream in (segments.parents["wav"], segments):
        for shard in range(2):
            excluded = run.store.read_shard(place(upstream), shard).excluded
            reasons |= {one.id: one.reason for one in excluded}
    assert reasons == {
        "C_C-silence": "digital silence",
        "C_C-flat": "constant F0",
        "C_C-unvoiced": "no voiced frame",
    }
    assert account["target_excluded"] == {"duration ratio": 2, "different sentences": 1}  # short and long; other
    for side in ("source", "target"):
        assert account[f"{side}_in"] == account["pairs"] + sum(account[f"{side}_excluded"].values())
    counted = read_json(run.store.node_path(place(node)))
    assert counted["in"] == account["pairs"] == counted["out"] + counted["excluded"]
    assert {row["name"] for row in told["pairs"]} == {f"S000{number}" for number in range(1, counted["out"] + 1)}
