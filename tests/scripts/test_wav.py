"""What the wav stage tells of recordings: what they were, and what it made of them."""

import numpy as np
import pytest
import soundfile
from fakes.speech import spoken
from in_process import script

from koeru.graph.store import Place
from koeru.jobs.stage import ExclusionError, Work
from koeru.stand_in.voice import SAMPLE_RATE, resample

WORK = Work(Place("wav", "0" * 16), 1, {"wav.sample_rate": 22050, "wav.max_clipped": 0.005})


@pytest.fixture
def converted(tmp_path):
    """converted(samples, rate, subtype): the record of a recording that was written so."""

    def converted(samples, rate, subtype):
        soundfile.write(tmp_path / "a.wav", samples, rate, subtype=subtype)
        return script("wav").convert(WORK, tmp_path / "a.wav", tmp_path / "made" / "a.wav")

    return converted


@pytest.mark.parametrize(
    ("rate", "n_channels", "subtype", "hz"),
    [(48000, 1, "PCM_24", 11025), (44100, 2, "PCM_16", 11025), (16000, 1, "PCM_32", 7752), (8000, 1, "ULAW", 3876)],
)
def test_what_a_source_was_is_kept(converted, rate, n_channels, subtype, hz):
    wave = resample(spoken("母が朝ご飯を作る。").samples / 32768, SAMPLE_RATE, rate)
    facts = converted(np.stack([wave] * n_channels, axis=1), rate, subtype)["facts"]
    assert facts.pop("bandwidth_hz") == pytest.approx(hz, abs=300)
    assert facts == {"sample_rate": rate, "n_channels": n_channels, "encoding": subtype}


def test_what_was_up_sampled_is_found_whatever_its_header_says(converted):
    narrow = resample(spoken("母が朝ご飯を作る。").samples / 32768, SAMPLE_RATE, 8000)
    facts = converted(resample(narrow, 8000, 48000), 48000, "PCM_24")["facts"]
    assert facts["sample_rate"] == 48000 and facts["bandwidth_hz"] < 4400


@pytest.mark.parametrize("peak", [1.25, 2.0])
def test_floats_above_one_are_kept_and_turned_down(converted, peak):
    wave = spoken("母が朝ご飯を作る。").samples / 32768
    record = converted(wave / np.abs(wave).max() * peak, SAMPLE_RATE, "FLOAT")
    assert record["clipped"] == 0 and record["gain_db"] == -np.ceil(20 * np.log10(peak))
    with pytest.raises(ExclusionError, match=r"clipped: .* lie on flat tops"):
        converted(np.clip(wave / np.abs(wave).max() * peak * 2, -1, 1), SAMPLE_RATE, "FLOAT")


def test_where_nobody_speaks_no_bandwidth_is_measured(converted):
    noise = np.random.default_rng(0).normal(size=SAMPLE_RATE) * 1e-3
    assert converted(noise, SAMPLE_RATE, "PCM_16")["facts"]["bandwidth_hz"] is None
