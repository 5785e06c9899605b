from dataclasses import dataclass, field, replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from koeru.data.batches import HOST, Batch, each_tensor, padded
from koeru.data.packing import UnitPacking, pack_units


@dataclass
class Some(Batch):
    ids: tuple[str, ...]
    mels: Tensor
    pitch: Tensor | None
    sizes: Tensor = field(metadata=HOST)
    packing: UnitPacking
    n_frames: int = 3


@pytest.fixture
def batch():
    packing = pack_units(torch.tensor([[2, 1]]), 3)
    return Some(("a",), torch.ones(1, 3, 2), None, torch.tensor([3]), packing)


def test_all_of_a_batch_moves_but_what_the_host_reads(batch):
    moved = batch.to("meta")
    inner = moved.packing
    assert all(tensor.is_meta for tensor in (moved.mels, inner.frames, inner.begins, inner.packing.order))
    assert moved.sizes.tolist() == [3] and inner.packing.batch_sizes.tolist() == [2, 1]
    assert (moved.ids, moved.pitch, moved.n_frames) == (("a",), None, 3)


def test_all_of_a_batch_that_moves_is_pinned(batch, monkeypatch):
    """Without a GPU there is no page-locked memory; what would lie there is counted."""
    pinned = []
    monkeypatch.setattr(torch.Tensor, "pin_memory", lambda tensor: pinned.append(tensor) or tensor.clone())
    other = batch.pin_memory()
    inner = batch.packing
    wanted = [batch.mels, inner.frames, inner.begins, inner.packing.order, inner.packing.rows]
    assert {id(tensor) for tensor in pinned} == {id(tensor) for tensor in wanted}
    assert torch.equal(other.mels, batch.mels) and other.mels is not batch.mels


def test_what_is_changed_is_another(batch):
    kept = replace(batch)
    each_tensor(batch, lambda tensor: tensor + 1)
    assert kept.mels is batch.mels and kept.packing is batch.packing


@given(lengths=st.lists(st.integers(0, 9), min_size=1, max_size=5), filling=st.integers(-1, 1))
def test_padding_lies_behind(lengths, filling):
    arrays = [np.arange(2.0 * n, dtype=np.float32).reshape(n, 2) + 5 for n in lengths]
    whole = padded(arrays, filling)
    assert whole.shape == (len(lengths), max(lengths), 2) and whole.dtype == torch.float32
    for row, array in zip(whole, arrays, strict=True):
        np.testing.assert_array_equal(row[: len(array)], array)
        assert (row[len(array) :] == filling).all()
