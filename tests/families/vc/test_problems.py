"""What is told of an experiment in voice conversion before any job: its dataset, its parent, its parts."""

import pytest
import yaml
from configured import load

from koeru.config.tables import ConfigError

SOUND = """
corpora:
  A: {format: studies, path: corpora/A}
spk:
  one: {corpora: [A], pairs: {speakers: [[N, C]]}}
  other: {base: one, labels: {times: none}}
exp:
  spoken: {spk: one, epochs: 100, chunk: 50}
  first: {spk: one, model: {type: conformer_vc}}
  second: {base: first, spk: other, pretrain: first@100}
"""
SPOKEN = {
    "model": {"decoder": "fft", "decoder_layers": 6},
    "pretrain": "spoken@100",
    "partial": ["phones", "accents", "devoiced", "encoder", "variance", "to_mel", "source", "to_voicing"],
}


def with_second(**own):
    raw = yaml.safe_load(SOUND)
    raw["exp"]["second"] |= own
    return raw


def problems(raw):
    with pytest.raises(ConfigError) as caught:
        load(raw)
    return caught.value.problems


WGMM = {"local_prosody": True, "global_prosody": True, "pitch_ar": False}


@pytest.mark.parametrize(
    "own",
    [
        {},
        {"model": WGMM, "partial": ["prosody", "variance.pitch"]},
        {"durations": "mas", "partial": ["aligner"]},
        {"model": {"stop_gradient_energy": True, "dropout": 0.1, "filter_size": 8}},  # no FFT block has that size
        {"optimizer": "keep", "train": {"freeze": ["decoder", "encoder.blocks.0.attention"]}},
        SPOKEN,
        SPOKEN | {"partial": [*SPOKEN["partial"], "speakers", "postnet"]},
        SPOKEN | {"model": SPOKEN["model"] | {"reduction_factor": 2}},  # a model that reads text has none
    ],
)
def test_what_goes_together_passes(own):
    load(with_second(**own))


@pytest.mark.parametrize(
    ("own", "told"),
    [
        (
            {"model": WGMM},
            [
                f"pretrain: model.{leaf} is {own} here and {not own} in first: not all weights would fit; name {part} u"
                for leaf, own, part in [
                    ("pitch_ar", False, "variance.pitch"),
                    ("local_prosody", True, "prosody"),
                    ("global_prosody", True, "prosody"),
                ]
            ],
        ),
        (
            {"durations": "mas"},
            ["pretrain: durations is mas here and dtw in first: not all weights would fit; name aligner under"],
        ),
        (
            {"model": {"reduction_factor": 2}},
            ["pretrain: model.reduction_factor is 2 here and 3 in first: where its weights fit, they would mean"],
        ),
        (
            {"model": {"decoder": "fft"}},
            ["pretrain: model.decoder is fft here and conformer in first: not all weights would fit; name decoder u"],
        ),
        ({"train": {"freeze": ["decodr"]}}, ["train.freeze: there is no part 'decodr'; did you mean 'decoder'?"]),
        ({"train": {"freeze": ["aligner"]}}, ["train.freeze: there is no part 'aligner'"]),
        ({"partial": ["phones"]}, ["partial: there is no part 'phones'"]),
        ({"pretrain": None, "partial": ["prosody"]}, ["partial: is for pretraining, and there is no `pretrain`"]),
        ({"pretrain": None, "optimizer": "keep"}, ["optimizer: there is no `pretrain` whose moments to keep"]),
        (
            SPOKEN | {"partial": None},
            [
                "pretrain: spoken is another kind of model: name phones, devoiced, accents, encoder, variance, to_mel, "
                "source, to_voicing under exp.second.partial, and only the rest begins with its weights"
            ],
        ),
        (
            SPOKEN | {"model": {"decoder": "fft"}},  # which has 4 layers, not 6
            ["pretrain: spoken is another kind of model: name decoder.blocks.4, decoder.blocks.5 under"],
        ),
        (SPOKEN | {"model": {}}, ["pretrain: spoken is another kind of model: name decoder under"]),
        (
            SPOKEN | {"model": SPOKEN["model"] | {"heads": 4}},
            ["pretrain: model.heads is 4 here and 2 in spoken: where its weights fit, they would mean something else"],
        ),
        (
            SPOKEN | {"partial": [*SPOKEN["partial"], "decoder", "postnet", "speakers", "emotions"]},
            ["pretrain: spoken is another kind of model; of its weights, none would be taken"],
        ),
        (SPOKEN | {"partial": [*SPOKEN["partial"], "phonse"]}, ["partial: there is no part 'phonse'; did you mean"]),
    ],
)
def test_what_does_not_is_told_with_the_remedy(own, told):
    found = problems(with_second(**own))
    assert len(found) == len(told)
    for problem, words in zip(sorted(found), sorted(told), strict=True):
        assert problem.startswith(f"exp.second.{words}"), found


def test_a_model_that_reads_text_takes_no_more_of_a_conversion():
    raw = with_second()
    raw["exp"]["third"] = {"base": "spoken", "pretrain": "first@100"}
    (problem,) = problems(raw)
    assert problem.startswith("exp.third.pretrain: first is another kind of model: name source, encoder, variance, ")


@pytest.mark.parametrize(
    ("train", "meant"),
    [({"warm_up_rate": 250}, "warmup_steps"), ({"warm_up_step": 250}, "warmup_steps"), ({"max_lr": 1}, "max_lr_scale")],
)
def test_the_words_of_the_memo_are_answered_with_those_of_the_schedule(train, meant):
    (problem,) = problems(with_second(train=train))
    assert problem == f"exp.second.train.{next(iter(train))}: unknown key; did you mean {meant!r}?"


@pytest.mark.parametrize("word", ["reset_optim", "optimizer_reset"])
def test_the_words_of_the_memo_are_answered_with_the_optimizer(word):
    (problem,) = problems(with_second(**{word: False}))
    assert problem == f"exp.second.{word}: unknown key; did you mean 'optimizer'?"
