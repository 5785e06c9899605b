from contextlib import closing

import pytest
import torch
from tiny_training import SETTINGS, STEPS, ItemList, make_items, make_model
from tiny_vocoder import make_task

from koeru.families.acoustic.task import AcousticTask
from koeru.training.loader import remaining_shares, stream

ITEMS = make_items(13, 0)
TASKS = {"acoustic": AcousticTask(make_model(), SETTINGS, ITEMS, ITEMS), "vocoder": make_task()}


def batches(workers, epoch=0, batch=0, task=TASKS["acoustic"], stop_epoch=3):
    shares = remaining_shares(task.batches, epoch, batch, stop_epoch)
    with closing(stream(task.load, shares, workers, torch.device("cpu"))) as found:
        return list(found)


def same(a, b):
    tensors = [(getattr(a, name, None), getattr(b, name, None)) for name in ("mels", "wavs", "phones", "durations")]
    return a.ids == b.ids and all(one is other is None or torch.equal(one, other) for one, other in tensors)


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
@pytest.mark.parametrize("workers", [0, 1, 2])
def test_the_stream_goes_on_in_the_middle_of_an_epoch_and_over_its_end(task, workers):
    whole = batches(0, task=task)
    rest = batches(workers, epoch=1, batch=2, task=task)
    assert len(rest) == 2 * STEPS - 2
    assert all(same(a, b) for a, b in zip(rest, whole[STEPS + 2 :], strict=True))
    assert [batch.ids for batch in whole[:STEPS]] != [batch.ids for batch in whole[STEPS : 2 * STEPS]]


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
@pytest.mark.parametrize("workers", [0, 2])
def test_no_generator_of_the_training_is_drawn_from(task, workers):
    before = torch.get_rng_state()
    batches(workers, task=task)
    assert torch.equal(torch.get_rng_state(), before)


class Broken(ItemList):
    def __getitem__(self, index):
        raise ValueError(f"u{index}: no frame is voiced")


@pytest.mark.parametrize("workers", [0, 1])
def test_an_error_is_told_as_it_is(workers):
    with pytest.raises(ValueError, match=r"u\d+: no frame is voiced"):
        batches(workers, task=AcousticTask(make_model(), SETTINGS, Broken(ITEMS), ITEMS))
