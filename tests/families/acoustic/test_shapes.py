"""The table of shapes against the models themselves, built without memory for their weights."""

from functools import partial
from types import SimpleNamespace

import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from shapes import check_leaf, check_misfits, check_parts

from koeru.config.base import defaults, over
from koeru.data.vocabulary import NO_TURN, Names, Vocabulary
from koeru.families.acoustic.build import build_model
from koeru.families.acoustic.entry import Exp, Model
from koeru.families.acoustic.shapes import WEIGHTS
from koeru.families.experiments import weights
from koeru.languages import language

# leaf -> values; of each pair of settings, a leaf has one of them in the one and one in the other
VALUES = {
    "model.type": ["fastspeech2"],
    "model.hidden": [4, 6],
    "model.encoder_layers": [1, 2],
    "model.decoder_layers": [2, 1],
    "model.heads": [2],
    "model.filter_size": [3, 5],
    "model.kernel_sizes": [[9, 1], [3, 1]],
    "model.dropout": [0.2, 0.1],
    "model.variance_filter_size": [3, 5],
    "model.variance_kernel_size": [3, 5],
    "model.variance_dropout": [0.5, 0.1],
    "model.postnet_layers": [2, 0, 1, 3],
    "model.accent": [True, False],
    "model.speaker": [True, False],
    "model.emotion": [True, False],
    "model.before_emotion": [False, True],
    "model.pitch_level": ["phone", "frame"],
    "model.energy_level": ["phone", "frame"],
    "model.variance_embedding": ["conv", "bins"],
    "model.n_bins": [3, 4],
    "model.local_prosody": [False, True],
    "model.global_prosody": [False, True],
    "model.num_gaussians": [2, 3],
    "model.global_num_gaussians": [2, 3],
    "model.prosody_emb_dim": [2, 4],
    "model.prosody_filter_size": [3, 5],
    "model.prosody_gru_size": [2, 4],
    "model.prosody_dropout": [0.2, 0.1],
    "model.prosody_gru_dropout": [0.1, 0.2],
    "model.prosody_speaker_independence": [True, False],
    "mel.n_mels": [3, 5],
}
FIRST = {leaf: values[0] for leaf, values in VALUES.items()}
SETTINGS = st.fixed_dictionaries({leaf: st.sampled_from(values) for leaf, values in VALUES.items()})
NO_SHAPE = {leaf for leaf in VALUES if leaf.endswith(("dropout", "_level", "independence"))}
BOTH = {"model.local_prosody": True, "model.global_prosody": True, "model.variance_embedding": "bins"}
CROSSED = [  # sizes that differ, and add up to the same
    {"model.prosody_filter_size": 5, "model.prosody_emb_dim": 2},
    {"model.prosody_filter_size": 3, "model.prosody_emb_dim": 4},
]


TYPE = {"model.type": "fastspeech2"}


def model(chosen):
    """The model of some settings, without memory for its weights."""
    names = Names(("Anna", "Ben"), ("Normal",), (NO_TURN, "Normal"))
    vocabulary = Vocabulary.spoken(language("japanese"), names)
    scale = SimpleNamespace(mean=[0.0] * chosen["mel.n_mels"])
    stats = SimpleNamespace(features={"mel": {"all": scale}}, range=lambda *_: (-1.0, 1.0))
    with torch.device("meta"):
        return build_model(over(Model, TYPE | chosen, "model."), vocabulary, stats)


def test_every_leaf_of_a_model_is_tried():
    assert VALUES.keys() == {leaf for leaf in defaults(Exp) if leaf.startswith("model.")} | {"mel.n_mels"}
    assert {leaf for leaf, values in VALUES.items() if len(values) == 1} == {"model.type", "model.heads"}


@settings(max_examples=40)
@given(SETTINGS)
@example(FIRST | BOTH)
def test_every_tensor_is_in_one_part_and_no_part_is_empty(chosen):
    check_parts(WEIGHTS, model(chosen), chosen)


@settings(max_examples=60)
@given(SETTINGS, SETTINGS)
@example(FIRST | BOTH | CROSSED[0], FIRST | BOTH | CROSSED[1])
def test_the_table_says_which_tensors_of_two_models_differ(own, parent):
    check_misfits(WEIGHTS, model, own, parent)


@pytest.mark.parametrize("leaf", [leaf for leaf, values in VALUES.items() if len(values) > 1])
@pytest.mark.parametrize("base", [FIRST | BOTH, FIRST], ids=["wGMM", "plain"])
def test_a_leaf_is_told_if_and_only_if_it_decides_a_shape(leaf, base):
    decides = check_leaf(WEIGHTS, model, base, leaf, VALUES[leaf])
    assert not (leaf in NO_SHAPE and decides)


misfits = partial(weights.misfits, WEIGHTS.shapes)


def test_line_15_needs_only_the_local_predictor():
    parent = FIRST | {"model.global_prosody": True}
    own = parent | {"model.local_prosody": True}
    part = "prosody.predictor.local"
    assert misfits(parent, own, ()) == {"model.local_prosody": [part]}
    assert misfits(parent, own, (part,)) == misfits(parent, own, ("prosody",)) == {}
    assert misfits(parent, own, ("prosody.predictor.local.gru",)) != {}
    assert misfits(FIRST, FIRST | {"model.local_prosody": True}, (part,)) != {}
    assert misfits(FIRST, FIRST | {"model.local_prosody": True}, ()) == {"model.local_prosody": ["prosody"]}


def test_sizes_of_what_only_one_of_the_models_has_do_not_matter():
    more = {"model.local_prosody": True, "model.num_gaussians": 3, "model.prosody_gru_size": 4}
    assert misfits(FIRST, FIRST | more, ()) == {"model.local_prosody": ["prosody"]}
    assert misfits(FIRST | more, FIRST, ()) == {"model.local_prosody": ["prosody"]}
    assert misfits(FIRST, FIRST | {"model.n_bins": 4, "model.num_gaussians": 3}, ()) == {}
