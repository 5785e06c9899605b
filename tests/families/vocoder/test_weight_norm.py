"""Convolutions with weight normalisation beside torch's own, and folded."""

import copy
import warnings

import pytest
import torch
from torch import nn

from koeru.families.vocoder import weight_norm
from koeru.families.vocoder.weight_norm import fold_weights

KINDS = {
    "Conv1d": ((4, 6, 3), {"stride": 2, "padding": 1, "groups": 2}, (2, 4, 11)),
    "Conv2d": ((3, 5, (5, 1)), {"stride": (3, 1), "padding": (2, 0)}, (2, 3, 12, 4)),
    "ConvTranspose1d": ((4, 2, 8), {"stride": 4, "padding": 2}, (2, 4, 5)),
}


@pytest.fixture(params=KINDS.items(), ids=KINDS)
def pair(request):
    """A convolution of koeru's and torch's with the same plain weights, and an input."""
    name, (arguments, options, shape) = request.param
    torch.manual_seed(0)
    ours = getattr(weight_norm, name)(*arguments, **options)
    theirs = getattr(nn, name)(*arguments, **options)
    theirs.load_state_dict({"weight": ours.weight.detach(), "bias": ours.bias.detach()})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        return ours, nn.utils.weight_norm(theirs), torch.randn(shape)


def test_it_begins_with_the_plain_weight_in_two_parts(pair):
    ours, theirs, _ = pair
    torch.testing.assert_close(ours.weight, ours.weight_v)
    parameters = dict(ours.named_parameters())
    assert list(parameters) == ["bias", "weight_g", "weight_v"] == list(ours.state_dict())
    for name, parameter in theirs.named_parameters():
        torch.testing.assert_close(parameters[name], parameter)


def test_outputs_and_gradients_are_those_of_torch(pair):
    ours, theirs, x = pair
    with torch.no_grad():
        for parameter in ours.parameters():
            parameter.add_(torch.rand_like(parameter))
    theirs.load_state_dict(ours.state_dict())
    assert not torch.allclose(ours.weight, ours.weight_v)
    torch.testing.assert_close(ours(x), theirs(x))
    for module in (ours, theirs):
        module(x).square().sum().backward()
    for (name, own), (_, other) in zip(ours.named_parameters(), theirs.named_parameters(), strict=True):
        assert own.grad.abs().max() > 0
        torch.testing.assert_close(own.grad, other.grad, msg=name)


def test_the_length_of_the_direction_does_not_matter(pair):
    ours, _, x = pair
    before = ours(x)
    with torch.no_grad():
        ours.weight_v.mul_(7)
    torch.testing.assert_close(ours(x), before)
    with torch.no_grad():
        ours.weight_g.mul_(2)
        ours.bias.mul_(2)
    torch.testing.assert_close(ours(x), 2 * before)


def test_folded_it_is_the_plain_convolution(pair):
    ours, _, x = pair
    with torch.no_grad():
        ours.weight_g.mul_(1.5)
    whole = nn.Sequential(copy.deepcopy(ours), nn.BatchNorm1d(1))
    before = ours(x)
    fold_weights(whole)
    folded = whole[0]
    assert {name for name, _ in folded.named_parameters()} == {"bias", "weight"}
    torch.testing.assert_close(folded(x), before)
    fold_weights(whole)
    torch.testing.assert_close(folded(x), before)
    assert {name for name, _ in ours.named_parameters()} == {"bias", "weight_g", "weight_v"}
    name = type(ours).__name__
    arguments, options, _ = KINDS[name]
    plain = getattr(nn, name)(*arguments, **options)
    plain.load_state_dict(folded.state_dict())
    torch.testing.assert_close(plain(x), before)
