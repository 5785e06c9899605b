"""The blank loss: both readings, and the gate."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from koeru.families.recogniser.blank_loss import Gate, any_of, blank_loss, largest, opened
from koeru.families.recogniser.ctc import BLANK, SEPARATOR

SHARES = {"blank_share": 0.2, "separator_share": 0.8, "spared": 0.2}
N_CLASSES = 5


def posteriors(*blanks, separator=0.0):
    """Log-posteriors (1, S, C) with these probabilities of the blank."""
    found = torch.full((1, len(blanks), N_CLASSES), 0.0).double()
    found[0, :, BLANK] = torch.tensor(blanks).double()
    found[..., SEPARATOR] = separator
    found[..., 2:] = ((1 - found.sum(2)) / (N_CLASSES - 2))[..., None]
    return found.log()


def everywhere(log_probs):
    return torch.ones(log_probs.shape[:2], dtype=torch.bool)


def test_the_hinge_lets_a_share_of_the_uniform_probability_be():
    log_probs = posteriors(0.04, 0.5, separator=0.17)
    found = blank_loss(log_probs, everywhere(log_probs), "hinge", **SHARES)
    assert float(found.value) == pytest.approx((0 + 0.46 + 2 * 0.01) / 2)


def test_the_largest_share_of_the_frames_is_spared():
    log_probs = posteriors(0.9, 0.1, 0.2, 0.3, 0.4)
    found = blank_loss(log_probs, everywhere(log_probs), "spared", **SHARES)
    assert float(found.value) == pytest.approx(0.25) and int(found.count) == 4


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=30), st.floats(0, 1), st.integers(0, 5))
def test_spared_are_so_many_of_the_real_frames(values, share, padding):
    whole = torch.tensor([[*values, *[2.0] * padding]])
    mask = torch.arange(len(values) + padding)[None] < len(values)
    found = largest(whole, mask, share)
    assert abs(int(found.sum()) - share * len(values)) <= 0.5 + 1e-6
    assert not (found & ~mask).any()
    if found.any() and (mask & ~found).any():
        assert whole[found].min() >= whole[mask & ~found].max()


def test_padding_is_in_no_frame():
    log_probs = posteriors(0.5, 0.3, 0.9)
    mask = torch.tensor([[True, True, False]])
    for reading in ("hinge", "spared"):
        whole, alone = (
            blank_loss(log_probs, mask, reading, **SHARES),
            blank_loss(log_probs[:, :2], mask[:, :2], reading, **SHARES),
        )
        assert float(whole.value) == float(alone.value) and int(whole.count) == int(alone.count)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.booleans(), min_size=1, max_size=40), st.integers(0, 12))
def test_opened_keeps_the_long_runs(values, length):
    expected, run = [False] * len(values), []
    for at, value in enumerate([*values, False]):
        if value:
            run.append(at)
        else:
            if len(run) >= length:
                for place in run:
                    expected[place] = True
            run = []
    assert opened(torch.tensor([values]), length)[0].tolist() == expected


@settings(max_examples=50, deadline=None)
@given(st.lists(st.booleans(), min_size=1, max_size=20), st.integers(1, 4))
def test_a_stride_holds_what_any_of_its_frames_does(values, stride):
    expected = [any(values[at : at + stride]) for at in range(0, len(values), stride)]
    assert any_of(torch.tensor([values]), stride)[0].tolist() == expected


def speech(*levels):
    """A mel of frames at these levels in natural log, the same in each of 4 bands."""
    return torch.tensor(levels)[None, :, None].expand(1, -1, 4).float()


def test_a_gate_tells_speech_from_pauses_and_leaves_closures_alone():
    levels = [-11.0] * 6 + [-2.0] * 10 + [-11.0] * 2 + [-3.0] * 6 + [-11.0] * 5
    mels = speech(*levels, *[0.0] * 3)
    mask = torch.arange(len(levels) + 3)[None] < len(levels)
    gate = Gate(mels, mask, 1, range_db=35, pause=4)
    loud = gate.loud[0].int().tolist()[: len(levels)]
    pause = gate.pause[0].int().tolist()[: len(levels)]
    assert loud == [0] * 6 + [1] * 10 + [0] * 2 + [1] * 6 + [0] * 5
    assert pause == [1] * 6 + [0] * 18 + [1] * 5
    assert not (gate.loud & ~mask).any()
    strided = Gate(mels, mask, 2, range_db=35, pause=4)
    assert strided.loud.shape == (1, 16) and strided.loud[0, :3].sum() == 0 and strided.pause[0, :3].all()


def test_with_a_gate_pauses_are_taught_to_be_blank():
    log_probs = posteriors(0.9, 0.9, 0.5, 0.5).requires_grad_()
    mels = speech(-2.0, -2.0, -11.0, -11.0)
    gate = Gate(mels, everywhere(log_probs), 1, range_db=35, pause=2)
    blank_loss(log_probs, everywhere(log_probs), "hinge", **SHARES, gate=gate).value.backward()
    gradient = log_probs.grad[0, :, BLANK]
    assert (gradient[:2] > 0).all() and (gradient[2:] < 0).all()


def test_a_gate_without_speech_teaches_nothing_impossible():
    log_probs = posteriors(0.9, 0.9)
    gate = Gate(speech(-11.0, -11.0), everywhere(log_probs), 1, range_db=35, pause=2)
    found = blank_loss(log_probs, everywhere(log_probs), "spared", **SHARES, gate=gate)
    assert torch.isfinite(found.value)
