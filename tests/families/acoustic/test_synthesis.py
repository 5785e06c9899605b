"""What is spoken of held-out utterances, by which vocoder, and that the recordings are left as they are."""

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile
import torch
from in_process import Watched
from safetensors import safe_open
from told_vocoder import published, told

from koeru.audio.frames import n_frames
from koeru.audio.vocoders import GriffinLim
from koeru.families.acoustic import exp, synthesis
from koeru.families.vocoder.family import USES
from koeru.families.vocoder.hifigan import generator
from koeru.families.vocoder.speaking import SpeakingGenerator
from koeru.graph.plan import place
from koeru.graph.store import Place, Store, read_json, write_json
from koeru.graph.view import mark
from koeru.jobs.features import mel_spec
from koeru.jobs.stage import Work
from koeru.training.checkpoint import Position, TrainState, save
from koeru.training.machine import Machine

KINDS = ("recording", "natural", "teacher_forced", "synthesised")
TRAINED, WEIGHTS = Place("vocoder", "0a" * 8, epoch=12), Place("weights", "0b" * 8)


def test_a_text_that_is_drawn_again_is_spoken_with_other_seeds_at_the_temperature_of_synthesis():
    asked = []

    def speak(record, *, temperature, seed):
        asked.append((temperature, seed))
        return SimpleNamespace(mel=np.full((3, 2), seed))

    mels = synthesis.spoken(SimpleNamespace(speak=speak), {"id": "a"}, 0.7, 3)
    assert list(mels) == ["synthesised", "sample2", "sample3"]
    assert asked == [(0.7, 0), (0.7, 1), (0.7, 2)] and mels["sample3"].min() == 2
    assert list(synthesis.spoken(SimpleNamespace(speak=speak), {"id": "a"}, 0.7, 1)) == ["synthesised"]


# ---- the files of one utterance ------------------------------------------------------------------------------------


def test_a_recording_is_written_sample_by_sample_as_it_is(tmp_path):
    wav = np.array([-32768, -32767, 0, 1, 16385, 32767], np.int16)
    audio = synthesis.Audio(tmp_path, "A_1", 22050)
    audio.write("recording", wav)
    again, rate = soundfile.read(tmp_path / "samples" / "A_1.recording.wav", dtype="int16")
    assert rate == 22050 and again.tolist() == wav.tolist() and not audio.notes


def test_what_would_clip_is_turned_down_and_noted(tmp_path):
    audio = synthesis.Audio(tmp_path, "A_1", 22050)
    for kind in (*KINDS, "sample2", "sample3"):
        audio.write(kind, np.array([0.5, -2.0 if kind == "natural" else 0.1], np.float32))
    found = audio.told(KINDS)
    assert list(found) == [*KINDS, "again", "note"]
    assert found["again"] == ["samples/A_1.sample2.wav", "samples/A_1.sample3.wav"]
    assert found["note"] == "natural: turned down by 6.0 dB, it would have clipped"
    assert all((tmp_path / found[kind]).exists() for kind in KINDS)


# ---- the vocoder ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def speaking(tmp_path_factory, mini):
    """The store of `mini` with two vocoders of random weights, and the work of exp/child, spoken by a given one."""
    root = tmp_path_factory.mktemp("speaking")
    for folder in mini.store.root.iterdir():
        if folder.name not in ("synthesis", "exp", TRAINED.stage, WEIGHTS.stage):
            (root / folder.name).symlink_to(folder)
    store = Store(root)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        last, best = ({f"generator.{n}": t for n, t in generator("v3").state_dict().items()} for _ in range(2))
    machine = Machine(threads=1, devices=1, processor="a", torch="b")
    run = {"run": {"started": "2026-01-01", "seconds": 1.0, "host": "h"}, "commit": "c"}
    content = told(stage="vocoder", key=TRAINED.key, parents={}, loaded=None, **run)
    content["params"] = content["params"] | {"vocoder.variant": "v3"}
    state = TrainState(last, {}, {}, machine, Position(epoch=12, step=240, log=content["log"]))
    state.best = {name.removeprefix("generator."): tensor for name, tensor in best.items()}
    save(state, store.epoch_state_path(TRAINED, 12))
    write_json(store.epoch_path(TRAINED, 12), content)
    save(replace(state, best={}), store.folder(WEIGHTS) / "state.pt")
    weights = published(key=WEIGHTS.key, parents={}, **run)
    weights["params"] = weights["params"] | {"weights.variant": "v3"}
    write_json(store.node_path(WEIGHTS), weights)

    def work(stage, vocoder, read=None, **parents):
        node = mini.work(
            mini.graph.views["exp"]["child"]
            if stage == "exp"
            else mini.graph.views["exp"]["child"].parents["synthesis"]
        )
        take = {"vocoder.take": "best" if vocoder is TRAINED else None, "synthesis.griffin_lim_iterations": None}
        return replace(
            node,
            place=Place(stage, "0c" * 8),
            params=Watched(node.params if stage == "exp" else node.params | take, set() if read is None else read),
            parents=node.parents | ({"vocoder": vocoder} if vocoder else {}) | parents,
            store=store,
            uses={"vocoder": USES} if vocoder else {},
        )

    return work


