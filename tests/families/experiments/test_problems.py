"""Whether the weights of one experiment fit another is told before any job."""

import pytest
from configured import load
from sound_config import changed, problems

from koeru.config.tables import ConfigError


def test_weights_of_another_shape_are_told_before_any_job():
    with pytest.raises(ConfigError, match=r"exp.second.pretrain: model.hidden is 64 here and .* in first"):
        load(changed("exp/second/model", {"hidden": 64}))
    load(changed("exp/second/model", {"dropout": 0.4}))


def with_second(**own):
    """Two experiments: `first` has global prosody, and `second`, which is pretrained from it, leaves of its own."""
    raw = changed("exp/first/model/global_prosody", True)
    del raw["exp"]["third"]
    raw["exp"]["second"] |= own
    return raw


LOCAL = {"local_prosody": True}


def test_what_would_not_fit_is_told_with_its_leaf_its_part_and_the_remedy():
    (problem,) = problems(with_second(model=LOCAL))
    assert problem.startswith("exp.second.pretrain: model.local_prosody is True here and False in first")
    assert "prosody.predictor.local under exp.second.partial" in problem


@pytest.mark.parametrize(
    "own",
    [
        {"model": LOCAL, "partial": ["prosody.predictor.local"]},
        {"model": LOCAL, "partial": ["prosody"]},
        {"model": {**LOCAL, "emotion": False}, "partial": ["prosody.predictor.local", "emotions"]},
        {"model": {"emotion": False}, "partial": ["emotions"]},
        {"model": {"global_prosody": False}, "partial": ["prosody"]},
        {"model": {"encoder_layers": 5}, "partial": ["encoder.blocks.4"]},
        {"model": {"prosody_speaker_independence": False, "prosody_dropout": 0, "prosody_gru_dropout": 0}},
        {"model": {"num_gaussians": 3, "n_bins": 8}},  # of what neither model has
        {"partial": ["postnet.convs.0"]},  # which fits: then it is loaded
        {"train": {"freeze": ["prosody.extractor", "encoder.blocks.0.conv_in"]}},
        {"optimizer": "keep"},
    ],
)
def test_what_partial_covers_passes(own):
    load(with_second(**own))


@pytest.mark.parametrize(
    ("own", "told"),
    [
        ({"model": LOCAL, "partial": ["prosody.predictor.local.gru"]}, "pretrain: model.local_prosody is True here"),
        ({"model": LOCAL, "partial": ["emotions"]}, "pretrain: model.local_prosody is True here"),
        ({"partial": ["prosody.predictr"]}, "partial: there is no part 'prosody.predictr'; did you mean"),
        ({"partial": ["zzz"]}, "partial: there is no part 'zzz'; there are phones, devoiced, "),
        ({"train": {"freeze": ["prosody.predictor.local"]}}, "train.freeze: there is no part"),
        ({"model": {"heads": 4}}, "pretrain: model.heads is 4 here and 2 in first: where its weights fit, they"),
        (
            {"model": {"pitch_level": "frame"}},
            "pretrain: model.pitch_level is frame here and phone in first: where its weights fit",
        ),
        ({"pretrain": None, "partial": ["emotions"]}, "partial: is for pretraining, and there is no `pretrain`; unset"),
        ({"pretrain": None, "optimizer": "keep"}, "optimizer: there is no `pretrain` whose moments to keep; unset it"),
        ({"optimizer": "continue"}, "optimizer: input should be 'reset' or 'keep'"),
    ],
)
def test_parts_and_optimisers_that_cannot_be(own, told):
    found = problems(with_second(**own))
    assert len(found) == 1 and found[0].startswith(f"exp.second.{told}"), found


def test_bands_of_the_datasets_decide_shapes_too():
    raw = changed("spk/wide", {"base": "one", "mel": {"n_mels": 100}})
    raw["exp"]["second"]["spk"] = "wide"
    (problem,) = problems(raw)
    assert problem.startswith("exp.second.pretrain: mel.n_mels is 100 here and 80 in first: ")
    assert "name to_mel, postnet.convs.0, postnet.convs.4 under exp.second.partial" in problem


def test_a_partial_that_is_inherited_without_its_pretraining_is_told():
    raw = with_second(model=LOCAL, partial=["prosody.predictor.local"])
    raw["exp"]["third"] = {"base": "second", "pretrain": None}
    (problem,) = problems(raw)
    assert problem.startswith("exp.third.partial: ")
    raw["exp"]["third"]["partial"] = None
    load(raw)
