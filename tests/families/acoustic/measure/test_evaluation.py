"""What the evaluation of a voice leaves, for voices that draw their prosody and for those that do not."""

from dataclasses import replace

import numpy as np
import pytest
from voices import NAMES, RECORD, STATS, natural, voice

from koeru.data.reading import Features
from koeru.families.acoustic.measure import evaluation
from koeru.families.acoustic.measure.prosody import LIKELIHOODS, compared
from koeru.languages.japanese import Japanese
from koeru.languages.japanese.minimal_pairs import MINIMAL_PAIRS, PROBES
from koeru.report.measurement import METRICS, UTTERANCES, Measurement
from koeru.report.metrics import STATISTICS

TRAIN, EVAL = 12, 5


class FewPairs(Japanese):
    """Two minimal pairs are enough here, and fast."""

    probes = replace(PROBES, pairs=MINIMAL_PAIRS[:2])


class NoPairs(Japanese):
    probes = None


class Spoken:
    """Some utterances of every speaker in every emotion, the first of them for training."""

    stats = STATS
    some_records = Features.some_records

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

    in_turn = records

    def count(self, split: str) -> int:
        return len(list(self.records(split)))

    def of_utterance(self, shard: int, name: str):
        return natural(RECORD, seed=int(name[1:]))


def measured(own, language=FewPairs, **changes):
    """What the evaluation writes: what was measured, and the files behind it."""
    asked = {"temperature": 1.0, "samples": 3, "resamples": 20} | changes
    return evaluation.evaluated(Spoken(language), own, **asked)


@pytest.fixture(scope="module")
def drawing():
    return measured(voice())[0]


def test_a_plain_voice_has_no_metrics_of_prosody():
    plain, files = measured(voice(False, False))
    assert files.keys() == {"accents", "control"}
    assert not {name for name in plain.metrics if "prosody" in name or "spread" in name} and "prosody" not in plain.more


def test_a_language_without_minimal_pairs_is_not_asked_for_them():
    (plain, with_pairs), (without, files) = (measured(voice(False, False), own) for own in (FewPairs, NoPairs))
    assert {len(c["pair"]) for c in with_pairs["accents"]} == {3} and "accents" not in files
    assert plain.metrics.keys() - without.metrics.keys() == {"accent_contrast"}
    assert {name: plain.metrics[name] for name in without.metrics} == without.metrics


def test_every_held_out_utterance_has_a_row_with_all_that_was_measured_of_it(drawing):
    assert len(drawing.rows) == EVAL
    pooled = {key for key, metric in drawing.metrics.items() if metric.statistic}
    baselines = {f"{key}_{name}" for key in ("mel_l1", "log_f0_rmse_cents") for name in evaluation.PHONE_MEANS}
    for name, row in drawing.rows.items():
        assert row.keys() == {"id", "speaker", "emotion"} | pooled | baselines and row["id"] == name
    for key in pooled:
        metric = drawing.metrics[key]
        again = STATISTICS[metric.statistic](*np.sum([row[key] for row in drawing.rows.values()], axis=0))
        assert metric.value == pytest.approx(again) and metric.utterances == EVAL


def test_every_metric_says_what_it_is(drawing):
    for key, metric in drawing.metrics.items():
        assert metric.key == key and metric.label and metric.about and metric.digits >= 0
    assert {key for key, metric in drawing.metrics.items() if not metric.better} == {"f0_spread_cents"}


def test_a_voice_that_draws_its_prosody_is_measured_by_it(drawing):
    likelihoods = {"local_prosody_log_likelihood", "global_prosody_log_likelihood"}
    f0 = {"f0_spread_cents", "f0_unexplained_cents", "f0_spread_ratio"}
    for name in likelihoods | f0:
        metric = drawing.metrics[name]
        assert metric.interval_95[0] <= metric.value <= metric.interval_95[1]
    assert list(drawing.more["prosody"]["spread_cents_by_temperature"]) == ["0", "0.5", "1", "1.5"]


def test_the_files_say_all_and_are_the_same_at_every_evaluation(drawing, tmp_path):
    for number, found in enumerate((drawing, measured(voice())[0])):
        (tmp_path / str(number)).mkdir()
        found.write(tmp_path / str(number))
        assert Measurement.read(tmp_path / str(number)) == drawing
    for name in (METRICS, UTTERANCES):
        assert (tmp_path / "0" / name).read_bytes() == (tmp_path / "1" / name).read_bytes()


def test_two_voices_with_the_same_extractor_can_be_compared(drawing):
    other = voice()
    other.model.prosody.predictor.load_state_dict(voice(seed=2).model.prosody.predictor.state_dict())
    local, global_ = (quantity.key for quantity in LIKELIHOODS)
    assert compared(drawing, drawing, local) == (0, (0, 0))
    difference, (low, high) = compared(drawing, measured(other)[0], global_)
    assert low <= difference <= high and difference != 0
    with pytest.raises(ValueError, match="different extractors"):
        compared(drawing, measured(voice(seed=2))[0], local)


def test_at_another_temperature_the_spread_is_another():
    cold = measured(voice(), temperature=0.25)[0]
    by_temperature = cold.more["prosody"]["spread_cents_by_temperature"]
    assert list(by_temperature) == ["0", "0.25", "0.5", "1", "1.5"]
    assert cold.metrics["f0_spread_cents"].value == by_temperature["0.25"]


def test_nothing_to_measure_is_told_before_anything_is_measured():
    """Of a dataset that was closed before an emptied split was looked for."""
    features = Spoken()
    features.all = features.all[:TRAIN]
    with pytest.raises(ValueError, match="no utterance of the eval split is left"):
        evaluation.evaluated(features, voice(), temperature=0.0, samples=1, resamples=10)
