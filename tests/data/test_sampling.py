import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from koeru.data.sampling import epoch_batches, n_batches, padding_share

SIZES = {
    "n_items": st.integers(0, 200),
    "batch_size": st.integers(1, 20),
    "group_size": st.integers(1, 8),
    "epoch": st.integers(0, 50),
}
BUDGET = st.none() | st.integers(1, 8000)


def lengths_of(n_items):
    return np.random.default_rng(n_items).integers(1, 1000, n_items).tolist()


@given(batch_frames=BUDGET, **SIZES)
def test_an_epoch_has_every_item_once(n_items, batch_size, group_size, epoch, batch_frames):
    arguments = (lengths_of(n_items), batch_size, group_size, 1, epoch, batch_frames)
    batches = epoch_batches(*arguments)
    assert sorted(index for batch in batches for index in batch) == list(range(n_items))
    assert len(batches) == n_batches(*arguments)
    assert all(batches)


@given(**SIZES)
def test_batches_of_a_size_are_full_but_for_one_and_groups_make_none(n_items, batch_size, group_size, epoch):
    batches = epoch_batches(lengths_of(n_items), batch_size, group_size, seed=1, epoch=epoch)
    assert len(batches) == -(-n_items // batch_size)
    assert sorted(map(len, batches))[1:] == [batch_size] * (len(batches) - 1)


@given(batch_frames=st.integers(1, 8000), **SIZES)
def test_batches_fit_the_budget_and_only_one_utterance_may_exceed_it(
    n_items, batch_size, group_size, epoch, batch_frames
):
    lengths = lengths_of(n_items)
    batches = epoch_batches(lengths, batch_size, group_size, 1, epoch, batch_frames)
    padded = [len(batch) * max(lengths[index] for index in batch) for batch in batches]
    assert all(len(batch) == 1 or frames <= batch_frames for batch, frames in zip(batches, padded, strict=True))
    assert batches == epoch_batches(lengths, batch_size + 1, group_size, 1, epoch, batch_frames)


def test_a_budget_is_used():
    lengths, budget = lengths_of(2000), 16_000
    batches = epoch_batches(lengths, 16, 16, 1, 0, budget)
    assert sum(lengths) / (len(batches) * budget) > 0.8


@given(batch_frames=BUDGET, **SIZES)
def test_an_epoch_is_a_pure_function(n_items, batch_size, group_size, epoch, batch_frames):
    np.random.seed(epoch)
    arguments = (lengths_of(n_items), batch_size, group_size, 1, epoch, batch_frames)
    assert epoch_batches(*arguments) == epoch_batches(*arguments)


@pytest.mark.parametrize("batch_frames", [None, 5000])
def test_epochs_and_seeds_differ(batch_frames):
    orders = [epoch_batches(lengths_of(100), 8, 4, seed, epoch, batch_frames) for seed in (1, 2) for epoch in (0, 1)]
    assert all(a != b for i, a in enumerate(orders) for b in orders[:i])


@pytest.mark.parametrize("batch_frames", [None, 10_000])
def test_groups_save_padding(batch_frames):
    lengths = lengths_of(500)

    def share(group_size):
        return padding_share(lengths, epoch_batches(lengths, 10, group_size, 1, 0, batch_frames))

    assert share(16) < 0.4 * share(1)


def test_the_padding_share_counts_frames():
    assert padding_share([3, 1, 4], [[0, 1], [2]]) == pytest.approx(2 / 10)
    assert padding_share([3, 1, 4], [[0], [1], [2]]) == padding_share([], []) == 0
