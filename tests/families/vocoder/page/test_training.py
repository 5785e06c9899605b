"""What pages tell of a vocoder's training: where it began, which epoch speaks, and what a listener should know."""

import base64
import re

import pytest
from document import is_svg
from told_vocoder import LOADED, START, WEIGHTS, published, told, trained, weights

from koeru.families.vocoder.page import training
from koeru.families.vocoder.page.plots import mel_errors
from koeru.graph.store import Place, Store, write_json


def drawn(picture):
    return base64.b64decode(picture.src.split(",", 1)[1]).decode()


@pytest.mark.parametrize(
    ("parents", "words"),
    [
        ({}, "from random weights"),
        ({"start": START}, "from [[vocoder/a0b1]] at epoch 100"),
        ({"start": WEIGHTS}, "from [[weights/c2d3]], published weights"),
    ],
)
def test_it_is_told_what_the_weights_come_from(parents, words):
    assert training.origin(trained(parents=parents)) == words


def test_kept_optimisers_are_trained():
    kept = trained(parents={"start": START}, loaded=LOADED | {"optimizer": "keep", "step": 1000})
    assert training.origin(kept) == "from [[vocoder/a0b1]] at epoch 100; the state of its optimisers is kept"


def test_it_is_told_whose_mels_it_learned(tmp_path):
    store = Store(tmp_path)
    assert training.mels(store, trained()) == "natural, of the recordings"
    write_json(
        store.node_path(Place("gta", "77")),
        {"stage": "gta", "key": "77", "params": {}, "parents": {"train": {"stage": "train", "key": "88", "epoch": 30}}},
    )
    taught = trained(parents={"gta": {"stage": "gta", "key": "77", "epoch": None}})
    assert training.mels(store, taught) == "teacher-forced, by [[train/88]] at epoch 30"


def test_facts_tell_of_size_length_losses_and_machine():
    facts = training.facts(trained())
    assert facts["Trained"] == "12 epochs, 240 steps, 2 min 24 s"
    assert facts["Model"] == "HiFi-GAN V1, 13.94 million parameters; discriminators of 70.70 million parameters"
    assert facts["Loss"] == "1 × adversarial, 2 × features, 45 × mel"
    assert facts["Computed"].startswith("fp32 on NVIDIA H200, 1 device, 2 threads, 4 loading workers")
    assert facts["Last epoch"] == "800 frames a second"


def test_a_training_without_discriminators_says_so():
    params = told()["params"] | {f"vocoder.train.{part}_weight": 0.0 for part in ("adversarial", "features")}
    params["vocoder.train.stft_weight"] = 1.5
    facts = training.facts(trained(params=params, parameters={"generator": 1_000_000, "discriminators": 0}))
    assert facts["Model"].endswith("trained without discriminators")
    assert facts["Loss"] == "45 × mel, 1.5 × multi-resolution STFT"


def test_steps_that_another_training_made_are_not_counted():
    assert "240 steps" in training.facts(trained(step=1240, loaded=LOADED | {"step": 1000}))["Trained"]


def test_a_sound_training_warns_of_nothing():
    assert training.warnings(trained()) == [] and training.warnings(trained(loaded=None, parents={})) == []


def test_what_the_training_said_of_its_start_is_told_by_the_name_of_the_entry():
    notes = ["the discriminators begin with random weights: weights/c2d3 has none"]
    (warning,) = training.warnings(trained(loaded=LOADED | {"notes": notes}))
    assert warning.endswith("the discriminators begin with random weights: [[weights/c2d3]] has none")


def test_a_training_that_did_not_help_is_trained():
    (warning,) = training.warnings(trained(at_start={"mel": 0.29}))
    assert re.search(r"did not lower .* 0\.290 neper at the start, 0\.300 at its best \(epoch 8\)", warning)


def test_the_curve_begins_at_the_start_and_marks_the_best():
    picture = training.curve(trained(params=told()["params"] | {"vocoder.mels": "teacher_forced"}))
    assert "teacher-forced mels of the dev split" in picture.caption
    assert "0.412 at the start, 0.300 at epoch 8, the lowest, 0.324 at epoch 12, the last" in picture.caption
    content = drawn(picture)
    assert "start: 0.412" in content and "best, epoch 8: 0.300" in content


def test_a_best_epoch_that_is_the_last_is_told_once():
    assert training.curve(trained(epochs=8)).caption.endswith("0.412 at the start, 0.300 at epoch 8, the last")


def test_all_losses_can_be_drawn():
    assert "discriminator_real" in drawn(training.losses(trained()))


def test_published_weights_are_told_by_their_file_and_its_digest():
    facts = training.published(weights())
    assert facts["Vocoder"].startswith("[[weights/c2d3]]: published weights as they are")
    assert facts["Model"] == "HiFi-GAN V1, 13.94 million parameters"
    assert facts["File"] == "g_02500000, 55.8 MB" and facts["sha256"] == "ab" * 32
    assert facts["Trained"] == "not told by the file"
    assert training.published(weights(step=2_500_000, epoch=3101))["Trained"] == "2,500,000 steps (3,101 epochs)"


@pytest.mark.parametrize("take", ["best", "last"])
def test_all_is_told_of_a_training_and_of_published_weights(tmp_path, take):
    store = Store(tmp_path)
    at, published_at = Place("vocoder", "e4f5", epoch=12), Place("weights", "c2d3")
    write_json(store.epoch_path(at, 12), told())
    write_json(store.node_path(published_at), published())
    page = training.speaking(store, at, take)
    assert [*page.facts][:4] == ["Vocoder", "Started", "Mels", "Speaks"] and page.curve and page.losses
    words = {"last": "epoch 12, the last", "best": "epoch 8 of 12, the best: its mel error"}
    assert page.facts["Vocoder"] == "[[vocoder/e4f5]]" and page.facts["Speaks"].startswith(words[take])
    assert training.speaking(store, published_at, None).curve is None


@pytest.mark.parametrize(("epochs", "start", "best"), [(8, 9.0, 8), (1, 9.0, 1), (800, 0.4, 3)])
def test_errors_are_drawn_however_many_epochs_there_are(epochs, start, best):
    rows = [{"epoch": e, "train": {"mel": 4 / e}, "dev": {"mel": 5 / e}} for e in range(1, epochs + 1)]
    assert is_svg(mel_errors(rows, start, best))
