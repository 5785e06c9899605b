from dataclasses import fields, replace

import numpy as np
import pytest
import torch
from conversion_batches import make_pair, make_pairs
from hypothesis import given
from hypothesis import strategies as st

from koeru.families.vc.batches import BEYOND, collate, reduced_cuts
from koeru.families.vc.prosody import sentence_of
from koeru.families.vc.reduction import n_reduced, whole

LENGTHS = [(17, 23), (10, 7), (5, 9)]


@pytest.mark.parametrize("factor", [1, 2, 3, 4])
def test_a_batch_holds_its_pairs_and_zeros(factor):
    items = make_pairs(LENGTHS, factor, (0, 5))
    batch = collate(items, factor)
    assert batch.ids == ("p0", "p1", "p2") and not batch.filler
    assert batch.target_frames.tolist() == [23, 7, 9]
    for b, item in enumerate(items):
        for side in ("source", "target"):
            sound, length = getattr(item, side), int(getattr(batch, f"{side}_lengths")[b])
            assert length == n_reduced(len(sound.mel), factor)
            for name, array in (("mels", sound.mel), ("pitch", sound.pitch), ("energy", sound.energy)):
                row = getattr(batch, f"{side}_{name}")[b]
                np.testing.assert_array_equal(row[: length * factor], whole(array, factor))
                assert not row[length * factor :].any()
            assert getattr(batch, f"{side}_speakers")[b] == getattr(item, f"{side}_speaker")
            assert getattr(batch, f"{side}_emotions")[b] == getattr(item, f"{side}_emotion")
        np.testing.assert_array_equal(batch.target_voiced[b, : len(item.target.mel)], item.target.voiced)
        np.testing.assert_array_equal(batch.durations[b, : len(item.durations)], item.durations)
        assert batch.durations[b].sum() == batch.target_lengths[b]


def test_targets_and_durations_are_there_if_all_pairs_have_them():
    pairs = make_pairs(LENGTHS, 3)
    of_target = {f.name for f in fields(collate(pairs, 3)) if f.default is None}
    for changed in ({"target": None, "durations": None}, {"target": None}):
        batch = collate([pairs[0], replace(pairs[1], **changed)], 3)
        assert all(getattr(batch, name) is None for name in of_target - {"durations"})
    learned = collate([replace(pair, durations=None) for pair in pairs], 3)
    assert learned.durations is None and learned.target_mels is not None and learned.sentences is not None


@given(
    source=st.integers(2, 40),
    target=st.integers(2, 40),
    factor=st.integers(1, 4),
    cuts=st.lists(st.integers(0, 60), max_size=8),
    seed=st.integers(0, 99),
)
def test_sentences_that_collapse_are_merged(source, target, factor, cuts, seed):
    """Every sentence has a frame of the target and one of the source; together they have all; cuts stay where cut."""
    item = make_pair(source, target, factor, cuts, seed)
    batch = collate([item], factor)
    starts = reduced_cuts(item, factor)
    assert starts[0] == 0 and starts == sorted(set(starts)) and batch.cuts[0].tolist() == starts
    assert set(starts) <= {0, *(cut // factor for cut in cuts if cut < target)}
    sentences = sentence_of(batch.cuts, batch.durations)[0]
    assert (sentences.diff() >= 0).all() and sentences.unique().tolist() == list(range(len(starts)))
    lengths = torch.diff(torch.tensor([*starts, n_reduced(target, factor)]))
    became = torch.zeros(len(starts), dtype=torch.int64).index_add_(0, sentences, batch.durations[0])
    assert (lengths > 0).all() and lengths.sum() == became.sum() == batch.target_lengths[0]
    assert batch.sentences.begins.sum() == len(starts)
    assert len(batch.sentences.frames) == factor * batch.target_lengths[0]


def test_a_sentence_of_which_something_remains_stays():
    """Cuts at the reduced frames 2 and 4; what becomes the fifth frame begins at the fourth."""
    item = replace(make_pair(9, 18, 3, (0, 6, 12)), durations=np.array([2, 2, 2]))
    assert reduced_cuts(item, 3) == [0, 2, 4]
    swallowed = replace(item, durations=np.array([2, 4, 0]))  # nothing begins within the third
    assert reduced_cuts(swallowed, 3) == [0, 2]
    assert reduced_cuts(replace(item, cuts=(0, 6, 7, 8)), 3) == [0, 2]  # less than a reduced frame apart
    assert reduced_cuts(replace(item, target=None, durations=None, cuts=(0, 1, 3, 9)), 3) == [0, 1]


def test_padded_cuts_reach_no_frame():
    batch = collate([make_pair(9, 18, 3, (0, 6), 0), make_pair(9, 18, 3, (0,), 1)], 3)
    assert batch.n_sentences.tolist()[1] == 1 and batch.cuts[1].tolist()[1:] == [BEYOND] * (batch.cuts.shape[1] - 1)
