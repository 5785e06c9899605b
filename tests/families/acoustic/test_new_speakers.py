"""Pretraining on other speakers: of two (MStudent, Teacher) a model goes on to others (FStudent, Teacher)."""

import json
import re
import shutil
from argparse import Namespace
from dataclasses import replace

import numpy as np
import pytest
import soundfile
import torch
from in_process import script
from memo import ROOT
from safetensors import safe_open
from safetensors.torch import load_file

from koeru.config.base import over
from koeru.data.reading import Features
from koeru.data.vocabulary import Names, Vocabulary
from koeru.families.acoustic.build import NAMED_ROWS, build_model
from koeru.families.acoustic.entry import Model
from koeru.families.acoustic.voice import Voice
from koeru.graph.plan import place
from koeru.graph.store import Store, read_json
from koeru.report.measurement import Measurement
from koeru.training.beginning import known, pretrained
from koeru.training.checkpoint import load
from koeru.training.exported import write_exported

IDS = {"MStudent": 0, "Teacher": 1, "FStudent": 2}  # of the model; the dataset itself has FStudent 0, Teacher 1


@pytest.fixture(scope="session")
def training(mini):
    return place(mini.graph.trained["exp"]["of_others"].node)


@pytest.fixture(scope="session")
def exported(mini):
    """The folder of exp/of_others."""
    return mini.store.folder(place(mini.graph.views["exp"]["of_others"]))


def told(mini, name, epoch=1):
    return read_json(mini.store.epoch_path(place(mini.graph.trained["exp"][name].node), epoch))


def stats(mini, dataset):
    return read_json(mini.store.folder(place(mini.graph.data[dataset].parents["stats"])) / "stats.json")


def exported_model(folder):
    """The weights and the metadata of model.safetensors."""
    path = folder / "model.safetensors"
    with safe_open(path, "pt") as file:
        return load_file(path), json.loads(file.metadata()["koeru"])


def test_ids_outlive_the_dataset(mini):
    assert told(mini, "of_two")["speakers"] == stats(mini, "two")["speakers"] == ["MStudent", "Teacher"]
    assert stats(mini, "others")["speakers"] == ["FStudent", "Teacher"]
    for epoch in (1, 2):
        assert Names.of(told(mini, "of_others", epoch)).ids["speakers"] == IDS


def test_ids_can_be_given_also_to_speakers_who_are_still_to_come(mini):
    found = stats(mini, "each")
    assert found["speakers"] == ["Teacher", "Later", "MStudent", "FStudent"]
    assert set(found["features"]["mel"]) == {"Teacher", "MStudent", "FStudent"}
    ids = read_json(mini.store.folder(place(mini.graph.data["each"])) / "speakers.json")["speakers"]
    assert ids == {"Teacher": 0, "Later": 1, "MStudent": 2, "FStudent": 3}


def test_the_run_says_what_is_new(mini, exported):
    for epoch in (1, 2):
        loaded = told(mini, "of_others", epoch)["loaded"]
        assert loaded["shared_speakers"] == ["Teacher"]
        assert (loaded["new_speakers"], loaded["absent_speakers"]) == (["FStudent"], ["MStudent"])
        parents, own = told(mini, "of_two")["emotions"], stats(mini, "others")["emotions"]
        assert loaded["shared_emotions"] == [name for name in parents if name in own]
        assert "speakers.weight" in loaded["extended"] and "phones.weight" in loaded["copied"]
        assert loaded["tensors"] == len(loaded["copied"]) + len(loaded["extended"])
    page = (exported / "report.html").read_text("utf-8")
    assert "at epoch 1; new speakers: FStudent; absent speakers: MStudent" in page
    words = (
        f"{len(loaded['copied'])} tensors as in the parent; 1 tensor with new rows: speakers.weight; optimizer reset"
    )
    assert loaded["fresh"] == loaded["left"] == [] and words in page


def test_shared_rows_are_the_parents_bit_for_bit_and_new_ones_their_mean(mini, training, capsys):
    work = mini.work(mini.graph.trained["exp"]["of_others"].node)
    features = Features.of(work)
    vocabulary = known(work, 0, features.vocabulary)
    model = build_model(over(Model, work.params, "model."), vocabulary, features.stats)
    pretrained(work, 0, model, features.vocabulary, NAMED_ROWS)
    parent = load(mini.store.epoch_state_path(place(mini.graph.trained["exp"]["of_two"].node), 1)).model
    rows = model.speakers.weight
    assert torch.equal(rows[: IDS["FStudent"]], parent["speakers.weight"])
    torch.testing.assert_close(rows[IDS["FStudent"]], parent["speakers.weight"].mean(0))
    assert torch.equal(model.to_mel.weight, parent["to_mel.weight"])
    line = f"train: pretrained from train/{work.parents['pretrain'].key} at epoch 1; new speakers: FStudent; absent "
    assert capsys.readouterr().err.startswith(line)


