from itertools import pairwise, product

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from paths import path_likelihood
from torch.autograd import gradcheck

from koeru.nn.monotonic import forward_sum, search


def paths(n_source: int, n_target: int, jump: int) -> list[tuple[int, ...]]:
    """All paths, by trying everything."""
    return [
        path
        for path in product(range(n_source), repeat=n_target)
        if path[0] <= jump
        and path[-1] == n_source - 1
        and all(0 <= after - before <= jump + 1 for before, after in pairwise(path))
    ]


def durations_of(path: tuple[int, ...], n_source: int) -> list[int]:
    return [path.count(source) for source in range(n_source)]


def random_log_p(*shape: int, dtype: torch.dtype = torch.float64) -> torch.Tensor:
    return torch.randn(*shape, dtype=dtype, generator=torch.Generator().manual_seed(0)).log_softmax(-1)


SIZES = [(n_source, n_target, jump) for n_source, n_target, jump in product((1, 2, 3, 5), (1, 2, 4), (0, 1, 3))]
POSSIBLE = [size for size in SIZES if size[0] <= (1 + size[2]) * size[1]]


@pytest.mark.parametrize(("n_source", "n_target", "jump"), POSSIBLE)
def test_every_path_counts_and_the_likeliest_is_found(n_source, n_target, jump):
    log_p = random_log_p(1, n_target, n_source)
    lengths = torch.tensor([n_source]), torch.tensor([n_target])
    known = {
        path: sum(log_p[0, target, source] for target, source in enumerate(path))
        for path in paths(n_source, n_target, jump)
    }
    total = torch.stack(list(known.values())).logsumexp(0)
    torch.testing.assert_close(-forward_sum(log_p, *lengths, jump)[0], total)
    best = max(known, key=known.get)
    durations = search(log_p, *lengths, jump)
    assert durations.tolist() == [durations_of(best, n_source)]
    torch.testing.assert_close(path_likelihood(log_p, durations, lengths[1])[0], known[best])


@pytest.mark.parametrize("jump", [0, 1, 2])
def test_the_gradient_is_that_of_the_sum(jump):
    sources, targets = torch.tensor([4, 2, 3]), torch.tensor([4, 5, 3])
    scores = torch.randn(3, 5, 4, dtype=torch.float64, requires_grad=True)
    assert gradcheck(lambda scores: forward_sum(scores.log_softmax(-1), sources, targets, jump), scores)


def test_the_gradient_is_minus_the_posterior():
    log_p = random_log_p(1, 4, 3).requires_grad_()
    (3 * forward_sum(log_p, torch.tensor([3]), torch.tensor([4]), 1)).sum().backward()
    known = paths(3, 4, 1)
    weights = torch.stack([log_p.detach()[0, range(4), path].sum() for path in known]).softmax(0)
    expected = torch.zeros(4, 3, dtype=torch.float64)
    for path, weight in zip(known, weights, strict=True):
        expected[range(4), path] += weight
    torch.testing.assert_close(log_p.grad[0], -3 * expected)


@given(
    lengths=st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)), min_size=1, max_size=4),
    jump=st.integers(0, 3),
    more=st.integers(0, 3),
    dtype=st.sampled_from([torch.float32, torch.float64]),
)
def test_padding_and_other_rows_change_nothing(lengths, jump, more, dtype):
    lengths = [(min(n_source, (1 + jump) * n_target), n_target) for n_source, n_target in lengths]
    sources, targets = (torch.tensor(column) for column in zip(*lengths, strict=True))
    log_p = random_log_p(len(lengths), int(targets.max()) + more, int(sources.max()) + more, dtype=dtype)
    log_p.requires_grad_()
    together = forward_sum(log_p, sources, targets, jump)
    together.sum().backward()
    durations = search(log_p, sources, targets, jump)
    assert together.dtype == dtype and durations.shape == (len(lengths), log_p.shape[2])
    assert torch.equal(durations.sum(1), targets)
    for row, (n_source, n_target) in enumerate(lengths):
        alone = log_p[row : row + 1, :n_target, :n_source].detach().clone().requires_grad_()
        one = sources[row : row + 1], targets[row : row + 1], jump
        loss = forward_sum(alone, *one)
        loss.sum().backward()
        torch.testing.assert_close(together[row], loss[0])
        torch.testing.assert_close(log_p.grad[row, :n_target, :n_source], alone.grad[0])
        assert not log_p.grad[row, n_target:].any() and not log_p.grad[row, :, n_source:].any()
        assert torch.equal(durations[row, :n_source], search(alone, *one)[0])
        assert not durations[row, n_source:].any()
        assert (durations[row, :n_source] == 0).sum() >= n_source - n_target


def test_a_source_twice_as_long_has_a_path_where_some_may_be_jumped_over():
    log_p = random_log_p(1, 20, 40)
    sources, targets = torch.tensor([40]), torch.tensor([20])
    assert search(log_p, sources, targets, 1).tolist() == [[0, 1] * 20]  # there is only one
    loss = forward_sum(log_p, sources, targets, 1)
    torch.testing.assert_close(-loss, log_p[0, range(20), range(1, 40, 2)].sum()[None])
    for wanted in (forward_sum, search):
        with pytest.raises(ValueError, match=r"jumps over 0 .* 40 to 20$"):
            wanted(log_p, sources, targets, 0)


@pytest.mark.parametrize("jump", [0, 3])
def test_what_is_very_unlikely_neither_overflows_nor_vanishes(jump):
    """In float32 exp(-1000) is zero; paths are compared all the same."""
    log_p = torch.full((1, 200, 100), -1000.0)
    log_p[0, range(200), torch.arange(200) // 2] = -900.0
    log_p.requires_grad_()
    lengths = torch.tensor([100]), torch.tensor([200])
    loss = forward_sum(log_p, *lengths, jump)
    loss.sum().backward()
    assert loss.item() == pytest.approx(200 * 900, rel=1e-5)
    torch.testing.assert_close(log_p.grad.sum(2), torch.full((1, 200), -1.0))
    assert search(log_p.detach(), *lengths, jump).tolist() == [[2] * 100]


def test_source_positions_that_are_ruled_out_are_never_chosen():
    log_p = random_log_p(1, 6, 4)
    log_p[..., 2] = -torch.inf
    lengths = torch.tensor([4]), torch.tensor([6])
    assert search(log_p, *lengths, 1)[0, 2] == 0
    assert forward_sum(log_p, *lengths, 1).isfinite().all()
