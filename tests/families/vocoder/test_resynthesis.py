"""What a vocoder's page is made of, from generators of random weights and voices that are but gliding tones."""

import json
import re
import shutil
from dataclasses import replace

import numpy as np
import pytest
import soundfile
import torch
from in_process import made
from tiny import TINY_MODEL
from told_vocoder import told

from koeru.audio.griffin_lim import griffin_lim
from koeru.audio.mel import MelSpec
from koeru.families.vocoder import resynthesis
from koeru.families.vocoder.hifigan import generator
from koeru.families.vocoder.measure import METRICS, Analysis, Recording, quantities
from koeru.families.vocoder.published import Source, read, write_own
from koeru.families.vocoder.speaking import SpeakingGenerator, load_vocoder
from koeru.graph.plan import place
from koeru.graph.store import Manifest, Place, file_digest, read_json, write_json
from koeru.report.measurement import Measurement
from koeru.training.checkpoint import Position, TrainState, save
from koeru.training.machine import Machine

HOP, RATE, SPEC = 256, 22050, MelSpec()
SAMPLES, ITERATIONS = 3, 2
RUN = {"commit": "0123456", "run": {"started": "2026-01-01", "seconds": 1.0, "host": "here"}}
OF_THE_PAGE = {"samples": SAMPLES, "griffin_lim_iterations": ITERATIONS, "bootstrap": 20}
VOICES = {"high": 240.0, "low": 90.0, "middle": 150.0}  # speaker -> Hz
EACH = 9  # utterances of a speaker
RAW = {
    "spk": {
        "mini": {
            "corpora": ["C"],
            "shards": 2,
            "splits": {"dev": 0.3, "eval": 0.3},
            "pitch": {"speakers": {"low": {"f0_floor": 60, "f0_ceil": 400}}},
        }
    },
    "exp": {"teacher": {"spk": "mini", "model": TINY_MODEL, "epochs": 1}},
    "vocoder": {
        "as_published": {"spk": "mini", "start": "small", "variant": "v3", "epochs": 0, **OF_THE_PAGE},
        "taught": {
            "spk": "mini",
            "variant": "v3",
            "mels": "teacher_forced",
            "exp": "teacher@1",
            "epochs": 2,
            **OF_THE_PAGE,
        },
    },
}


def write_corpus(root):
    """Recordings of gliding tones under noise, 0.5 to 0.9 s long, and the list of them."""
    rows, rng = ["id,speaker,text"], np.random.default_rng(0)
    for speaker, hz in VOICES.items():
        for number in range(EACH):
            time = np.arange(round((0.5 + 0.05 * number) * RATE)) / RATE
            phase = 2 * np.pi * np.cumsum(hz * (1 + 0.1 * np.sin(3 * time + number))) / RATE
            tone = sum(np.sin(k * phase) / k for k in range(1, 20)) * np.sin(np.pi * time / time[-1])
            wav = 0.2 * tone + rng.normal(0, 0.003, len(time))
            (root / "wavs").mkdir(parents=True, exist_ok=True)
            soundfile.write(root / "wavs" / f"{speaker}{number}.wav", wav, RATE, subtype="PCM_16")
            rows.append(f"{speaker}{number},{speaker},{speaker} {number}")
    (root / "metadata.csv").write_text("\n".join(rows) + "\n")


def weights(seed):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return generator("v3").state_dict()


