"""What the manifest of a saved epoch tells of any training."""

import json
from dataclasses import replace

import pytest

from koeru.training.manifest import Beginning
from koeru.training.pretraining import Loaded

BEGINNING = Beginning(
    "train/ab",
    30,
    7,
    Loaded(
        copied=("phones.weight", "prosody.predictor.convs.0.weight"),
        extended=("speakers.weight",),
        fresh=tuple(f"prosody.predictor.local.{name}" for name in ("gru.weight", "gru.bias", "head.weight")),
        left=("emotions.weight",),
    ),
    "keep",
    7,
    {"new_speakers": ["Anna"]},
)


def test_weights_are_told_in_words_and_not_in_200_names():
    copied, extended, fresh, left, optimizer = BEGINNING.in_words.split("; ")
    assert copied.startswith("2 tensors") and "keep" in optimizer and "step 7" in optimizer
    assert extended.startswith("1 tensor ") and extended.endswith(": speakers.weight")
    assert fresh.startswith("3 tensors") and fresh.endswith(": prosody.predictor.local")
    assert left.startswith("1 tensor ") and left.endswith(": emotions")
    whole = replace(BEGINNING, weights=Loaded(BEGINNING.weights.copied), optimizer="reset", step=0)
    assert whole.in_words.split("; ")[0] == copied and len(whole.in_words.split("; ")) == 2


@pytest.mark.parametrize("beginning", [BEGINNING, replace(BEGINNING, epoch=None, more={})])
def test_what_is_read_is_what_was_written(beginning):
    assert Beginning.of(json.loads(json.dumps(beginning.to_dict()))) == beginning