@pytest.mark.parametrize(
    ("vocoder", "kind", "own", "leaf"),
    [
        (None, GriffinLim, "griffin-lim", {"synthesis.griffin_lim_iterations"}),
        (TRAINED, SpeakingGenerator, mark("vocoder", TRAINED.key), {"vocoder.take"}),
        (WEIGHTS, SpeakingGenerator, mark("weights", WEIGHTS.key), {"vocoder.take"}),
    ],
    ids=["griffin-lim", "trained", "published"],
)
def test_a_vocoder_reads_only_the_leaf_that_it_has(speaking, vocoder, kind, own, leaf):
    read: set[str] = set()
    work = speaking("synthesis", vocoder, read)
    spec = mel_spec(work)
    read.clear()
    found = synthesis.vocoder_of(work, spec)
    assert isinstance(found, kind) and found.name == own and read == leaf


def test_an_experiment_without_a_vocoder_is_spoken_from_the_recording_on(mini):
    node = mini.graph.views["exp"]["child"].parents["synthesis"]
    check_samples(mini.work(node), read_json(mini.store.folder(place(node)) / "samples.json"), "griffin-lim")


def check_samples(work: Work, content, vocoder: str) -> None:
    """Every sample has its four files: the recording as it is, and mels of the same frames."""
    segments = {r["id"]: r for _, r in work.store.records(work.parents["segments"])}
    files = {r["id"]: r["file"] for _, r in work.store.records(work.parents["wav"])}
    assert content["vocoder"] == vocoder and len(content["samples"]) == 2
    for sample in content["samples"]:
        segment = segments[sample["id"]]
        heard = {kind: soundfile.read(work.folder / sample[kind], dtype="int16")[0] for kind in KINDS}
        source, _ = soundfile.read(work.store.folder(work.parents["wav"]) / files[segment["utterance"]], dtype="int16")
        np.testing.assert_array_equal(heard["recording"], source[segment["start"] : segment["stop"]])
        frames = n_frames(len(heard["recording"]), 256)
        assert len(heard["natural"]) == len(heard["teacher_forced"]) == frames * 256
        assert not np.array_equal(heard["natural"], heard["teacher_forced"])
        assert len(heard["synthesised"]) % 256 == 0 and np.abs(heard["synthesised"]).max() > 0


@pytest.mark.parametrize("vocoder", [TRAINED, WEIGHTS], ids=["trained", "published"])
def test_a_trained_vocoder_speaks_is_told_of_and_is_exported(speaking, vocoder):
    spoken = speaking("synthesis", vocoder)
    synthesis.job(spoken)
    name = mark(vocoder.stage, vocoder.key)
    check_samples(spoken, read_json(spoken.folder / "samples.json"), name)
    work = speaking("exp", vocoder, synthesis=spoken.place)
    exp.job(work)
    page = (work.folder / "report.html").read_text("utf-8")
    assert 'id="vocoder"' in page and f'<a href="#vocoder">{name}</a>' in page and "Griffin" not in page
    assert ("epoch 8 of 12, the best" in page) == (vocoder is TRAINED)
    assert len(list((work.folder / "samples").glob("*.recording.wav"))) == 2
    with safe_open(work.folder / "vocoder.safetensors", "pt") as file:
        metadata = json.loads(file.metadata()["koeru"])
        assert {"conv_pre.weight_g", "conv_post.bias"} <= set(file.keys())
    assert metadata["variant"] == "v3" and metadata["epoch"] == (8 if vocoder is TRAINED else 12)
    assert metadata["mel"]["fmax"] == 8000 and metadata["mel"]["hop_length"] == 256
