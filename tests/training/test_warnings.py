import pytest

from koeru.config.base import defaults
from koeru.families.acoustic.entry import Exp
from koeru.training.warnings import model_warnings, training_warnings


def params(**changed):
    return defaults(Exp) | {leaf.replace("__", "."): value for leaf, value in changed.items()}


@pytest.mark.parametrize("kind", ["local", "global"])
@pytest.mark.parametrize("weight", [0.0, 0.02])
@pytest.mark.parametrize("used", [True, False])
def test_prosody_that_is_sampled_and_not_trained_is_warned_of(kind, weight, used):
    leaf = {"local": "train.beta", "global": "train.g_beta"}[kind]
    told = model_warnings(params(**{f"model__{kind}_prosody": used, leaf: weight}))
    untrained = f"{kind} prosody is not trained: {leaf} is 0, so at synthesis it is drawn from an untrained mixture"
    assert told == ([untrained] if used and not weight else [])


def test_a_mixture_that_came_with_the_weights_is_not_called_untrained():
    (told,) = model_warnings(params(model__global_prosody=True, train__g_beta=0.0), pretrained=True)
    assert "drawn from the mixture of the weights it began with" in told


def test_without_a_known_end_the_schedule_is_not_checked():
    leaves = params(model__global_prosody=True, train__g_beta=0.0)
    assert training_warnings(leaves, None) == model_warnings(leaves)
    assert training_warnings(leaves, 100)[-1:] == model_warnings(leaves) != training_warnings(leaves, 100)
