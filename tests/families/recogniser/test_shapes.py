"""The table of shapes against the models themselves, built without memory for their weights."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from shapes import check_leaf, check_misfits, check_parts

from koeru.config.base import defaults, over
from koeru.families.recogniser.build import build_model, vocabulary_of
from koeru.families.recogniser.entry import Model, RecogniserExp
from koeru.families.recogniser.shapes import WEIGHTS
from koeru.languages import language

VALUES = {
    "model.type": ["quartznet"],
    "model.heads": [["phones"], ["phones", "letters"], ["marks"]],
    "model.stem_channels": [4, 6],
    "model.stem_kernel_size": [3, 5],
    "model.stride": [2, 3],
    "model.channels": [[4, 6], [4, 4], [6, 6]],
    "model.kernel_sizes": [[3, 5], [5, 5]],
    "model.repeats": [2, 1, 3],
    "model.tail_channels": [4, 6],
    "model.tail_kernel_size": [3, 5],
    "model.tail_dilation": [1, 2],
    "model.top_channels": [5, 7],
    "model.dropout": [0.2, 0.1],
    "mel.n_mels": [3, 6],
}
FIRST = {leaf: values[0] for leaf, values in VALUES.items()}
SETTINGS = st.fixed_dictionaries({leaf: st.sampled_from(values) for leaf, values in VALUES.items()})
NO_SHAPE = {"model.dropout", "model.stride", "model.tail_dilation"}


def model(chosen):
    """The model of some settings, without memory for its weights."""
    with torch.device("meta"):
        own = over(Model, chosen, "model.")
        return build_model(own, vocabulary_of(language("japanese")), chosen["mel.n_mels"])


def test_every_leaf_of_a_model_is_tried():
    assert VALUES.keys() == {leaf for leaf in defaults(RecogniserExp) if leaf.startswith("model.")} | {"mel.n_mels"}


@settings(max_examples=20, deadline=None)
@given(SETTINGS)
def test_every_tensor_is_in_one_part_and_no_part_is_empty(chosen):
    check_parts(WEIGHTS, model(chosen), chosen)


@settings(max_examples=20, deadline=None)
@given(SETTINGS, SETTINGS)
def test_the_table_says_which_tensors_of_two_models_differ(own, parent):
    check_misfits(WEIGHTS, model, own, parent)


@pytest.mark.parametrize("leaf", [leaf for leaf, values in VALUES.items() if len(values) > 1])
def test_a_leaf_is_told_if_and_only_if_it_decides_a_shape(leaf):
    decides = check_leaf(WEIGHTS, model, FIRST, leaf, VALUES[leaf])
    assert decides != (leaf in NO_SHAPE)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"channels": [4], "kernel_sizes": [3, 5]}, "1 channels and 2 kernel_sizes"),
        ({"heads": []}, "heads: one or more"),
        ({"heads": ["phones", "phones"]}, "heads: one or more"),
        ({"kernel_sizes": [4, 5]}, "must be odd"),
    ],
)
def test_a_model_that_cannot_be_built_is_refused(told, words):
    with pytest.raises(ValueError, match=words):
        Model.model_validate(told)
