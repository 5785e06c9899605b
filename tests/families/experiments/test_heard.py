"""What every saved epoch lets one hear: the same held-out sentences, freely spoken, at no cost to the training."""

import random
import shutil
from argparse import Namespace
from dataclasses import replace

import numpy as np
import pytest
import soundfile
import torch
from in_process import script
from matplotlib.image import imread
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from koeru.audio.vocoders import GriffinLim
from koeru.data.reading import Features
from koeru.families.acoustic.prepare import prepare
from koeru.families.acoustic.voice import Voice
from koeru.families.experiments.heard import SENTENCES, samples_of, samples_of_recordings, vocoder_at_hand
from koeru.families.vc.converter import Converter, voices
from koeru.families.vc.pairs import Pairs
from koeru.graph.plan import place
from koeru.graph.store import Store, file_digest, read_json
from koeru.graph.view import mark
from koeru.training.checkpoint import load

EPOCHS = {"child": 2, "wgmm": 1, "converted": 2, "converted_wgmm": 1}
HOP, RATE = 256, 22050


@pytest.fixture(params=EPOCHS)
def name(request):
    return request.param


def run_of(mini, name):
    """The folder of the run of an experiment."""
    return mini.store.folder(place(mini.graph.trained["exp"][name].node))


def work_of(mini, name):
    return mini.work(mini.graph.trained["exp"][name].node)


def beside(mini, root, stage):
    """A store with all of the small one but a stage, of which it has copies that may be changed."""
    for folder in mini.store.root.iterdir():
        if folder.name == stage:
            shutil.copytree(folder, root / stage)
        else:
            (root / folder.name).symlink_to(folder)
    return Store(root)


def test_every_saved_epoch_says_the_same_held_out_sentences(mini, name):
    found, recordings = samples_of(run_of(mini, name)), samples_of_recordings(run_of(mini, name))
    assert list(found) == list(range(1, EPOCHS[name] + 1))
    said = [[(one["id"], one["text"], one["speaker"]) for one in own.sentences] for own in found.values()]
    assert all(one == said[0] for one in said) and len(said[0]) == SENTENCES
    assert [one["id"] for one in recordings.sentences] == [identity for identity, *_ in said[0]]
    features = Features.of(work_of(mini, name)) if name in ("child", "wgmm") else None
    dev = (
        {record["id"] for _, record in features.records("dev")}
        if features
        else {pair.id for pair in Pairs.of(work_of(mini, name)).of_split("dev")}
    )
    assert {identity for identity, *_ in said[0]} <= dev


def test_audio_and_pictures_have_the_frames_that_are_told(mini, name):
    run = run_of(mini, name)
    for own in [*samples_of(run).values(), samples_of_recordings(run)]:
        for one in own.sentences:
            wav, rate = soundfile.read(own.folder / one["audio"])
            assert (len(wav), rate) == (one["frames"] * HOP, RATE) and np.abs(wav).max() > 1e-3
            assert imread(own.folder / one["picture"]).shape[:2] == (80, one["frames"])
            assert own.hop_s == HOP / RATE
            assert {kind: file_digest(own.folder / one[kind]) for kind in ("audio", "picture")} == one["sha256"]


def test_the_manifest_of_an_epoch_tells_of_its_samples(mini, name):
    for epoch in range(1, EPOCHS[name] + 1):
        told = read_json(run_of(mini, name) / f"epoch_{epoch:04d}.json")["samples"]
        assert told["file"] == f"samples/epoch_{epoch:04d}/samples.json" and 0 < told["seconds"] < 60
        assert file_digest(run_of(mini, name) / told["file"]) == told["sha256"]


def test_tensorboard_has_them_at_the_steps_of_the_epochs(mini, name):
    board = EventAccumulator(str(run_of(mini, name) / "log"), size_guidance={"audio": 0, "images": 0}).Reload()
    manifests = [read_json(run_of(mini, name) / f"epoch_{epoch:04d}.json") for epoch in range(1, EPOCHS[name] + 1)]
    samples = list(samples_of(run_of(mini, name)).values())
    for place_, one in enumerate(samples[0].sentences):
        heard, seen = board.Audio(f"speech/{one['id']}"), board.Images(f"mel/{one['id']}")
        assert [event.step for event in heard] == [event.step for event in seen] == [m["step"] for m in manifests]
        assert [event.length_frames for event in heard] == [own.sentences[place_]["frames"] * HOP for own in samples]
        assert [event.width for event in seen] == [own.sentences[place_]["frames"] for own in samples]
    dev = board.Scalars(f"dev/{next(iter(manifests[0]['log'][0]['dev']))}")  # nothing was purged
    assert [event.step for event in dev] == [m["step"] for m in manifests]


