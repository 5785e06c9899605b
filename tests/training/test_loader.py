from contextlib import closing

import pytest
import torch
from tiny_training import SETTINGS, STEPS, make_items

from koeru.data.batches import ItemList
from koeru.training.loader import remaining_shares, stream

ITEMS = make_items(13, 0)


def batches(workers, epoch=0, batch=0, items=ITEMS, stop_epoch=3):
    shares = remaining_shares(ITEMS.frame_lengths, SETTINGS, epoch, batch, stop_epoch)
    with closing(stream(items, shares, workers, torch.device("cpu"))) as found:
        return list(found)


def same(a, b):
    return a.ids == b.ids and torch.equal(a.mels, b.mels) and torch.equal(a.packing.frames, b.packing.frames)


@pytest.mark.parametrize("workers", [0, 1, 2])
def test_the_stream_goes_on_in_the_middle_of_an_epoch_and_over_its_end(workers):
    whole = batches(0)
    rest = batches(workers, epoch=1, batch=2)
    assert len(rest) == 2 * STEPS - 2
    assert all(same(a, b) for a, b in zip(rest, whole[STEPS + 2 :], strict=True))
    assert [batch.ids for batch in whole[:STEPS]] != [batch.ids for batch in whole[STEPS : 2 * STEPS]]


@pytest.mark.parametrize("workers", [0, 2])
def test_no_generator_of_the_training_is_drawn_from(workers):
    before = torch.get_rng_state()
    batches(workers)
    assert torch.equal(torch.get_rng_state(), before)


class Broken(ItemList):
    def __getitem__(self, index):
        raise ValueError(f"u{index}: no frame is voiced")


@pytest.mark.parametrize("workers", [0, 1])
def test_an_error_is_told_as_it_is(workers):
    with pytest.raises(ValueError, match=r"u\d+: no frame is voiced"):
        batches(workers, items=Broken(ITEMS))
