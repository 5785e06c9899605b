"""CTC against the sum over all paths, what it refuses, and its weights."""

import itertools

import numpy as np
import pytest
import torch
from ctc_paths import N_CLASSES, collapsed, posteriors
from hypothesis import given, settings
from hypothesis import strategies as st

from koeru.families.recogniser.batches import Labels, frames_needed
from koeru.families.recogniser.ctc import BLANK, LengthError, ctc, pseudo_targets, reweighted, unlikelihood

alphabet = st.lists(st.integers(1, N_CLASSES - 1), max_size=3)


def labels_of(*rows):
    width = max(1, *map(len, rows))
    ids = torch.tensor([[*row, *[0] * (width - len(row))] for row in rows])
    needed = [frames_needed(np.asarray(row, dtype=np.int64)) for row in rows]
    return Labels(ids, torch.tensor([len(row) for row in rows]), torch.tensor(needed))


def by_paths(log_probs, row, allowed=lambda path: True):
    """-log of the sum of all paths that say the labels, one by one."""
    total = 0.0
    for path in itertools.product(range(N_CLASSES), repeat=len(log_probs)):
        if collapsed(path) == row and allowed(path):
            total += float(sum(frame[label] for frame, label in zip(log_probs, path, strict=True)).exp())
    return -np.log(total)


@settings(max_examples=30, deadline=None)
@given(alphabet, st.integers(0, 2), st.integers(0, 100))
def test_the_loss_is_that_of_all_paths(row, more, seed):
    n_frames = max(1, frames_needed(np.asarray(row, dtype=np.int64)) + more)
    log_probs = posteriors(1, n_frames, seed)
    found = ctc(log_probs, torch.tensor([n_frames]), labels_of(row), ["a"])
    assert float(found.sum) == pytest.approx(by_paths(log_probs[0], row), rel=1e-6)
    assert int(found.count) == len(row)


@settings(max_examples=20, deadline=None)
@given(alphabet, st.integers(0, 100))
def test_blank_edges_are_the_paths_that_begin_and_end_so(row, seed):
    n_frames = max(1, frames_needed(np.asarray(row, dtype=np.int64))) + 2
    log_probs = posteriors(1, n_frames, seed)
    found = ctc(log_probs, torch.tensor([n_frames]), labels_of(row), ["a"], edge_blanks=True)
    expected = by_paths(log_probs[0], row, lambda path: path[0] == path[-1] == BLANK)
    assert float(found.sum) == pytest.approx(expected, rel=1e-6)


def test_each_row_has_its_own_length():
    rows, frames = [[1, 2, 3], [2], [3, 3]], torch.tensor([6, 3, 5])
    log_probs = posteriors(3, 6)
    for edges in (False, True):
        whole = ctc(log_probs, frames, labels_of(*rows), "abc", edge_blanks=edges)
        alone = [
            ctc(log_probs[i : i + 1, :n], frames[i : i + 1], labels_of(rows[i]), ["a"], edge_blanks=edges).sum
            for i, n in enumerate(frames.tolist())
        ]
        assert float(whole.sum) == pytest.approx(float(sum(alone)), rel=1e-6)


def test_a_text_that_is_longer_than_its_frames_is_told_by_id():
    fitting, frames = labels_of([1, 2], [2, 2]), torch.tensor([3, 2])
    with pytest.raises(LengthError, match=r"^b: the text is longer than its frames: 2 labels of b need 3 frames"):
        ctc(posteriors(2, 3), frames, fitting, ["a", "b"])
    with pytest.raises(LengthError, match=r"^a, b: the text is longer"):
        ctc(posteriors(2, 3), frames, fitting, ["a", "b"], edge_blanks=True)


def test_a_negative_loss_is_a_length_bug_and_stops():
    certain = torch.full((1, 6, N_CLASSES), -20.0).double()
    certain[..., BLANK] = 0.0
    blanks = Labels(torch.tensor([[0, 0]]), torch.tensor([2]), torch.tensor([2]))  # edge blanks, as labels
    with pytest.raises(LengthError, match=r"the CTC loss of a is negative.*a length bug"):
        ctc(certain.log_softmax(2), torch.tensor([6]), blanks, ["a"])


def test_pseudo_targets_are_the_share_of_paths_in_each_class():
    row, n_frames = [1, 2], 4
    log_probs = posteriors(1, n_frames)
    targets = pseudo_targets(log_probs, torch.tensor([n_frames]), labels_of(row))[0]
    expected = torch.zeros(n_frames, N_CLASSES).double()
    for path in itertools.product(range(N_CLASSES), repeat=n_frames):
        if collapsed(path) == row:
            likelihood = sum(frame[label] for frame, label in zip(log_probs[0], path, strict=True)).exp()
            for at, label in enumerate(path):
                expected[at, label] += likelihood
    torch.testing.assert_close(targets, expected / expected.sum(1, keepdim=True), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("weight", [1.0, 0.3])
def test_reweighted_by_1_has_the_gradient_of_ctc_and_by_less_fewer_blanks(weight):
    rows, frames = labels_of([1, 2], [3]), torch.tensor([5, 4])
    gradients = []
    for loss in (lambda *told: unlikelihood(*told), lambda *told: reweighted(*told, weight)):
        torch.manual_seed(0)
        logits = torch.randn(2, 5, N_CLASSES).double().requires_grad_()
        loss(logits.log_softmax(2), frames, rows).sum().backward()
        gradients.append(logits.grad)
    if weight == 1.0:
        torch.testing.assert_close(*gradients, rtol=1e-6, atol=1e-9)
    else:
        assert (gradients[1][0, :, BLANK] > gradients[0][0, :, BLANK]).all()
    assert gradients[1][1, 4].abs().max() == 0
