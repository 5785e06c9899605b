import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_vocoder import SPEC, Spoken, make_task

from koeru.audio.mel import log_mel
from koeru.families.vocoder.clips import Clip, clip_of, epoch_batches, held_out, position
from koeru.training.loader import Share

HOP, LENGTH = SPEC.hop_length, 16  # frames
EDGE = SPEC.n_fft // HOP  # frames whose window reaches beyond a clip
RECORDINGS = Spoken(13, 0)
LENGTHS = st.lists(st.integers(1, 100), max_size=30)


@pytest.mark.parametrize("epoch", range(3))
def test_the_frames_of_a_clip_are_those_of_its_samples(epoch):
    batch = make_task(train_recordings=RECORDINGS).load(Share(tuple(range(13)), epoch))
    assert batch.mels.shape == (13, SPEC.n_mels, LENGTH) and batch.wavs.shape == (13, 1, LENGTH * HOP)
    whole = [number for number in range(13) if RECORDINGS.frame_lengths[number] >= LENGTH]
    assert len(whole) > 5
    for number in whole:
        mel = batch.mels[number].T.numpy()  # (T, M)
        own = log_mel(batch.wavs[number, 0].numpy(), SPEC)
        np.testing.assert_allclose(own[EDGE:-EDGE], mel[EDGE:-EDGE], atol=1e-4)
        assert abs(own[EDGE:-EDGE] - mel[EDGE - 1 : -EDGE - 1]).max() > 0.01


def test_a_short_one_is_padded_behind_and_no_sample_is_lost():
    short = [number for number, frames in enumerate(RECORDINGS.frame_lengths) if frames < LENGTH]
    assert short
    for number in short:
        frames = RECORDINGS.frame_lengths[number]
        clip = clip_of(RECORDINGS, number, 0, LENGTH)
        assert clip.mel.shape == (LENGTH, SPEC.n_mels) and clip.wav.shape == (LENGTH * HOP,)
        assert clip.mel.dtype == clip.wav.dtype == np.float32
        assert np.array_equal(clip.mel[:frames], RECORDINGS.mels[number])
        assert np.array_equal(clip.wav[: frames * HOP], RECORDINGS.wavs[number])
        assert np.all(clip.mel[frames:] == np.float32(math.log(1e-5))) and not clip.wav[frames * HOP :].any()
        assert clip.mel[frames:] == pytest.approx(log_mel(np.zeros(64, np.float32), SPEC)[0, 0])


def test_only_what_a_clip_shows_is_read():
    class Watched(Spoken):
        def read(self, index, start, stop):
            assert stop - start == min(LENGTH, self.frame_lengths[index])
            return super().read(index, start, stop)

    recordings = Watched(13, 0)
    assert all(isinstance(clip_of(recordings, n, 0, LENGTH), Clip) for n in range(13))
    task = make_task(train_recordings=recordings, dev_recordings=recordings)
    for epoch in range(3):
        task.load(Share(tuple(range(13)), epoch))


@given(st.integers(0, 9), st.integers(0, 999), st.text(min_size=1), st.integers(1, 99), st.integers(1, 99))
def test_a_position_is_a_pure_function_and_within_the_utterance(seed, epoch, name, frames, length):
    found = position(seed, epoch, name, frames, length)
    assert found == position(seed, epoch, name, frames, length)
    assert 0 <= found <= max(0, frames - length)


def test_positions_are_everywhere_and_differ_between_epochs_seeds_and_utterances():
    of_epochs = Counter(position(1, epoch, "u", 40, 31) for epoch in range(1000))
    assert set(of_epochs) == set(range(10)) and min(of_epochs.values()) > 60
    drawn = {
        what: [position(*arguments, 10_000, 32) for arguments in varied]
        for what, varied in {
            "seeds": [(seed, 0, "u") for seed in range(50)],
            "epochs": [(0, epoch, "u") for epoch in range(50)],
            "utterances": [(0, 0, f"u{n}") for n in range(50)],
        }.items()
    }
    assert all(len(set(positions)) > 45 for positions in drawn.values())


@given(st.integers(0, 60), st.integers(1, 20), st.integers(0, 5), st.integers(0, 5))
def test_every_utterance_is_once_in_an_epoch(utterances, batch_size, seed, epoch):
    batches = epoch_batches(utterances, batch_size, seed, epoch)
    assert sorted(index for batch in batches for index in batch) == list(range(utterances))
    assert all(len(batch) == batch_size for batch in batches[:-1]) and all(batches)
    assert batches == epoch_batches(utterances, batch_size, seed, epoch)


def test_epochs_and_seeds_shuffle_anew():
    orders = {tuple(map(tuple, epoch_batches(50, 8, seed, epoch))) for seed in range(3) for epoch in range(3)}
    assert len(orders) == 9


@given(LENGTHS, st.integers(1, 40))
def test_all_frames_that_are_held_out_are_heard(lengths, length):
    found = held_out(lengths, length, most=10**6)
    heard = [set() for _ in lengths]
    for index, start in found:
        assert start >= 0 and start + length <= max(length, lengths[index])
        heard[index] |= set(range(start, min(start + length, lengths[index])))
    assert [len(frames) for frames in heard] == lengths
    assert len(found) == sum(max(1, -(-frames // length)) for frames in lengths)
    assert found == sorted(set(found))


@given(LENGTHS, st.integers(1, 9), st.integers(1, 20))
def test_of_many_held_out_clips_so_many_are_taken_evenly(lengths, length, most):
    every, some = held_out(lengths, length, 10**6), held_out(lengths, length, most)
    assert len(some) == min(most, len(every))
    assert all(clip in every for clip in some) and some == sorted(set(some))
    if len(every) > most:
        places = [every.index(clip) for clip in some]
        gaps = np.diff([*places, places[0] + len(every)])
        assert gaps.max() - gaps.min() <= 1


def test_clips_differ_between_epochs_and_not_between_runs():
    everyone = tuple(range(13))
    run, other = (
        [make_task(train_recordings=RECORDINGS).load(Share(everyone, epoch)).wavs for epoch in range(2)]
        for _ in range(2)
    )
    assert run[0].equal(other[0]) and run[1].equal(other[1])
    long = [n for n in everyone if RECORDINGS.frame_lengths[n] > LENGTH + 3]
    assert sum(not run[0][n].equal(run[1][n]) for n in long) > len(long) / 2
