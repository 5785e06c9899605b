"""Two processes on the CPU train as one does, but for rounding."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import tiny_training
import torch
from tiny_training import EPOCHS, FROZEN, TWO_DEVICES, make_items, run_without_dropout

import koeru
from koeru.data.sampling import epoch_batches
from koeru.training.checkpoint import load, save
from koeru.training.loader import share_of

ONE_DEVICE = replace(TWO_DEVICES, devices=1)


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """What two processes have made, and what they said; and what one has."""
    folder = tmp_path_factory.mktemp("two")
    for case in FROZEN:
        save(run_without_dropout(case, ONE_DEVICE, stop_epoch=1), folder / f"{case}.first.pt")
    paths = [str(Path(koeru.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    done = subprocess.run(
        [sys.executable, tiny_training.__file__, folder],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder, done.stderr


@pytest.mark.parametrize("case", FROZEN)
@pytest.mark.parametrize("name", ["whole", "resumed"])
def test_two_devices_train_as_one_does(both, case, name):
    two, one = load(both[0] / f"{case}.{name}.pt"), run_without_dropout(case, ONE_DEVICE)
    for own, other in zip(two.place.log, one.place.log, strict=True):
        assert own["train"] == pytest.approx(other["train"], rel=1e-4)
        assert own["dev"] == pytest.approx(other["dev"], rel=1e-4)
        assert (own["step"], own["frames"], own["padding"]) == (other["step"], other["frames"], other["padding"])
    for tensor, value in one.model.items():
        torch.testing.assert_close(two.model[tensor], value, rtol=1e-3, atol=1e-5)


def test_another_number_of_devices_is_announced(both, caplog):
    folder, said = both
    assert said.count("inexact resume") == len(FROZEN) and "devices was 1, is 2" in said
    start = load(folder / "fastspeech2.whole.pt")
    run_without_dropout("fastspeech2", ONE_DEVICE, start_state=start, stop_epoch=EPOCHS + 1)
    assert "inexact resume" in caplog.text and "devices was 2, is 1" in caplog.text


def test_a_loss_that_is_not_finite_stops_every_device_and_names_the_utterances_of_one(both):
    messages = {path.read_text() for path in both[0].glob("error.*.txt")}
    (message,) = messages
    (batch,) = epoch_batches(make_items(13, 0).frame_lengths, 13, 2, TWO_DEVICES.seed, 0)
    guilty = next(share for share in (batch[::2], batch[1::2]) if 5 in share)
    assert f"utterances {', '.join(f'u{index}' for index in guilty)}. " in message


@pytest.mark.parametrize("n_items", [1, 2, 3, 7])
@pytest.mark.parametrize("world", [1, 2, 3, 4])
def test_shares_are_the_batch_and_fillers_repeat_one_of_it(n_items, world):
    batch = list(range(10, 10 + n_items))
    shares = [share_of(batch, rank, world) for rank in range(world)]
    assert sorted(index for share in shares if not share.filler for index in share.indices) == batch
    assert [share.filler for share in shares] == [rank >= n_items for rank in range(world)]
    assert all(share.indices and set(share.indices) <= set(batch) for share in shares)
