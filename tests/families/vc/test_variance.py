import pytest
import torch
from conversion_batches import KINDS, SMALL
from hypothesis import given
from hypothesis import strategies as st

from koeru.families.vc.entry import Model
from koeru.families.vc.variance import AutoregressivePredictor, FramesPredictor, VarianceAdaptor, whole_frames
from koeru.nn.layers import length_mask, regulate_length

ROWS = st.lists(st.lists(st.floats(0, 5), min_size=4, max_size=4), min_size=1, max_size=3)


@given(expected=ROWS, lengths=st.lists(st.integers(1, 4), min_size=3, max_size=3))
def test_durations_are_whole_and_their_sums_those_of_what_is_expected(expected, lengths):
    expected = torch.tensor(expected, dtype=torch.float64)
    mask = length_mask(torch.tensor(lengths[: len(expected)]), 4)
    found = whole_frames(expected.log(), mask)
    assert found.dtype == torch.int64 and (found >= 0).all() and not found[~mask].any()
    ends = expected.masked_fill(~mask, 0).cumsum(1)
    assert ((found.cumsum(1) - ends).abs() <= 0.5 + 1e-9)[mask & (ends >= 1)].all()
    assert (found.sum(1) >= 1).all()


def test_frames_that_last_less_than_half_one_add_up():
    log_durations = torch.full((1, 10), 0.3).log()
    assert whole_frames(log_durations, torch.ones(1, 10, dtype=torch.bool)).sum() == 3
    assert whole_frames(log_durations, torch.ones(1, 10, dtype=torch.bool)).tolist() != [[1] * 10]


def test_of_nothing_one_frame_is_left_and_it_is_the_last():
    found = whole_frames(torch.full((2, 4), -9.0), length_mask(torch.tensor([4, 2]), 4))
    assert found.tolist() == [[0, 0, 0, 1], [0, 1, 0, 0]]
    assert regulate_length(torch.arange(8.0).view(2, 4, 1), found, 1).flatten().tolist() == [3.0, 5.0]


@pytest.mark.parametrize("factor", [1, 2, 3, 4])
@pytest.mark.parametrize("kind", ["pitch_ar", "plain"])
def test_a_predictor_says_all_values_of_a_reduced_frame_and_nothing_at_padding(kind, factor):
    settings = Model(**{**SMALL, **KINDS[kind], "reduction_factor": factor})
    predictor = VarianceAdaptor(settings).pitch.eval()
    assert type(predictor) is (AutoregressivePredictor if kind == "pitch_ar" else FramesPredictor)
    x, mask = torch.randn(2, 6, 8), length_mask(torch.tensor([6, 3]), 6)
    for true in (None, torch.randn(2, 6, factor)):
        found = predictor(x, mask, true)
        assert found.shape == (2, 6, factor) and found[mask].all() and not found[~mask].any()


def test_the_value_before_is_the_last_of_the_reduced_frame_before():
    predictor = AutoregressivePredictor(Model(**{**SMALL, "reduction_factor": 3})).eval()
    x, mask, true = torch.randn(1, 5, 8), torch.ones(1, 5, dtype=torch.bool), torch.randn(1, 5, 3)
    found = predictor(x, mask, true)
    for place, matters in ((0, False), (1, False), (2, True)):
        other = true.clone()
        other[0, 1, place] += 5
        changed = (predictor(x, mask, other) != found).any(2)[0].tolist()
        assert changed == [False, False, *[matters] * 3]
