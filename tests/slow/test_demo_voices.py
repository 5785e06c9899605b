"""The demo's models have learned: the acceptance figures, with the controls that show that the measures can fail.

Trains five small models for minutes each: `make test-slow`.
"""

from pathlib import Path

import numpy as np
import pytest
from demo_voices import CONTROLS, VOICES, graph, works

from koeru.data.reading import Features
from koeru.families.acoustic.measure.alignment import best_shift
from koeru.graph.plan import place
from koeru.graph.store import Store, read_json
from koeru.report.measurement import Measurement

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def measured(voices: Path) -> dict[str, Measurement]:
    """What was measured of the demo's experiments and of their controls."""
    return {name: Measurement.read(voices / "exp" / name) for name in (*VOICES, *CONTROLS["exp"])}


def against(found: Measurement, key: str, baseline: str) -> float:
    """A metric over that of a baseline."""
    metric = found.metrics[key]
    return metric.value / metric.baselines[baseline].value


@pytest.mark.parametrize("name", ["LINE_8", "LINE_14"])
def test_a_voice_is_well_below_the_phone_means(measured, name):
    assert against(measured[name], "mel_l1", "phone_mean") <= 0.65
    assert against(measured[name], "mel_l1", "phone_mean_speaker") <= 0.70


def test_line_15_is_below_the_phone_means_and_below_training_from_scratch(measured):
    own, scratch = (measured[name].metrics["mel_l1"].value for name in ("LINE_15", "LINE_15_scratch"))
    print(f"mel_l1 {own:.4f}, mel_l1_scratch {scratch:.4f}")
    assert against(measured["LINE_15"], "mel_l1", "phone_mean_speaker") <= 0.75
    assert own < scratch


@pytest.mark.parametrize("name", VOICES)
def test_f0_follows_the_sentence(measured, name):
    assert against(measured[name], "log_f0_rmse_cents", "phone_mean_speaker") <= 0.7


@pytest.mark.parametrize("name", VOICES)
def test_every_speaker_tells_minimal_pairs_apart(measured, name):
    by_speaker = measured[name].more["accent_contrast_by_speaker"]
    assert len(by_speaker) == 3
    assert min(by_speaker.values()) >= 0.9


@pytest.mark.parametrize("name", VOICES)
def test_voices_do_as_they_are_told(measured, name):
    """The mean F0 of one text, as every speaker in every emotion, is ordered as in the corpus."""
    assert measured[name].metrics["emotion_order"].value == 1
    assert measured[name].metrics["speaker_order"].value == 1


def test_without_accent_marks_nobody_does(measured):
    assert max(measured["LINE_14_no_accent"].more["accent_contrast_by_speaker"].values()) <= 0.1


@pytest.mark.parametrize("name", VOICES)
def test_every_teacher_forced_mel_lies_on_the_frames_of_its_recording(voices, name):
    """Of all train and dev utterances; moved by a frame, every one tells it."""
    work = works(voices)[name]
    told = read_json(work.store.node_path(work.place))
    print(f"{name}: {told['alignment']}, mel_l1 {told['mel_l1']}")
    assert told["misaligned"] == 0 and told["alignment"]["least_margin"] > 0
    assert told["alignment"]["clear"] == told["out"] > 150
    features = Features.of(work)
    for shard, record in work.store.records(work.place):
        natural = features.array("mel", shard, f"{record['id']}/mel")
        mel = work.store.arrays(work.place, shard)[f"{record['id']}/mel"]
        for shift in (-1, 0, 1):
            assert best_shift(natural, np.roll(mel, shift, axis=0)).shift == shift, record["id"]


def test_fine_tuning_on_teacher_forced_mels_lowers_the_error_on_them(voices):
    node = graph().trained["vocoder"]["LINE_15"].node
    told = read_json(Store(voices / "store").epoch_path(place(node), node.settings["saved"][-1]))
    print(f"mel error on the dev split: {told['at_start']['mel']:.4f} at the start, {told['best']['mel']:.4f} at best")
    assert told["params"]["vocoder.mels"] == "teacher_forced"
    assert told["best"]["mel"] < 0.9 * told["at_start"]["mel"]
