import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import distributions

from koeru.nn.mixture import MIN_SCALE, Mixture, MixtureHead, Noise


def a_mixture(*leading, k=4, e=3, seed=0):
    torch.manual_seed(seed)
    return Mixture(
        torch.randn(*leading, k).log_softmax(-1), torch.randn(*leading, k, e), torch.rand(*leading, k, e) + 0.1
    )


def noise(n, k=4, e=3):
    return Noise.of(["a"], n, k, e, torch.device("cpu"))


def test_the_density_is_that_of_torch():
    mixture, x = a_mixture(5, 2), torch.randn(5, 2, 3)
    components = distributions.Independent(distributions.Normal(mixture.means, mixture.scales), 1)
    known = distributions.MixtureSameFamily(distributions.Categorical(logits=mixture.log_weights), components)
    torch.testing.assert_close(mixture.log_prob(x), known.log_prob(x))


@given(scale=st.floats(1, 1e6), seed=st.integers(0, 9))
def test_no_input_of_the_layer_and_no_point_overflows(scale, seed):
    torch.manual_seed(seed)
    head = MixtureHead(6, 5, 4)
    x = (scale * torch.randn(3, 6)).requires_grad_()
    mixture = head(x)
    assert (mixture.scales >= MIN_SCALE).all() and mixture.scales.isfinite().all()
    log_prob = mixture.log_prob(torch.randn(3, 4))
    log_prob.sum().backward()
    assert log_prob.isfinite().all() and x.grad.isfinite().all()


def test_under_mixed_precision_likelihoods_are_of_single_precision():
    head, x = MixtureHead(6, 5, 4), torch.randn(3, 6)
    with torch.autocast("cpu", torch.bfloat16):
        mixed = head(x.bfloat16())
        assert mixed.log_prob(torch.randn(3, 4).bfloat16()).dtype == torch.float32
    alone = head(x.bfloat16().float())
    torch.testing.assert_close(mixed.means, alone.means)


def test_samples_have_the_moments_of_the_mixture():
    one = a_mixture()
    many = Mixture(*(x.expand(200_000, *x.shape) for x in (one.log_weights, one.means, one.scales)))
    samples = many.sample(1.0, noise(200_000)[0])
    weights = one.log_weights.exp()[:, None]
    mean = (weights * one.means).sum(0)
    var = (weights * (one.scales.square() + one.means.square())).sum(0) - mean.square()
    torch.testing.assert_close(samples.mean(0), mean, rtol=0.05, atol=0.02)
    torch.testing.assert_close(samples.var(0), var, rtol=0.05, atol=0.02)


def test_at_temperature_zero_the_likeliest_component_speaks():
    mixture = a_mixture(50)
    likeliest = mixture.log_weights.argmax(-1)
    expected = mixture.means[torch.arange(50), likeliest]
    assert torch.equal(mixture.sample(0.0, noise(50)[0]), expected)


def test_samples_spread_with_the_temperature():
    one = a_mixture()
    many = Mixture(*(x.expand(20_000, *x.shape) for x in (one.log_weights, one.means, one.scales)))
    spreads = [many.sample(temperature, noise(20_000)[0]).std(0).mean().item() for temperature in (0.0, 0.5, 1.0, 1.5)]
    assert spreads == sorted(spreads) and spreads[0] == pytest.approx(0, abs=1e-6)