PUBLISHED, BEST, LAST = (weights(seed) for seed in range(3))


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A store in which both vocoders were heard: one as it was published, one that was taught by an acoustic model.

    The training of the second, its teacher and the mels that it makes were never run: they are written by hand.
    """
    root = tmp_path_factory.mktemp("resynthesis")
    write_own(PUBLISHED, root / "small.safetensors", {"variant": "v3", "epoch": 3, "step": 1234})
    entry = {"variant": "v3", "generator": str(root / "small.safetensors")}
    entry["generator_sha256"] = file_digest(root / "small.safetensors")
    write_corpus(root / "corpus")
    corpora = {"C": {"format": "folder", "path": str(root / "corpus")}}
    found = made(RAW | {"corpora": corpora, "weights": {"small": entry}}, root / "store")
    found.run([found.graph.views["vocoder"]["as_published"]])
    node = found.graph.views["vocoder"]["taught"]
    _train(found, node.parents["vocoder"])
    _teach(found, node.parents["gta"])
    found.run_job(found.plan.whole(node))
    return found


def _train(found, node):
    ours = replace(place(node), epoch=2)
    log = [
        {"epoch": 1, "step": 20, "dev": {"mel": 0.4}},
        {"epoch": 2, "step": 40, "dev": {"mel": 0.5}},
    ]
    model = {f"generator.{name}": tensor for name, tensor in LAST.items()}
    machine = Machine(threads=1, devices=1, processor="a", torch="b")
    save(
        TrainState(model, {}, {}, machine, Position(epoch=2, step=40, log=log), BEST),
        found.store.epoch_state_path(ours, 2),
    )
    parents = {
        role: {"stage": p.stage, "key": p.key, "epoch": node.epochs.get(role)} for role, p in node.parents.items()
    }
    content = told(2, 1, key=node.key, parents=parents, loaded=None, params=json.loads(json.dumps(node.params)))
    write_json(found.store.epoch_path(ours, 2), content | RUN)


def _teach(found, node):
    """The natural mels, blurred in time, of the train and dev splits, as if an acoustic model had made them."""
    splits, mels = node.parents["splits"], place(node.parents["mel"])
    split_of = read_json(found.store.folder(place(splits)) / "splits.json")
    for shard in range(2):
        arrays, manifest = found.store.arrays(mels, shard), Manifest("gta", node.key)
        manifest.utterances = [
            record for record in found.store.read_shard(mels, shard).utterances if split_of[record["id"]] != "eval"
        ]
        blurred = {f"{r['id']}/mel": blur(arrays[f"{r['id']}/mel"]) for r in manifest.utterances}
        found.store.write_shard(place(node), shard, manifest, blurred)
    teacher = {"stage": "train", "key": node.parents["train"].key, "epoch": 1}
    own = {"stage": "gta", "key": node.key, "params": {}, "parents": {"train": teacher}} | RUN
    write_json(found.store.node_path(place(node)), own)
    train = {"stage": "train", "key": teacher["key"], "params": {}, "parents": {}} | RUN
    write_json(found.store.epoch_path(place(node.parents["train"]), 1), train)


def blur(mel):
    return np.stack([np.convolve(band, np.ones(5) / 5, mode="same") for band in mel.T], axis=1).astype(np.float32)


@pytest.fixture(params=["as_published", "taught"])
def name(request):
    return request.param


def folder(small, name):
    return small.store.folder(place(small.graph.views["vocoder"][name]))


def ids(small, split):
    """The utterances of a split that have a mel."""
    node = small.graph.views["vocoder"]["taught"]
    splits = read_json(small.store.folder(place(node.parents["splits"])) / "splits.json")
    return [r["id"] for _, r in small.store.records(place(node.parents["mel"])) if splits[r["utterance"]] == split]


# ---- metrics -------------------------------------------------------------------------------------------------------


def test_every_held_out_utterance_is_measured_and_no_other(small, name):
    found = Measurement.read(folder(small, name))
    wanted = {"natural": ids(small, "eval")} | ({"teacher_forced": ids(small, "dev")} if name == "taught" else {})
    assert list(found.rows) == [utterance for utterances in wanted.values() for utterance in utterances]
    assert set(found.metrics) == {quantity.key for kind in wanted for quantity in quantities(kind)}
    for kind, utterances in wanted.items():
        for quantity in quantities(kind):
            assert found.metrics[quantity.key].utterances == len(utterances) > SAMPLES
            assert [name for name, row in found.rows.items() if quantity.key in row] == utterances


def test_the_numbers_are_those_of_the_weights_that_speak(small, name):
    """Of one utterance, all by hand: the recording of its segment, its mel, the bounds of its speaker."""
    node = small.graph.views["vocoder"][name]
    own = replace(place(node.parents["vocoder"]), epoch=node.epochs.get("vocoder"))
    vocoder = load_vocoder(small.store, own, node.params["vocoder.take"], 80)
    of_each = Measurement.read(folder(small, name)).rows
    shard, record = next(
        (shard, r)
        for shard, r in small.store.records(place(node.parents["segments"]))
        if r["id"] in ids(small, "eval") and r["speaker"] == "low"
    )
    files = {r["id"]: r["file"] for r in small.store.read_shard(place(node.parents["wav"]), shard).utterances}
    wav, _ = soundfile.read(
        small.store.folder(place(node.parents["wav"])) / files[record["utterance"]], dtype="float32"
    )
    recording = Recording(wav[record["start"] : record["stop"]], Analysis(SPEC, "dio", 60, 400))
    mel = small.store.arrays(place(node.parents["mel"]), shard)[f"{record['id']}/mel"]
    own, theirs = map(recording.parts, (vocoder(mel), griffin_lim(mel, SPEC, ITERATIONS)))
    for quantity in METRICS:
        for column, expected in ((quantity.key, own), (quantity.column("griffin_lim"), theirs)):
            total, count = of_each[record["id"]][column]
            wanted = expected[quantity.key]
            assert (total, count) == (pytest.approx(wanted.total, rel=1e-4), wanted.count)


def test_values_lie_within_their_intervals_and_speed_is_told(small, name):
    found = Measurement.read(folder(small, name))
    for metric in found.metrics.values():
        for one in (metric, *metric.baselines.values()):
            assert one.value is None or one.interval_95[0] <= one.value <= one.interval_95[1]
    mel = found.metrics["mel_l1"]
    assert mel.value > 0 and mel.baselines["griffin_lim"].ratio_interval_95 is not None
    factor = found.more["real_time_factor"]
    assert factor["vocoder"] > 0 and factor["griffin_lim"] > 0 and factor["threads"] >= 1 and factor["processor"]


def test_teacher_forced_mels_are_told_apart_from_natural_ones(small):
    """Griffin-Lim of blurred mels is further from the recordings than of their own."""
    metrics = Measurement.read(folder(small, "taught")).metrics
    natural, forced = (
        metrics[key].baselines["griffin_lim"].value for key in ("mel_l1_input", "teacher_forced_mel_l1_input")
    )
    assert forced > 1.1 * natural


def test_the_leaves_that_are_read_are_the_leaves_that_are_hashed(small):
    assert small.leaves["resynthesis"] == small.graph.views["vocoder"]["taught"].params.keys()


def test_a_split_without_mels_is_an_error_with_a_remedy(small, tmp_path):
    work = small.work(small.graph.views["vocoder"]["as_published"])
    everyone = read_json(small.store.folder(work.parents["splits"]) / "splits.json")
    nowhere = Place("splits", "0" * 16)
    write_json(small.store.folder(nowhere) / "splits.json", dict.fromkeys(everyone, "train"))
    lonely = replace(work, parents={**work.parents, "splits": nowhere})
    with pytest.raises(ValueError, match=r"no utterance of the eval split is left: "):
        resynthesis.Resynthesis(lonely, "natural", None, None, Measurement()).run()


def test_an_error_names_the_utterance(small):
    def deaf(mel):
        raise ValueError("nothing to hear")

    work = small.work(small.graph.views["vocoder"]["as_published"])
    with pytest.raises(RuntimeError, match=rf"at utterance {ids(small, 'eval')[0]}: nothing to hear"):
        resynthesis.Resynthesis(work, "natural", deaf, deaf, Measurement()).run()


# ---- audio ---------------------------------------------------------------------------------------------------------


def test_there_is_audio_of_every_speaker_beside_its_recording(small, name):
    wanted = {"eval": {"recording", "vocoder", "griffin_lim"}}
    if name == "taught":
        wanted["dev"] = {"recording", "teacher_forced", "teacher_forced_griffin_lim"}
    segments = {
        r["id"]: r for _, r in small.store.records(place(small.graph.views["vocoder"][name].parents["segments"]))
    }
    found = sorted((folder(small, name) / "samples").glob("*.wav"))
    heard = 0
    for split, kinds in wanted.items():
        own = [path for path in found if path.name.split(".")[0] in ids(small, split)]
        assert {path.name.split(".")[1] for path in own} == kinds and len(own) == SAMPLES * len(kinds)
        speakers = {segments[name_]["speaker"] for name_ in ids(small, split)}
        assert {segments[path.name.split(".")[0]]["speaker"] for path in own} == speakers and len(speakers) > 1
        for path in own:
            wav, rate = soundfile.read(path, dtype="float32")
            segment = segments[path.name.split(".")[0]]
            assert rate == 22050 and len(wav) == (segment["stop"] - segment["start"]) // HOP * HOP
            assert np.isfinite(wav).all() and wav.any()
        heard += len(own)
    assert heard == len(found)


def test_the_recording_is_the_segment_as_it_is(small):
    node = small.graph.views["vocoder"]["as_published"]
    path = next((folder(small, "as_published") / "samples").glob("*.recording.wav"))
    name = path.name.removesuffix(".recording.wav")
    record = next(r for _, r in small.store.records(place(node.parents["segments"])) if r["id"] == name)
    source = next(r for _, r in small.store.records(place(node.parents["wav"])) if r["id"] == record["utterance"])
    whole, _ = soundfile.read(small.store.folder(place(node.parents["wav"])) / source["file"], dtype="int16")
    heard, _ = soundfile.read(path, dtype="int16")
    assert np.abs(heard.astype(int) - whole[record["start"] :][: len(heard)].astype(int)).max() <= 1


# ---- weights -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "step", "expected"), [("as_published", 1234, PUBLISHED), ("taught", 20, BEST)])
def test_the_weights_that_speak_can_be_taken_away_in_two_forms(small, name, step, expected):
    path = folder(small, name) / "generator.safetensors"
    taken = read(Source("again", "v3", path, file_digest(path)))
    assert taken.position.step == step and taken.position.epoch == (1 if name == "taught" else 3)
    published = torch.load(folder(small, name) / f"g_{step:08d}", weights_only=True)["generator"]
    assert published.keys() == expected.keys()
    for key, tensor in expected.items():
        assert torch.equal(taken.model[f"generator.{key}"], tensor) and torch.equal(published[key], tensor)
    config = read_json(folder(small, name) / "config.json")
    assert (config["resblock"], config["num_mels"], config["fmax"], config["batch_size"]) == ("2", 80, 8000, 16)


def test_the_file_of_a_vocoder_speaks_as_it_does_without_a_store(small, name, tmp_path):
    node = small.graph.views["vocoder"][name]
    own = replace(place(node.parents["vocoder"]), epoch=node.epochs.get("vocoder"))
    vocoder = load_vocoder(small.store, own, node.params["vocoder.take"], 80)
    alone = SpeakingGenerator.from_file(shutil.copy(folder(small, name) / "generator.safetensors", tmp_path))
    mel = np.random.default_rng(0).normal(-5, 1, (7, 80)).astype(np.float32)
    assert np.array_equal(alone(mel), vocoder(mel)) and alone.name == "generator"
    write_own({}, tmp_path / "none.safetensors", {"variant": "v3"})
    with pytest.raises(ValueError, match=r"none\.safetensors does not hold a generator of V3"):
        SpeakingGenerator.from_file(tmp_path / "none.safetensors")


# ---- the page ------------------------------------------------------------------------------------------------------


def test_the_page_plays_what_lies_beside_it(small, name):
    page = (folder(small, name) / "report.html").read_text("utf-8")
    players = re.findall(r'<audio [^>]*src="([^"]+)"', page)
    there = [f"samples/{path.name}" for path in (folder(small, name) / "samples").iterdir()]
    assert sorted(players) == sorted(there) and len(players) >= 3 * SAMPLES
    node = small.graph.views["vocoder"][name]
    assert f"[[resynthesis/{node.key}]]" in page and f"[[entries/{node.key}]]" in page
    assert f"[[dataset/{small.graph.data['mini'].key}]]" in page
    digest = file_digest(folder(small, name) / "generator.safetensors")
    assert f"generator_sha256: {digest}" in page


def test_the_page_tells_of_a_training_where_there_was_one(small):
    published, taught = ((folder(small, n) / "report.html").read_text("utf-8") for n in ("as_published", "taught"))
    assert "as they were published" in published and "Teacher-forced" not in published
    assert f"[[weights/{small.graph.trained['vocoder']['as_published'].node.key}]]" in published
    assert "as they were published" not in taught and "epoch 1 of 2, the best" in taught
    assert f"teacher-forced, by [[train/{small.graph.trained['exp']['teacher'].node.key}]] at epoch 1" in taught


def test_the_node_tells_which_weights_speak(small, name):
    assert read_json(folder(small, name) / "node.json")["weights"]["step"] == (20 if name == "taught" else 1234)
