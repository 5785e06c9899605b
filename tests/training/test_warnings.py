import pytest

from koeru.config.base import defaults
from koeru.families.acoustic.entry import Exp
from koeru.families.vc.entry import VcExp
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
    usual = defaults(Exp)
    assert training_warnings(leaves, usual, None) == model_warnings(leaves)
    assert training_warnings(leaves, usual, 100)[-1:] == model_warnings(leaves) != training_warnings(leaves, usual, 100)


SCALED = [  # of batches of 8 in groups of 8, with a warm-up of 4000 steps
    ({"batch_size": 32, "group_size": 16, "warmup_steps": 250}, 1000),  # the memo's, from groups of 4
    ({"batch_size": 32, "group_size": 32, "warmup_steps": 250}, 1000),
    ({"batch_size": 32, "group_size": 16, "warmup_steps": 500}, 1000),
    ({"group_size": 64, "warmup_steps": 500}, 4000),
    ({"group_size": 4, "warmup_steps": 8000}, 4000),
    ({"batch_size": 12, "group_size": 24, "warmup_steps": 889}, 2667),
]


@pytest.mark.parametrize(("changed", "alone"), SCALED)
def test_a_warm_up_that_was_scaled_by_the_size_of_groups_is_warned_of(changed, alone):
    leaves = {**defaults(VcExp), **{f"train.{leaf}": value for leaf, value in changed.items()}}
    (told,) = training_warnings(leaves, defaults(VcExp), None)
    assert told.startswith(f"train.warmup_steps: {changed['warmup_steps']} seems to be scaled by train.group_size")
    assert told.endswith(f"train.batch_size {leaves['train.batch_size']} alone makes {alone}")


@pytest.mark.parametrize(
    "changed",
    [
        {"batch_size": 32, "group_size": 16, "warmup_steps": 1000},
        {"batch_size": 32, "group_size": 16, "warmup_steps": 2000},  # twice as long, and nothing says because of groups
        {"batch_size": 32, "warmup_steps": 250},  # groups are as usual
        {"group_size": 64},
        {"batch_size": 16, "group_size": 4},  # divided by both it is as usual, so nothing was divided
        {"batch_size": 32, "group_size": 16, "warmup_steps": 333},
        {"batch_frames": 10_000, "group_size": 64, "warmup_steps": 500},  # whose batches have no size
    ],
)
def test_another_warm_up_is_none_that_was_scaled_by_groups(changed):
    leaves = {**defaults(VcExp), **{f"train.{leaf}": value for leaf, value in changed.items()}}
    assert training_warnings(leaves, defaults(VcExp), None) == []


def test_what_is_usual_depends_on_the_kind_of_model():
    halved = params(train__batch_size=16, train__group_size=8, train__warmup_steps=4000)
    assert len(training_warnings(halved, defaults(Exp), None)) == 1  # where 2000 are usual
    assert training_warnings({**defaults(VcExp), **halved}, defaults(VcExp), None) == []
