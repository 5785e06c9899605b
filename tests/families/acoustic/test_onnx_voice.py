"""A voice of ONNX graphs says what torch's says, at any length, and needs no torch."""

from dataclasses import fields

import numpy as np
import pytest
from voices import RECORD, SPEC, STATS, VOCABULARY, voice

from koeru.data.contour import Told
from koeru.families.acoustic.export_onnx import graphs
from koeru.families.acoustic.onnx_voice import OnnxVoice
from koeru.use.speech import SpeakingVoice

LONG = RECORD | {
    "id": "a_2",
    "phones": ["sil", *"kakikukekoaiueo", "sil"],
    "accents": ["_"] * 3 + ["["] + ["_"] * 13,
    "devoiced": [0, 0, 1] + [0] * 14,
    "speaker": "b",
    "emotion": "Happy",
    "before_emotion": "Normal",
}
ONE = RECORD | {"id": "a_3", "phones": ["a"], "accents": ["_"], "devoiced": [0]}
FRAMES = {"pitch_level": "frame", "energy_level": "frame"}
BINS = {"variance_embedding": "bins"}
KINDS = {
    "plain": {"local": False, "global_": False},
    "postnet": {"local": False, "global_": False, "postnet_layers": 2},
    "told of little": {"local": False, "global_": False, "accent": False, "speaker": False, "emotion": False},
    "told of the turn before, in bins": {"local": False, "global_": False, "before_emotion": True, **BINS},
    "bins of frames": {"local": False, "global_": False, **FRAMES, **BINS},
    "pitch of frames": {"local": False, "pitch_level": "frame"},
    "energy of frames": {"global_": False, "energy_level": "frame"},
    "both, knowing the speaker": {"postnet_layers": 2, "prosody_speaker_independence": False},
    "both of frames": FRAMES,
    "large convolutions": {"local": False, "global_": False, "hidden": 256, "filter_size": 1024},
}


def onnx(own):
    told = {"vocabulary": VOCABULARY.to_dict(), "stats": STATS.to_dict(), "mel": vars(SPEC), "levels": own.levels}
    return OnnxVoice(graphs(own.model), told, threads=1)


@pytest.fixture(scope="module", params=KINDS)
def both(request):
    own = voice(**KINDS[request.param])
    return own, onnx(own)


def alike(answer, expected):
    assert np.array_equal(answer.durations, expected.durations)
    for field in fields(expected):
        np.testing.assert_allclose(getattr(answer, field.name), getattr(expected, field.name), rtol=0, atol=1e-3)
        assert getattr(answer, field.name).dtype == getattr(expected, field.name).dtype, field.name


@pytest.mark.parametrize("record", [RECORD, LONG, ONE], ids=["short", "long", "one phone"])
def test_it_says_what_torch_says(both, record):
    own, other = both
    for name in SpeakingVoice.__annotations__:
        assert getattr(other, name) == getattr(own, name), name
    alike(other.speak(record, seed=3), own.speak(record, seed=3))
    alike(other.contour(record, seed=4, temperature=0.5), own.contour(record, seed=4, temperature=0.5))
    for sample, expected in zip(other.samples(record, n=2), own.samples(record, n=2), strict=True):
        alike(sample, expected)


def test_it_obeys_as_torch_does(both):
    own, other = both
    free = own.contour(LONG)
    part = np.where(np.arange(17) % 3 == 0, np.nan, free.log_f0 + 0.1)
    durations = np.arange(17) % 4
    for told in (Told(durations), Told(durations, part), Told(log_f0=part, log_energy=free.log_energy - 0.5)):
        alike(other.speak(LONG, told), own.speak(LONG, told))
    said = other.speak(LONG, Told(durations, part))
    assert np.array_equal(said.durations, durations)
    known = ~np.isnan(part) & (durations > 0)
    np.testing.assert_allclose(said.log_f0[known], part[known], rtol=0, atol=1e-5)
