"""QuartzNet: padding changes nothing, and the stride loses nothing."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from speech_batches import HEADS, N_MELS, TINY, batch, items, network

from koeru.families.recogniser.batches import collate
from koeru.families.recogniser.ctc import ctc
from koeru.families.recogniser.quartznet import Separable, normalised, reduced

CLOSE = {"rtol": 1e-9, "atol": 1e-9}
lengths = st.lists(st.integers(1, 40), min_size=1, max_size=4)
strides = pytest.mark.parametrize("stride", [1, 2, 3])


def doubled(made):
    made.mels = made.mels.double()
    return made


def with_garbage(made, more):
    """The same batch, padded further, with garbage where there is no frame."""
    wider = torch.full((made.mels.shape[0], made.mels.shape[1] + more, N_MELS), 1e3, dtype=made.mels.dtype)
    for row, own, length in zip(wider, made.mels, made.mel_lengths, strict=True):
        row[:length] = own[:length]
    made.mels = wider
    return made


@strides
@settings(max_examples=20, deadline=None)
@given(lengths, st.integers(0, 9))
def test_padding_changes_nothing(stride, frames, more):
    net = network(TINY.model_copy(update={"stride": stride})).double()
    whole = net(doubled(batch(frames)))
    padded = net(with_garbage(doubled(batch(frames)), more))
    for number, item in enumerate(items(frames)):
        alone = net(doubled(collate([item])))
        for head in HEADS:
            n_own = alone.logits[head].shape[1]
            for other in (whole, padded):
                torch.testing.assert_close(other.logits[head][number, :n_own], alone.logits[head][0], **CLOSE)
                assert other.lengths[number] == n_own == reduced(frames[number], stride)


def test_nor_does_it_change_a_gradient():
    def gradients(made):
        net = network().double()
        out = net(made)
        log_probs = out.logits["phones"].log_softmax(2)
        ctc(log_probs, out.lengths, made.labels["phones"], made.ids).value.backward()
        return [parameter.grad for parameter in net.parameters() if parameter.grad is not None]

    for own, other in zip(
        gradients(doubled(batch([31, 20, 12]))), gradients(with_garbage(doubled(batch([31, 20, 12])), 7)), strict=True
    ):
        torch.testing.assert_close(own, other, **CLOSE)


@strides
def test_each_frame_is_heard_once_and_its_own_is_centred_on_it(stride):
    layer = Separable(1, 1, 5, stride=stride).double()
    with torch.no_grad():
        layer.time.weight.copy_(torch.tensor([[[0.0, 0, 1, 0, 0]]]))
    x = torch.arange(1.0, 12)[None, :, None].double()
    heard = layer.time(x.transpose(1, 2))[0, 0]
    assert heard.tolist() == x[0, ::stride, 0].tolist()


def test_the_mel_is_normalised_within_its_utterance():
    made = doubled(batch([30, 9]))
    mask = torch.arange(30) < made.mel_lengths[:, None]
    louder = normalised(made.mels + 3.0, mask)  # another gain
    torch.testing.assert_close(louder, normalised(made.mels, mask), **CLOSE)
    assert louder[1, 9:].abs().max() == 0
    torch.testing.assert_close(louder[1, :9].mean(0), torch.zeros(N_MELS).double(), **CLOSE)
    silent = normalised(torch.full((1, 8, N_MELS), np.log(1e-5)), torch.ones(1, 8, dtype=torch.bool))
    assert silent.abs().max() < 1e-5


def test_an_even_kernel_has_no_centre():
    with pytest.raises(ValueError, match="kernel size 4 is even"):
        Separable(3, 3, 4)
