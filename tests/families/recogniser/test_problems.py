"""What is wrong with entries of recognisers, in the words of the file."""

import copy

import pytest
from configured import load

from koeru.config.tables import ConfigError

CONFIG = {
    "corpora": {"S": {"format": "studies", "stand_in": {"minutes": 2}}},
    "spk": {"one": {"corpora": ["S"]}},
    "exp": {
        "voice": {"spk": "one"},
        "first": {"spk": "one", "model": {"type": "quartznet"}, "epochs": 2},
        "second": {"base": "first", "pretrain": "first@2"},
    },
}


def told(**changes):
    config = copy.deepcopy(CONFIG)
    for name, change in changes.items():
        config["exp"][name] |= change
    return config


def test_what_is_right_is_right():
    load(told())
    load(told(second={"model": {"heads": ["letters"]}, "partial": ["heads"]}))
    load(told(second={"blank_loss": {"reading": "spared", "spared": 0.1}}))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"first": {"spk": "two"}}, "exp.first.spk"),
        ({"first": {"blank_loss": {"spared": 0.1}}}, "exp.first.blank_loss: is set, but its reading is none"),
        ({"second": {"pretrain": "first@1"}}, "exp.second.pretrain"),
        ({"second": {"pretrain": "voice@500"}}, "another kind of model; of its weights, none would be taken"),
        ({"second": {"model": {"heads": ["letters"]}}}, "exp.second.pretrain: model.heads is ['letters'] here"),
        ({"second": {"model": {"stride": 1}}}, "they would mean something else"),
        ({"second": {"ctc": {"silences": "label"}}}, "they would mean something else"),
        ({"second": {"train": {"freeze": ["encoder"]}}}, "exp.second.train.freeze"),
        ({"first": {"pretrain": "second@2"}}, "pretraining runs in a circle"),
    ],
)
def test_what_is_wrong_is_told(changes, words):
    with pytest.raises(ConfigError) as error:
        load(told(**changes))
    assert words in str(error.value)


def test_a_dataset_that_splits_its_utterances_is_refused():
    config = told()
    config["spk"]["one"]["segments"] = {"inner": "split"}
    with pytest.raises(ConfigError, match="nothing tells which part of a text a piece says"):
        load(config)