def test_a_voice_is_heard_as_it_speaks_freely(mini):
    work = work_of(mini, "wgmm")
    features, at = Features.of(work), replace(work.place, epoch=1)
    voice = Voice.load(features, at, "last")
    records = {record["id"]: record for _, record in features.records("dev")}
    own = samples_of(work.folder)[1]
    assert own.vocoder == "griffin-lim"  # its vocoder is taught by it, and so came later
    for one in own.sentences:
        mel = voice.speak(records[one["id"]], temperature=1.0, seed=0).mel
        wav = GriffinLim(voice.mel_spec, 2)(mel)
        written, _ = soundfile.read(own.folder / one["audio"])
        np.testing.assert_allclose(written, wav / max(1, np.abs(wav).max()), atol=1e-3)


def test_a_conversion_is_heard_by_the_vocoder_that_was_there(mini):
    work = work_of(mini, "converted_wgmm")
    pairs, at = Pairs.of(work), replace(work.place, epoch=1)
    converter, natural = Converter.load(pairs, at, "last"), mini.graph.trained["vocoder"]["natural"].node
    own = samples_of(work.folder)[1]
    assert own.vocoder == mark("vocoder", natural.key)
    dev = {pair.id: pair for pair in pairs.of_split("dev")}
    for one in own.sentences:
        pair = dev[one["id"]]
        made = converter.convert(pair.id, pairs.arrays(pair.source), *voices(pair), pair.source.cuts)
        assert len(made.mel) == one["frames"] and one["text"] == pair.target.text
        assert one["speaker"] == f"{pair.source.speaker} → {pair.target.speaker}"


def test_a_run_that_began_with_griffin_lim_stays_with_it(mini, tmp_path):
    """Its vocoder is there by now: for a run that has said nothing yet, and for no other."""
    work = work_of(mini, "wgmm")
    spec, taught = Features.of(work).mel_spec, mini.graph.trained["vocoder"]["taught"].node
    assert work.settings["vocoder"]["key"] == taught.key
    assert vocoder_at_hand(work, spec, 2).name == "griffin-lim"
    new = replace(work, store=beside(mini, tmp_path, "train"))
    shutil.rmtree(new.folder / "samples")
    assert vocoder_at_hand(new, spec, 2).name == mark("vocoder", taught.key)
    assert vocoder_at_hand(replace(new, settings={**new.settings, "vocoder": None}), spec, 2).name == "griffin-lim"
    gone = replace(new, settings={**new.settings, "vocoder": new.settings["vocoder"] | {"epoch": 9}})
    assert vocoder_at_hand(gone, spec, 2).name == "griffin-lim"


def test_being_heard_touches_no_generator_and_no_weight(mini, tmp_path):
    work = replace(work_of(mini, "wgmm"), store=beside(mini, tmp_path, "train"))
    work = replace(work, settings={**work.settings, "vocoder": None})  # which was not there then
    state = load(work.store.epoch_state_path(work.place, 1))
    prepared = prepare(work, 1)
    weights = {name: tensor.clone() for name, tensor in state.model.items()}
    before = torch.get_rng_state(), np.random.get_state()[1].copy(), random.getstate()
    spoken = prepared.speak(state)
    assert torch.equal(torch.get_rng_state(), before[0]) and random.getstate() == before[2]
    assert np.array_equal(np.random.get_state()[1], before[1])
    assert all(torch.equal(tensor, weights[name]) for name, tensor in state.model.items())
    first = samples_of(run_of(mini, "wgmm"))[1].sentences
    again = samples_of(work.folder)[1].sentences
    assert [one["sha256"] for one in again] == [one["sha256"] for one in first] and len(spoken.sentences) == SENTENCES


def test_an_epoch_that_cannot_be_heard_is_saved_all_the_same_and_says_why(mini, tmp_path, capsys):
    work = work_of(mini, "converted_wgmm")
    (tmp_path / "store").mkdir()
    store = beside(mini, tmp_path / "store", "vocoder")
    (store.root / "conversion").unlink()
    (store.root / "conversion").mkdir()
    parent = work.parents["pretrain"].key
    (store.root / "conversion" / parent).symlink_to(mini.store.root / "conversion" / parent)
    told = work.settings["vocoder"]
    weights = store.root / told["stage"] / told["key"] / "epoch_0001.pt"
    weights.write_bytes(weights.read_bytes()[:1000])
    work = replace(work, store=store)
    script("training").job(work, Namespace(start=0, epoch=1))
    manifest = read_json(store.epoch_path(work.place, 1))
    assert "epoch_0001.pt is not a checkpoint" in manifest["samples"]["note"]
    assert "conversion: epoch 1 cannot be heard: " in capsys.readouterr().err
    theirs = load(mini.store.epoch_state_path(work.place, 1))
    own = load(store.epoch_state_path(work.place, 1))
    assert all(torch.equal(tensor, theirs.model[name]) for name, tensor in own.model.items())
    assert samples_of(work.folder) == {}
