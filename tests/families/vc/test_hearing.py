"""A converter hears a recording as the stages of its dataset have heard those that it was trained on, bit for bit."""

import json

import numpy as np
import pytest
from converting import SPEC, samples
from in_process import script

from koeru.audio.files import UnfitError
from koeru.families.vc.exp import hearing
from koeru.families.vc.hearing import Hearing
from koeru.graph.stages import DATA_DEFAULTS
from koeru.graph.store import Place
from koeru.jobs.segments import samples_of
from koeru.jobs.stage import Work

BOUNDS = {"pitch.speakers": {"a": {"f0_floor": 150.0, "f0_ceil": 400.0}}}
MUTED = {"segments.mute_inner": True, "segments.chunk_size": 50, "segments.silence_thresh_t": -45.0}


def work_of(**changes) -> Work:
    return Work(Place("conversion_page", "k"), 1, DATA_DEFAULTS | changes)


def recorded() -> np.ndarray:
    """Speech with pauses in which there is a room."""
    wav = samples(0.5, 0.3)
    return wav + np.random.default_rng(0).integers(-20, 20, len(wav), dtype=np.int16)


@pytest.mark.parametrize(
    "changes",
    [{}, BOUNDS, MUTED, {"pitch.method": "harvest", "mel.hop_length": 200}, {"segments.inner": "split"}],
    ids=["default", "bounds", "muted", "harvest", "split"],
)
def test_features_are_those_of_the_stages(changes):
    work, wav = work_of(**changes), recorded()
    own = Hearing.of(json.loads(json.dumps(hearing(work).to_dict())))
    segments = script("segments").segment(work, wav, SPEC.sample_rate)
    zero = script("segments").muted(work, wav, SPEC.sample_rate, segments[0].speech)
    heard, found = own.heard(wav)
    assert found == segments
    assert np.array_equal(heard, wav) == (zero is None)
    for piece in found:
        record = {"start": piece.start, "stop": piece.stop}
        if zero is not None:
            record["muted"] = script("segments").part(zero, piece)
        stored = samples_of(record, wav)
        features = own.features(heard[piece.start :][: piece.stop - piece.start], "a")
        for stage in ("pitch", "energy", "mel"):
            for name, array in script(stage).analyse(work, stored, "a").items():
                assert array.dtype == features[name].dtype
                np.testing.assert_array_equal(features[name], array)


def test_a_speaker_without_bounds_has_those_of_all():
    work, wav = work_of(**BOUNDS), samples()
    own = hearing(work)
    np.testing.assert_array_equal(own.features(wav, "b")["log_f0"], hearing(work_of()).features(wav, "a")["log_f0"])
    assert not np.array_equal(own.features(wav, "a")["log_f0"], own.features(wav, "b")["log_f0"])


def test_silence_has_no_segments():
    own = hearing(work_of(**MUTED))
    assert own.heard(np.zeros(9000, np.int16))[1] == []
    assert own.heard(np.zeros(3, np.int16))[1] == []


def test_what_has_no_features_is_unfit():
    own, noise = hearing(work_of()), np.random.default_rng(0).integers(-9000, 9000, 9000, dtype=np.int16)
    with pytest.raises(UnfitError, match=r"no voiced frame: none of 35 frames has an F0 between 71 and 800 Hz"):
        own.features(noise, "a")
    with pytest.raises(UnfitError, match=r"too short: 384 samples of speech where an analysis window needs 385"):
        own.features(noise[:384], "a")
