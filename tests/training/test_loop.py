"""The loop, whatever it trains."""

from dataclasses import replace

import pytest
import torch
from tiny_training import EPOCHS, SETTINGS_OF, STEPS, ItemList, assert_same, run
from tiny_vocoder import Spoken

from koeru.training import loop
from koeru.training.checkpoint import load, save
from koeru.training.taking import best_row


@pytest.fixture(scope="module", params=SETTINGS_OF)
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def whole(kind):
    return run(kind)


def test_training_learns(kind, whole):
    first, last = whole.position.log[0], whole.position.log[-1]
    assert last["train"]["total"] < 0.97 * first["train"]["total"]
    mel = "mel" if kind == "vocoder" else "mel_postnet"
    assert last["dev"][mel] < first["dev"][mel]
    assert (whole.position.epoch, whole.position.step) == (EPOCHS, EPOCHS * STEPS)


def test_the_best_is_kept_as_it_was_and_the_model_is_judged_before_it_begins(kind, whole):
    part, value = ("generator.", "mel") if kind == "vocoder" else ("", "total")
    best = best_row(whole.position.log, value)["epoch"]
    then = whole.model if best == EPOCHS else run(kind, best).model
    kept = {name.removeprefix(part): tensor for name, tensor in then.items() if name.startswith(part)}
    assert whole.best.keys() == kept.keys() and all(torch.equal(whole.best[name], kept[name]) for name in kept)
    assert whole.position.at_start.keys() == whole.position.log[0]["dev"].keys()


def test_the_best_is_kept_apart_from_what_is_trained_on(kind, whole, monkeypatch):
    """The weights of the first epoch, where no later one is better."""
    first, losses = run(kind, 1), iter([0.5, 1.0, 2.0, 3.0])
    value = "mel" if kind == "vocoder" else "total"
    monkeypatch.setattr(loop, "evaluate", lambda fabric, task: {value: next(losses)})
    state = run(kind)
    part = "generator." if kind == "vocoder" else ""
    assert all(torch.equal(tensor, first.model[part + name]) for name, tensor in state.best.items())
    assert not all(torch.equal(tensor, state.model[part + name]) for name, tensor in state.best.items())


def test_a_start_state_is_left_as_it_was(kind, tmp_path):
    start = run(kind, 1)
    save(start, tmp_path / "1.pt")
    run(kind, 2, start_state=load(tmp_path / "1.pt"))
    assert_same(start, load(tmp_path / "1.pt"))


def test_evaluation_does_not_touch_the_training(kind, whole):
    without = run(kind, dev=0)
    assert all(record["dev"] == {} for record in without.position.log) and without.best == {}
    assert all(torch.equal(tensor, whole.model[name]) for name, tensor in without.model.items())


def test_a_start_beyond_the_end_is_refused(kind, whole):
    with pytest.raises(ValueError, match="beyond 2"):
        run(kind, stop_epoch=2, start_state=whole)


@pytest.mark.parametrize(
    "nothing", [{"train_items": ItemList()}, {"kind": "vocoder", "train_recordings": Spoken(0, 0)}]
)
def test_nothing_to_train_on_is_refused(nothing):
    with pytest.raises(ValueError, match="empty"):
        run(**nothing)


def test_another_machine_is_announced(kind, whole, caplog):
    other = replace(whole.machine, threads=2, processor="a faster one")
    run(kind, start_state=replace(whole, machine=other))
    assert "inexact resume" in caplog.text and "threads was 2, is 1; processor was a faster one, is " in caplog.text


def test_the_same_machine_is_not(kind, whole, caplog):
    run(kind, start_state=whole)
    assert not caplog.text