def test_a_row_is_trained_if_its_speaker_is_there(mini):
    before = load(mini.store.epoch_state_path(place(mini.graph.trained["exp"]["of_two"].node), 1)).model[
        "speakers.weight"
    ]
    after = load(mini.store.epoch_state_path(place(mini.graph.trained["exp"]["of_others"].node), 2)).model[
        "speakers.weight"
    ]
    assert torch.equal(after[IDS["MStudent"]], before[IDS["MStudent"]])
    assert not torch.equal(after[IDS["Teacher"]], before[IDS["Teacher"]])
    assert not torch.allclose(after[IDS["FStudent"]], before.mean(0))


def test_one_chunk_or_two_end_alike(mini, training, tmp_path):
    """The names are the same at every start, so a run that goes on is the run that never stopped."""
    for folder in mini.store.root.iterdir():
        (tmp_path / folder.name).symlink_to(folder)
    (tmp_path / "train").unlink()
    parent = place(mini.graph.trained["exp"]["of_two"].node)
    (tmp_path / "train").mkdir()
    (tmp_path / "train" / parent.key).symlink_to(mini.store.folder(parent))
    work = replace(mini.work(mini.graph.trained["exp"]["of_others"].node), store=Store(tmp_path))
    script("training").job(work, Namespace(start=0, epoch=2))
    whole, chunks = (load(store.epoch_state_path(training, 2)).model for store in (work.store, mini.store))
    assert all(torch.equal(whole[name], tensor) for name, tensor in chunks.items())
    one, two = (read_json(store.epoch_path(training, 2)) for store in (work.store, mini.store))
    assert (one["loaded"], one["speakers"], one["emotions"]) == (two["loaded"], two["speakers"], two["emotions"])


def test_every_exported_file_has_the_same_ids(mini, exported):
    weights, metadata = exported_model(exported)
    ids = read_json(exported / "speakers.json")
    assert ids["speakers"] == IDS
    vocabulary = Vocabulary.of(told(mini, "of_others", 2))
    assert vocabulary == Vocabulary.of(metadata["vocabulary"])
    assert ids == {kind: vocabulary.ids[kind] for kind in Names.KINDS}
    assert weights["speakers.weight"].shape[0] == len(ids["speakers"])
    assert weights["emotions.weight"].shape[0] == len(ids["emotions"])


@pytest.fixture
def elsewhere(exported, tmp_path):
    """model.safetensors, alone in a folder."""
    return Voice.from_file(shutil.copy(exported / "model.safetensors", tmp_path))


def test_the_file_of_a_voice_speaks_as_the_training_does(mini, training, elsewhere):
    work = mini.work(mini.graph.views["exp"]["of_others"].parents["synthesis"])
    voice = Voice.load(Features.of(work), work.parents["train"], "last")
    assert (elsewhere.vocabulary, elsewhere.mel_spec) == (voice.vocabulary, voice.mel_spec)
    samples = read_json(mini.store.folder(work.place) / "samples.json")["samples"]
    assert {sample["speaker"] for sample in samples} == {"FStudent", "Teacher"}
    for sample in samples:
        mel = elsewhere.speak(sample).mel
        assert np.array_equal(mel, voice.speak(sample).mel)
        for other in {"FStudent", "Teacher"} - {sample["speaker"]}:
            assert not np.array_equal(elsewhere.speak(sample | {"speaker": other}).mel, mel)


def test_the_file_of_a_voice_is_enough_to_speak_a_text(exported, tmp_path, monkeypatch):
    """As docs/speaking.md shows it."""
    (shown,) = re.findall(r"^```python\n(.*?)^```", (ROOT / "docs" / "speaking.md").read_text("utf-8"), re.M | re.S)
    (tmp_path / "exp" / "LINE_15").mkdir(parents=True)
    shutil.copy(exported / "model.safetensors", tmp_path / "exp" / "LINE_15")
    monkeypatch.chdir(tmp_path)
    known: dict = {}
    exec(compile(shown.replace("60", "2"), "docs/speaking.md", "exec"), known)
    wav, rate = soundfile.read("hello.wav")
    assert rate == 22050 and len(wav) == len(known["wav"]) and wav.any()
    with pytest.raises(ValueError, match="unknown speaker Ben; known are MStudent, Teacher, FStudent"):
        known["voice"].speak(known["record"] | {"speaker": "Ben"})


def test_another_file_is_no_voice(tmp_path):
    write_exported(tmp_path / "x.safetensors", {"a": torch.zeros(1)}, {"variant": "v1"})
    with pytest.raises(ValueError, match=r"x\.safetensors has no metadata `koeru` that tell a `params`: it is not a v"):
        Voice.from_file(tmp_path / "x.safetensors")
    (tmp_path / "y.safetensors").write_bytes((tmp_path / "x.safetensors").read_bytes()[:-1])
    with pytest.raises(ValueError, match=r"y\.safetensors is not a safetensors file, or not all of one"):
        Voice.from_file(tmp_path / "y.safetensors")


def test_only_speakers_of_the_dataset_are_evaluated(exported):
    found = Measurement.read(exported)
    assert set(found.more["accent_contrast_by_speaker"]) == {"FStudent", "Teacher"}
