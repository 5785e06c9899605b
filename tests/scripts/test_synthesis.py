"""Which held-out utterances are spoken, and that none of them clips."""

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
