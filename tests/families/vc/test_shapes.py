"""The table of shapes against the models themselves, built without memory for their weights."""

from functools import partial
from types import SimpleNamespace

import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from shapes import check_leaf, check_misfits, check_parts

from koeru.config.base import defaults, over
from koeru.data.vocabulary import Names, Vocabulary
from koeru.families.experiments import weights
from koeru.families.vc.build import build_model
from koeru.families.vc.entry import Model, VcExp
from koeru.families.vc.shapes import WEIGHTS
from koeru.languages import language

# leaf -> values; of each pair of settings, a leaf has one of them in the one and one in the other
VALUES = {
    "model.type": ["conformer_vc"],
    "model.reduction_factor": [3, 2, 1],
    "model.hidden": [4, 8],
    "model.attention_size": [4, 8],
    "model.heads": [2, 1],
    "model.encoder_layers": [1, 2],
    "model.decoder_layers": [2, 1],
    "model.expansion": [2, 3],
    "model.kernel_size": [3, 5],
    "model.dropout": [0.2, 0.1],
    "model.decoder": ["conformer", "fft"],
    "model.filter_size": [3, 5],
    "model.kernel_sizes": [[9, 1], [3, 1]],
    "model.variance_filter_size": [3, 5],
    "model.variance_dropout": [0.5, 0.1],
    "model.duration_layers": [2, 1],
    "model.duration_kernel_size": [3, 5],
    "model.pitch_layers": [3, 1],
    "model.pitch_kernel_size": [5, 3],
    "model.energy_layers": [2, 1],
    "model.energy_kernel_size": [3, 5],
    "model.pitch_ar": [True, False],
    "model.pitch_ar_size": [4, 6],
    "model.pitch_ar_layers": [2, 1],
    "model.pitch_ar_dropout": [0.1, 0.2],
    "model.stop_gradient_duration": [False, True],
    "model.stop_gradient_pitch": [True, False],
    "model.stop_gradient_energy": [False, True],
    "model.postnet_layers": [2, 0, 1, 3],
    "model.speaker": [True, False],
    "model.emotion": [True, False],
    "model.local_prosody": [False, True],
    "model.global_prosody": [False, True],
    "model.num_gaussians": [2, 3],
    "model.global_num_gaussians": [2, 3],
    "model.prosody_emb_dim": [2, 4],
    "model.prosody_filter_size": [3, 5],
    "model.prosody_gru_size": [2, 4],
    "model.prosody_dropout": [0.2, 0.1],
    "model.prosody_gru_dropout": [0.1, 0.2],
    "durations": ["dtw", "mas"],
    "mel.n_mels": [3, 6],
}
FIRST = {leaf: values[0] for leaf, values in VALUES.items()}
SETTINGS = st.fixed_dictionaries({leaf: st.sampled_from(values) for leaf, values in VALUES.items()})
BOTH = {"model.local_prosody": True, "model.global_prosody": True, "model.decoder": "fft", "durations": "mas"}
SIX_A_STEP = [{"model.reduction_factor": 1, "mel.n_mels": 6}, {"model.reduction_factor": 2, "mel.n_mels": 3}]
NO_SHAPE = {leaf for leaf in VALUES if leaf.endswith("dropout") or "stop_gradient" in leaf}

misfits = partial(weights.misfits, WEIGHTS.shapes)


def model(chosen):
    """The model of some settings, without memory for its weights."""
    vocabulary = Vocabulary.spoken(language("japanese"), Names(("C", "N"), ("Normal",)))
    stats = SimpleNamespace(features={"mel": {"all": SimpleNamespace(mean=[0.0] * chosen["mel.n_mels"])}})
    with torch.device("meta"):
        return build_model(over(Model, chosen, "model."), vocabulary, stats, aligned=chosen["durations"] == "dtw")


def test_every_leaf_of_a_model_is_tried():
    of_model = {leaf for leaf in defaults(VcExp) if leaf.startswith("model.")}
    assert VALUES.keys() == of_model | {"durations", "mel.n_mels"}
    assert {leaf for leaf, values in VALUES.items() if len(values) == 1} == {"model.type"}


@settings(max_examples=30, deadline=None)
@given(SETTINGS)
@example(FIRST | BOTH)
def test_every_tensor_is_in_one_part_and_no_part_is_empty(chosen):
    check_parts(WEIGHTS, model(chosen), chosen)


@settings(max_examples=40, deadline=None)
@given(SETTINGS, SETTINGS)
@example(FIRST | SIX_A_STEP[0], FIRST | SIX_A_STEP[1])
def test_the_table_says_which_tensors_of_two_models_differ(own, parent):
    check_misfits(WEIGHTS, model, own, parent)


@pytest.mark.parametrize("leaf", [leaf for leaf, values in VALUES.items() if len(values) > 1])
@pytest.mark.parametrize("base", [FIRST | BOTH, FIRST], ids=["wGMM", "plain"])
def test_a_leaf_is_told_if_and_only_if_it_decides_a_shape(leaf, base):
    decides = check_leaf(WEIGHTS, model, base, leaf, VALUES[leaf])
    assert not (leaf in NO_SHAPE and decides)


def test_wgmm_on_a_model_with_pitch_ar_needs_prosody_and_another_pitch():
    prosody = {"model.local_prosody": True, "model.global_prosody": True, "model.pitch_ar": False}
    told = misfits(FIRST, FIRST | prosody, ())
    assert told == {
        "model.local_prosody": ["prosody"],
        "model.global_prosody": ["prosody"],
        "model.pitch_ar": ["variance.pitch"],
    }
    assert misfits(FIRST, FIRST | prosody, ("prosody", "variance.pitch")) == {}


def test_of_another_reduction_factor_some_weights_fit_and_are_read_otherwise():
    """So no `partial` makes a good parent of it."""
    other = FIRST | {"model.reduction_factor": 2}
    told = misfits(other, FIRST, ())["model.reduction_factor"]
    assert {"source", "to_mel"} <= set(told) and "encoder" not in told
    assert "model.reduction_factor" in WEIGHTS.read_otherwise
