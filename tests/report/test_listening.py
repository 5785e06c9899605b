"""Which held-out utterances are heard, and that none of them clips."""

import numpy as np
import pytest
import soundfile

from koeru.report.listening import chosen, within_full_scale, write_audio, write_blocks


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


@pytest.mark.parametrize("loudest", [1.0, 2.5])
def test_blocks_are_written_as_the_whole_is(tmp_path, loudest):
    wav = np.linspace(-loudest, loudest, 1_000_001, dtype=np.float32)
    blocks = [wav[:300], wav[300:300], wav[300:]]
    count, gain_db = write_blocks(tmp_path / "blocks.wav", blocks, 22050)
    assert count == len(wav) and gain_db == pytest.approx(write_audio(tmp_path / "whole.wav", wav, 22050))
    assert (tmp_path / "blocks.wav").read_bytes() == (tmp_path / "whole.wav").read_bytes()


def test_blocks_that_end_by_an_error_leave_the_file_as_it_was(tmp_path):
    def failing():
        yield np.ones(9)
        raise ValueError("no more")

    (tmp_path / "a.wav").write_text("before")
    with pytest.raises(ValueError, match="no more"):
        write_blocks(tmp_path / "a.wav", failing(), 22050)
    assert [path.read_text() for path in tmp_path.iterdir()] == ["before"]


def test_every_speaker_is_heard_before_one_is_heard_twice():
    records = [(0, {"id": f"{s}{i}", "speaker": s}) for s in "ab" for i in range(5)]
    found = chosen(records, 3)
    assert [r["speaker"] for _, r in found] == ["a", "b", "a"]
    assert chosen(list(reversed(records)), 3) == found
