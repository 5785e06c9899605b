"""What the evaluation of a voice leaves, for voices that draw their prosody and for those that do not."""

import json
from dataclasses import replace

import pytest
from voices import NAMES, RECORD, STATS, natural, voice

from koeru.families.acoustic.measure import evaluation
from koeru.families.acoustic.measure.prosody import compared
from koeru.languages.japanese import Japanese
from koeru.languages.japanese.minimal_pairs import MINIMAL_PAIRS, PROBES

TRAIN, EVAL = 12, 5


class FewPairs(Japanese):
    """Two minimal pairs are enough here, and fast."""

    probes = replace(PROBES, pairs=MINIMAL_PAIRS[:2])


class NoPairs(Japanese):
    probes = None


class Spoken:
    """Some utterances of every speaker in every emotion, the first of them for training."""

    stats = STATS

    def __init__(self, language=FewPairs) -> None:
        self.language = language()
        groups = [(speaker, emotion) for emotion in NAMES.emotions for speaker in NAMES.speakers]
        self.all = [
            RECORD | {"id": f"u{i}", "text": f"text {i}", "n_frames": 12, "speaker": groups[i % 4][0]}
            | {"emotion": groups[i % 4][1]}
            for i in range(TRAIN + EVAL)
        ]  # fmt: skip

    def records(self, split: str | None = None):
        part = {None: slice(None), "train": slice(TRAIN), "eval": slice(TRAIN, None)}[split]
        return iter([(0, record) for record in self.all[part]])

    def of_utterance(self, shard: int, name: str):
        return natural(RECORD, seed=int(name[1:]))


def files(own, language=FewPairs, **changes) -> dict:
    """What the evaluation writes."""
    asked = {"temperature": 1.0, "samples": 3, "resamples": 20} | changes
    return evaluation.evaluated(Spoken(language), own, **asked)


@pytest.fixture(scope="module")
def drawing() -> dict:
    return files(voice())


def test_a_plain_voice_has_no_metrics_of_prosody():
    plain = files(voice(False, False))
    assert plain.keys() == {"metrics", "accents", "control"}
    told = {name for name in plain["metrics"] if "prosody" in name or "spread" in name or name == "temperature"}
    assert not told


def test_a_language_without_minimal_pairs_is_not_asked_for_them():
    plain, without = (files(voice(False, False), language) for language in (FewPairs, NoPairs))
    assert {len(c["pair"]) for c in plain["accents"]} == {3} and "accents" not in without
    lost = plain["metrics"].keys() - without["metrics"].keys()
    assert lost == {"accent_contrast", "accent_contrast_by_speaker"}
    assert {name: plain["metrics"][name] for name in without["metrics"]} == without["metrics"]


def test_a_voice_that_draws_its_prosody_is_measured_by_it(drawing):
    result = drawing["metrics"]
    likelihoods = {"local_prosody_log_likelihood", "global_prosody_log_likelihood"}
    f0 = {"f0_spread_cents", "f0_unexplained_cents", "f0_spread_ratio"}
    assert likelihoods | f0 <= result.keys() and likelihoods | f0 <= result["intervals_95"].keys()
    for name in likelihoods | f0:
        low, high = result["intervals_95"][name]
        assert low <= result[name] <= high
    assert list(result["f0_spread_by_temperature"]) == ["0", "0.5", "1", "1.5"]
    assert result["utterances"] == len(drawing["prosody"]["local_prosody"]) == EVAL


def test_everything_is_json_and_the_same_at_every_evaluation(drawing):
    assert json.dumps(drawing, allow_nan=False) == json.dumps(files(voice()), allow_nan=False)


def test_two_voices_with_the_same_extractor_can_be_compared(drawing):
    other = voice()
    other.model.prosody.predictor.load_state_dict(voice(seed=2).model.prosody.predictor.state_dict())
    assert compared(drawing["prosody"], drawing["prosody"], "local_prosody") == (0, (0, 0))
    difference, (low, high) = compared(drawing["prosody"], files(other)["prosody"], "global_prosody")
    assert low <= difference <= high and difference != 0
    with pytest.raises(ValueError, match="different extractors"):
        compared(drawing["prosody"], files(voice(seed=2))["prosody"], "local_prosody")


def test_at_another_temperature_the_spread_is_another():
    cold = files(voice(), temperature=0.25)["metrics"]
    assert list(cold["f0_spread_by_temperature"]) == ["0", "0.25", "0.5", "1", "1.5"]
    assert cold["f0_spread_cents"] == cold["f0_spread_by_temperature"]["0.25"]
