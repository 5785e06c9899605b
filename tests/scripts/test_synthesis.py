"""Which held-out utterances are spoken, how often, and that none of them clips."""

from types import SimpleNamespace

import numpy as np
from in_process import script


def test_audio_beyond_full_scale_is_turned_down_as_a_whole_and_told():
    wav = np.array([0.5, -2.0, 1.0])
    quieter, gain_db = script("synthesis").within_full_scale(wav)
    assert np.abs(quieter).max() == 1
    np.testing.assert_allclose(quieter / quieter[0], wav / wav[0])
    np.testing.assert_allclose(quieter, wav * 10 ** (gain_db / 20))


def test_audio_within_full_scale_is_left_as_it_is():
    wav = np.array([0.5, -1.0])
    same, gain_db = script("synthesis").within_full_scale(wav)
    assert same is wav and gain_db == 0


def test_every_speaker_is_heard_before_one_is_heard_twice():
    records = [(0, {"id": f"{s}{i}", "speaker": s}) for s in "ab" for i in range(5)]
    chosen = script("synthesis").chosen(records, 3)
    assert [r["speaker"] for _, r in chosen] == ["a", "b", "a"]
    assert script("synthesis").chosen(list(reversed(records)), 3) == chosen


def test_a_text_that_is_drawn_again_is_spoken_with_other_seeds_at_the_temperature_of_synthesis():
    asked = []

    def speak(record, *, temperature, seed):
        asked.append((temperature, seed))
        return SimpleNamespace(mel=np.full((3, 2), seed))

    mels = script("synthesis").spoken(SimpleNamespace(speak=speak), {"id": "a"}, 0.7, 3)
    assert list(mels) == ["synthesised", "sample2", "sample3"]
    assert asked == [(0.7, 0), (0.7, 1), (0.7, 2)] and mels["sample3"].min() == 2
    assert list(script("synthesis").spoken(SimpleNamespace(speak=speak), {"id": "a"}, 0.7, 1)) == ["synthesised"]
