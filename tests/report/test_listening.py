"""Which held-out utterances are heard, and that none of them clips."""

import numpy as np
import soundfile

from koeru.report.listening import chosen, within_full_scale, write_audio


def test_audio_beyond_full_scale_is_turned_down_as_a_whole_and_told():
    wav = np.array([0.5, -2.0, 1.0])
    quieter, gain_db = within_full_scale(wav)
    assert np.abs(quieter).max() == 1
    np.testing.assert_allclose(quieter / quieter[0], wav / wav[0])
    np.testing.assert_allclose(quieter, wav * 10 ** (gain_db / 20))


def test_audio_within_full_scale_is_left_as_it_is():
    wav = np.array([0.5, -1.0])
    same, gain_db = within_full_scale(wav)
    assert same is wav and gain_db == 0


def test_what_is_written_is_what_is_heard(tmp_path):
    path = tmp_path / "samples" / "a.wav"
    gain_db = write_audio(path, np.array([0.5, -2.0, 0.0]), 22050)
    heard, rate = soundfile.read(path)
    assert rate == 22050 and soundfile.info(path).subtype == "PCM_16"
    np.testing.assert_allclose(heard, [0.25, -1, 0], atol=1e-4)
    np.testing.assert_allclose(gain_db, -20 * np.log10(2))


def test_every_speaker_is_heard_before_one_is_heard_twice():
    records = [(0, {"id": f"{s}{i}", "speaker": s}) for s in "ab" for i in range(5)]
    found = chosen(records, 3)
    assert [r["speaker"] for _, r in found] == ["a", "b", "a"]
    assert chosen(list(reversed(records)), 3) == found
