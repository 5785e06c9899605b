"""Also a program: `python test_loop.py FOLDER KILL` is the training that the tests kill and restart."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from itertools import count
from pathlib import Path

import numpy as np
import pytest
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

import koeru
from koeru.data.batches import Item, ItemList
from koeru.models.fastspeech2 import FastSpeech2, FastSpeech2Config
from koeru.training.checkpoint import load, save
from koeru.training.log import NAME
from koeru.training.loop import NonFiniteLossError, TrainSettings, train
from koeru.training.pretraining import load_pretrained
from koeru.training.schedule import Schedule

EPOCHS = 3
STEPS = 5  # an epoch: 14 items in batches of 3
SETTINGS = TrainSettings(
    batch_size=3,
    group_size=2,
    schedule=Schedule(warmup_steps=100, max_lr_scale=0.05, anneal_steps=(12,)),
    rolling_seconds=0,
)


def make_items(n_items, seed):
    rng = np.random.default_rng(seed)

    def item(number):
        n_phones = int(rng.integers(2, 8))
        durations = rng.integers(1, 4, n_phones)
        ids = [rng.integers(1, 6, n_phones) for _ in range(2)]
        pitch, energy = rng.normal(size=(2, n_phones)).astype(np.float32)
        mel = (ids[0].repeat(durations)[:, None] - np.arange(4)).astype(np.float32)
        return Item(
            f"u{number}", *ids, ids[0] % 2, number % 2, 0, 0, durations, pitch, energy, mel
        )  # fmt: skip

    return ItemList(item(number) for number in range(n_items))


def make_model():
    torch.manual_seed(1)
    return FastSpeech2(
        FastSpeech2Config(
            n_phones=6, n_accents=6, n_speakers=2, n_emotions=1, n_mels=4, hidden=8, encoder_layers=1,
            decoder_layers=1, filter_size=16, kernel_sizes=(3, 1), variance_filter_size=8, postnet_layers=2,
            postnet_filter_size=8,
        )
    )  # fmt: skip


def run(stop_epoch=EPOCHS, dev=4, **arguments):
    items = {"train_items": make_items(14, 0), "dev_items": make_items(dev, 1)}
    return train(
        arguments.pop("model", None) or make_model(),
        arguments.pop("settings", SETTINGS),
        stop_epoch=stop_epoch,
        **{**items, **arguments},
    )


def assert_same(a, b):
    """Two states are the same bit for bit, but for the time they took."""

    def flat(value, name=""):
        if isinstance(value, dict):
            return {key: leaf for k, v in value.items() for key, leaf in flat(v, f"{name}/{k}").items()}
        return {name: value}

    for part in ("model", "moments", "generators"):
        x, y = flat(getattr(a, part)), flat(getattr(b, part))
        assert x.keys() == y.keys()
        for key, value in x.items():
            assert torch.equal(value, y[key]) if torch.is_tensor(value) else value == y[key], key
    assert (a.place.epoch, a.place.batch, a.place.step) == (b.place.epoch, b.place.batch, b.place.step)
    assert without_times(a.place.log) == without_times(b.place.log)


def without_times(records):
    return [{k: v for k, v in record.items() if "seconds" not in k} for record in records]


@pytest.fixture(scope="module")
def whole():
    return run()


def test_training_learns(whole):
    first, last = whole.place.log[0], whole.place.log[-1]
    assert last["train"]["total"] < 0.95 * first["train"]["total"]
    assert last["dev"]["mel_postnet"] < first["dev"]["mel_postnet"]
    assert (whole.place.epoch, whole.place.step) == (EPOCHS, EPOCHS * STEPS)


def test_chunks_equal_one_run(whole, tmp_path):
    save(run(stop_epoch=1), tmp_path / "1.pt")
    save(run(stop_epoch=2, start_state=load(tmp_path / "1.pt")), tmp_path / "2.pt")
    torch.rand(7)
    assert_same(run(start_state=load(tmp_path / "2.pt")), whole)


def test_a_start_state_is_left_as_it_was(tmp_path):
    start = run(stop_epoch=1)
    save(start, tmp_path / "1.pt")
    run(stop_epoch=2, start_state=load(tmp_path / "1.pt"))
    assert_same(start, load(tmp_path / "1.pt"))


def test_evaluation_does_not_touch_the_training(whole):
    without = run(dev=0)
    assert all(record["dev"] == {} for record in without.place.log)
    assert all(torch.equal(tensor, whole.model[name]) for name, tensor in without.model.items())


@pytest.mark.parametrize("moment", range(1, 2 * STEPS, 2))
def test_every_rolling_checkpoint_continues_exactly(whole, tmp_path, moment):
    rolling, steps = tmp_path / "rolling.pt", count(1)

    def stop(*_):
        if next(steps) == moment:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(rolling_path=rolling, progress=stop)
    start = load(rolling) if rolling.exists() else None
    assert (start.place.step if start else 0) in (moment, moment - 1)
    assert_same(run(start_state=start), whole)


def training_process(folder, kill):
    code = Path(koeru.__file__).parents[1]
    paths = [str(code), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in paths if path)}
    return subprocess.run([sys.executable, __file__, folder, kill], env=environment, check=False).returncode


def test_a_killed_training_ends_with_the_same_bits(whole, tmp_path):
    """Killed within the first epoch, then within the writing of a checkpoint, then left alone."""
    assert training_process(tmp_path, "step 4") == -signal.SIGKILL
    assert load(tmp_path / "rolling.pt").place.step == 3
    assert training_process(tmp_path, "save 5") == -signal.SIGKILL
    assert load(tmp_path / "rolling.pt").place.step == 7
    assert training_process(tmp_path, "never") == 0
    assert_same(load(tmp_path / "rolling.pt"), whole)
    lines = (tmp_path / NAME).read_text(encoding="utf-8").splitlines()
    assert without_times(map(json.loads, lines)) == without_times(whole.place.log)
    board = EventAccumulator(str(tmp_path), size_guidance={"scalars": 0}).Reload()
    assert [event.step for event in board.Scalars("step/loss")] == list(range(1, EPOCHS * STEPS + 1))
    dev = board.Scalars("dev/mel")
    assert [event.step for event in dev] == [STEPS * epoch for epoch in range(1, EPOCHS + 1)]
    assert [event.value for event in dev] == pytest.approx([row["dev"]["mel"] for row in whole.place.log])


def test_a_loss_that_is_not_finite_stops_the_step_before_it_spoils_the_weights():
    items, model = make_items(14, 0), make_model()
    items[5] = replace(items[5], pitch=np.full_like(items[5].pitch, np.nan))
    steps = count()
    with pytest.raises(NonFiniteLossError) as error:
        run(model=model, train_items=items, stop_epoch=1, progress=lambda *_: next(steps))
    message = str(error.value)
    assert message.startswith(f"step {next(steps) + 1} (batch")
    assert "u5" in message and "pitch nan" in message and "duration nan" not in message
    assert all(tensor.isfinite().all() for tensor in model.state_dict().values())


def test_epoch_averages_are_weighted_by_positions():
    """With no learning and no dropout, the averages over unequal batches are those over one batch of all."""
    frozen = replace(SETTINGS, schedule=Schedule(base_lr=0.0))

    def averages(batch_size):
        model = make_model()
        for module in model.modules():
            if isinstance(module, torch.nn.Dropout):
                module.p = 0.0
        settings = replace(frozen, batch_size=batch_size)
        return run(model=model, settings=settings, stop_epoch=1).place.log[0]

    several, one = averages(3), averages(14)
    assert several["train"] == pytest.approx(one["train"], rel=1e-5)
    assert several["dev"] == pytest.approx(one["dev"], rel=1e-5)


def test_fine_tuning_starts_from_the_weights_alone(whole):
    model = make_model()
    load_pretrained(model, whole)
    tuned = run(model=model, stop_epoch=1)
    assert tuned.place.step == STEPS
    assert tuned.place.log[0]["train"]["mel"] < whole.place.log[0]["train"]["mel"]


def test_a_start_beyond_the_end_is_refused(whole):
    with pytest.raises(ValueError, match="beyond 2"):
        run(stop_epoch=2, start_state=whole)


def test_nothing_to_train_on_is_refused():
    with pytest.raises(ValueError, match="empty"):
        run(train_items=ItemList())


def test_another_thread_count_is_announced(whole, caplog):
    run(start_state=replace(whole, threads=2))
    assert "inexact resume" in caplog.text and "2 thread(s)" in caplog.text


def main(folder, kill):
    """Train to the end, from the rolling checkpoint if there is one; die as told."""
    what, _, moment = kill.partition(" ")
    calls, rolling, fsync = count(1), Path(folder) / "rolling.pt", os.fsync

    def die_at(event):
        if event == what and next(calls) == int(moment):
            os.kill(os.getpid(), signal.SIGKILL)

    def fsync_or_die(descriptor):
        if os.readlink(f"/proc/self/fd/{descriptor}").endswith(".partial"):
            die_at("save")
        fsync(descriptor)

    os.fsync = fsync_or_die
    run(
        start_state=load(rolling) if rolling.exists() else None,
        rolling_path=rolling,
        log_dir=Path(folder),
        progress=lambda *_: die_at("step"),
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
