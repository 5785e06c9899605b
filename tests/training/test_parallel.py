"""Two processes on the CPU train as one does, but for rounding."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import tiny_training
import torch
from tiny_conversion import make_pairs
from tiny_training import EPOCHS, FROZEN, make_items, run_without_dropout, settings_of

import koeru
from koeru.data.sampling import epoch_batches
from koeru.families.vocoder import clips
from koeru.training.checkpoint import load, save
from koeru.training.loader import share_of


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """What two processes have made, and what they said; and what one has."""
    folder = tmp_path_factory.mktemp("two")
    for case in FROZEN:
        save(run_without_dropout(case, 1, stop_epoch=1), folder / f"{case}.first.pt")
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
    two, one = load(both[0] / f"{case}.{name}.pt"), run_without_dropout(case, 1)
    for own, other in zip(two.position.log, one.position.log, strict=True):
        assert own["train"] == pytest.approx(other["train"], rel=1e-4)
        assert own["dev"] == pytest.approx(other["dev"], rel=1e-4)
        assert (own["step"], own["frames"], own["padding"]) == (other["step"], other["frames"], other["padding"])
    for tensor, value in one.model.items():
        torch.testing.assert_close(two.model[tensor], value, rtol=1e-3, atol=1e-5)
    assert two.moments.keys() == one.moments.keys()
    for name, kinds in one.moments.items():
        for kind, value in kinds.items():
            torch.testing.assert_close(two.moments[name][kind], value, rtol=0.01, atol=5e-3 * value.abs().max().item())
    assert two.best.keys() == one.best.keys() and two.position.at_start == pytest.approx(one.position.at_start)


def test_another_number_of_devices_is_announced(both, caplog):
    folder, said = both
    assert said.count("inexact resume") == len(FROZEN) and "devices was 1, is 2" in said
    start = load(folder / "fastspeech2.whole.pt")
    run_without_dropout("fastspeech2", 1, start_state=start, stop_epoch=EPOCHS + 1)
    assert "inexact resume" in caplog.text and "devices was 2, is 1" in caplog.text


@pytest.mark.parametrize(("kind", "mark"), [("fastspeech2", "u"), ("conversion", "p"), ("vocoder", "v")])
def test_a_loss_that_is_not_finite_stops_every_device_and_names_the_utterances_of_one(both, kind, mark):
    told = [path.read_text() for path in both[0].glob(f"{kind}.?.txt")]
    assert len(told) == 2 and told[0] == told[1]
    seed = settings_of(kind, 2).seed
    (batch,) = {
        "fastspeech2": epoch_batches(make_items(13, 0).frame_lengths, 13, 2, seed, 0),
        "conversion": epoch_batches(make_pairs("conversion", 13, 0).frame_lengths, 13, 2, seed, 0),
        "vocoder": clips.epoch_batches(13, 13, seed, 0),
    }[kind]
    guilty = next(share for share in (batch[::2], batch[1::2]) if 5 in share)
    assert f"utterances {', '.join(f'{mark}{index}' for index in guilty)}. " in told[0]


@pytest.mark.parametrize("n_items", [1, 2, 3, 7])
@pytest.mark.parametrize("world", [1, 2, 3, 4])
def test_shares_are_the_batch_and_fillers_repeat_one_of_it(n_items, world):
    batch = list(range(10, 10 + n_items))
    shares = [share_of(batch, 3, rank, world) for rank in range(world)]
    assert {share.epoch for share in shares} == {3}
    assert sorted(index for share in shares if not share.filler for index in share.indices) == batch
    assert [share.filler for share in shares] == [rank >= n_items for rank in range(world)]
    assert all(share.indices and set(share.indices) <= set(batch) for share in shares)
