"""The benchmark of training: that it runs where only torch is, measures the memo's models, and counts what they do."""

import subprocess
import sys
from dataclasses import replace

import pytest
import torch
import training
import vocoder
from configured import graph_of
from memo import ROOT, memo
from speech import VOCABULARY, Speech
from steps import Run, operations

from koeru.config.base import leaves
from koeru.families.acoustic.batches import collate
from koeru.families.acoustic.build import build_model
from koeru.families.acoustic.entry import Model
from koeru.families.acoustic.model import FastSpeech2

NOT_ON_A_GPU_MACHINE = {"snakemake", "soundfile", "pyworld", "pyopenjtalk", "rapidfuzz", "praat", "yaml"}


@pytest.fixture(scope="module")
def speech():
    return Speech(24)


def on_meta(settings):
    with torch.device("meta"):
        return FastSpeech2(settings, training.SIZES)


def test_random_speech_is_like_dialogues():
    speech = Speech(1000)
    lengths = torch.tensor(speech.frame_lengths)
    phones = sum(len(record["phones"]) for record in speech.records)
    assert 4.5 < lengths.double().mean() * 256 / 22050 < 6.5  # seconds an utterance
    assert 11 < phones / (lengths.sum() * 256 / 22050) < 14  # phones a second
    assert all(len(speech[n].mel) == speech.frame_lengths[n] for n in range(5))


@pytest.mark.parametrize("module", ["training", "vocoder"])
def test_it_needs_only_what_is_on_a_gpu_machine(module):
    code = f"import sys; sys.path.insert(0, 'bench'); import {module}; print(*{{m.split('.')[0] for m in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not NOT_ON_A_GPU_MACHINE & set(done.stdout.split())


@pytest.mark.parametrize(("name", "entry"), [("FastSpeech2", "LINE_8"), ("wGMM", "LINE_7")])
def test_models_are_those_of_the_memo(speech, name, entry):
    params = graph_of(memo()).trained["exp"][entry].node.params
    assert {leaf: params[leaf] for leaf in leaves(Model(), "model.")} == leaves(training.MODELS[name], "model.")
    with torch.device("meta"):
        sizes = build_model(training.MODELS[name], VOCABULARY, speech.stats).sizes
    assert replace(sizes, n_before_emotions=0) == training.SIZES


def test_operations_are_six_for_each_weight_and_position(speech):
    """Two forward, four backward. Apart from the embeddings all weights act at every phone or frame."""
    settings = Model(postnet_layers=0)
    model = on_meta(settings)
    batch = collate([speech[n] for n in range(4)])
    of_frames = sum(p.numel() for part in (model.decoder, model.to_mel) for p in part.parameters())
    of_phones = sum(p.numel() for part in (model.encoder, model.variance) for p in part.parameters())
    products = 6 * (of_frames * len(batch.ids) * batch.n_frames + of_phones * batch.phones.numel())
    attention = 12 * settings.decoder_layers * len(batch.ids) * batch.n_frames**2 * settings.hidden
    assert operations(model, batch) == pytest.approx(products + attention, rel=0.02)


def test_recurrent_layers_are_counted(speech):
    batch = collate([speech[n] for n in range(4)])
    plain, gmm = (on_meta(settings) for settings in training.MODELS.values())
    gru = gmm.prosody.predictor.local.gru
    least = 6 * batch.phones.numel() * sum(p.numel() for name, p in gru.named_parameters() if "weight" in name)
    assert operations(gmm, batch) - operations(plain, batch) > least


def test_a_run_counts_real_frames_and_padding(speech):
    run = Run()
    for start in (0, 8, 16):
        run.count(collate([speech[n] for n in range(start, start + 8)]))
    assert (run.steps, run.utterances, run.frames) == (3, 24, sum(speech.frame_lengths))
    assert run.padded_frames == sum(8 * max(speech.frame_lengths[start : start + 8]) for start in (0, 8, 16))
    assert 0 < run.padding < 1


def test_a_step_of_v1_takes_the_operations_that_are_known_of_it():
    assert vocoder.operations() / 1e9 == pytest.approx(6.7, rel=0.01)


def test_memory_and_difference_are_measured_of_both_steps():
    one, other = (torch.nn.Linear(1000, 100, bias=False) for _ in range(2))
    other.load_state_dict(one.state_dict())
    other.weight.data[0, :10] += 1e-3
    found = vocoder.Difference.of({"koeru": one, "published": other})
    assert found.largest == pytest.approx(1e-3, rel=1e-3) and found.share == pytest.approx(1e-4)
