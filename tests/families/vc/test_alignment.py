"""Durations are exact, follow a known warp, and put the phones of one voice upon those of another."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koeru.audio.energy import level_dbfs, log_energy
from koeru.audio.mel import MelSpec, log_mel
from koeru.audio.warping import Warp, warp
from koeru.families.vc.alignment import Aligner, durations, features, spread
from koeru.stand_in.voice import SAMPLE_RATE, speak

SPEC = MelSpec(SAMPLE_RATE, n_fft=2048, hop_length=512, win_length=2048)
FRAME_S = SPEC.hop_length / SPEC.sample_rate
SILENT = -60.0
TEXT = "母が朝ご飯を作る、父は駅まで歩く。"


def aligner(factor, silence_thresh=SILENT):
    return Aligner(factor, round(2 / (FRAME_S * factor)), penalty_db=12.0, silence_thresh=silence_thresh)


class Said:
    """A sentence by a voice: mel (T, M), levels (T,) in dBFS, and the frames at which its phones begin."""

    def __init__(self, voice):
        speech = speak(TEXT, voice)
        wav = (speech.samples / 32768).astype(np.float32)
        self.mel = log_mel(wav, SPEC)
        stft = SPEC.n_fft, SPEC.hop_length, SPEC.win_length
        self.levels = level_dbfs(log_energy(wav, *stft), SPEC.n_fft, SPEC.win_length)
        self.onsets = np.array([interval.start for interval in speech.intervals[1:]]) / FRAME_S
        self.phones = [interval.phone for interval in speech.intervals]


@pytest.fixture(scope="module")
def said():
    return {voice: Said(voice) for voice in ("Teacher", "MStudent")}


def mapped(found, factor, frames):
    """Where frames of the source are in the target, by durations of reduced frames."""
    ends = np.concatenate([[0], np.cumsum(found)]) * factor
    return np.interp(frames, np.arange(len(ends)) * factor, ends)


def rates(phones):
    """How much longer each phone is to be: by turns, so that no straight line explains it."""
    return np.array([(1.0, 1.6, 0.7, 1.3)[index % 4] for index in range(len(phones))])


@pytest.mark.parametrize("factor", [1, 2, 3, 4])
@pytest.mark.parametrize("cut", [0, 1, 2])
def test_a_known_warp_is_recovered_to_one_reduced_frame(said, factor, cut):
    """The same mel, each phone stretched by a factor of its own; the lengths are not multiples of the factor."""
    source = said["Teacher"]
    bounds = np.array([0, *source.onsets, len(source.mel)])
    warped = np.concatenate([[0], np.cumsum(np.diff(bounds) * rates(source.phones))])
    moments = np.interp(np.arange(int(warped[-1]) - cut) + 0.5, warped, bounds) - 0.5
    target = np.stack([np.interp(moments, np.arange(len(source.mel)), band) for band in source.mel.T], axis=1)
    found, _ = aligner(factor, silence_thresh=-200)(source.mel, source.levels, target)
    assert len(found) == -(-len(source.mel) // factor) and found.sum() == -(-len(target) // factor)
    errors = np.abs(mapped(found, factor, source.onsets) - warped[1:-1])
    half = 0.5  # a frame: onsets in source and target lie between frames
    assert errors.max() <= factor + half and np.median(errors) <= 0.5 * factor


@pytest.mark.parametrize("factor", [1, 3])
def test_another_voice_begins_its_phones_where_it_does(said, factor):
    """Half of the phones to within 20 ms, or half a reduced frame; and of voiced sounds few have a frame skipped."""
    source, target = said["Teacher"], said["MStudent"]
    assert source.phones == target.phones
    found, way = aligner(factor)(source.mel, source.levels, target.mel)
    errors = np.abs(mapped(found, factor, source.onsets) - target.onsets) * FRAME_S
    assert np.median(errors) <= max(0.01, factor * FRAME_S / 2) and np.quantile(errors, 0.95) < 0.05
    ratio = len(target.mel) / len(source.mel)
    assert (found == 0).mean() < max(0.0, 1 - ratio) + 0.05
    assert not way.at_edge


def test_a_steady_difference_of_voices_is_none(said):
    mel = said["Teacher"].mel
    assert np.allclose(features(mel + np.linspace(-1, 2, mel.shape[1]), 3), features(mel, 3), atol=1e-3)


def test_distances_are_in_decibels():
    """Bands that rise by 6 dB after one second, against bands that fall by as much: 6 dB apart at either end."""
    step = np.repeat([[0.0], [np.log(10) * 6 / 20]], 50, axis=0) * np.ones(80)
    apart = np.linalg.norm(features(step, 1) - features(-step, 1), axis=1)
    assert apart[[10, -10]] == pytest.approx(6, rel=1e-3)


def a_way(rows, columns):
    return Warp(np.array(rows), np.array(columns), 0.0, False)


def test_a_source_that_waits_lasts_longer_and_one_that_hurries_gets_nothing():
    assert durations(a_way([0, 0, 0, 1, 2, 3], [0, 1, 2, 3, 3, 3])).tolist() == [3, 1, 0, 0]


@settings(deadline=None, max_examples=60)
@given(n=st.integers(1, 40), m=st.integers(1, 40), half_width=st.integers(0, 40), seed=st.integers(0, 2**16))
def test_durations_sum_to_the_target_whatever_is_aligned(n, m, half_width, seed):
    rng = np.random.default_rng(seed)
    a, b = (rng.standard_normal((length, 3)).astype(np.float32) for length in (n, m))
    found = durations(warp(a, b, half_width))
    assert found.dtype == np.int32 and len(found) == n and found.sum() == m and (found >= 0).all()


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30), st.booleans()), min_size=1, max_size=40))
def test_silence_is_spread_evenly_and_nothing_else_moves(frames):
    given_, silent = (np.array(each) for each in zip(*frames, strict=True))
    made = spread(given_.astype(np.int32), silent)
    assert made.sum() == given_.sum() and np.array_equal(made[~silent], given_[~silent])
    edges = np.flatnonzero(np.diff(silent, prepend=False, append=False)).reshape(-1, 2)
    for start, stop in edges:
        assert made[start:stop].sum() == given_[start:stop].sum()
        assert np.ptp(made[start:stop]) <= 1


def test_a_pause_that_is_longer_in_the_target_grows_evenly(said):
    """The pause in the sentence, three times as long: its frames last three times as long, one like the other."""
    source = said["Teacher"]
    at = source.phones.index("pau")
    start, stop = (round(source.onsets[at - 1 + k]) for k in (0, 1))
    middle = (start + stop) // 2
    quiet = np.repeat(source.mel[middle : middle + 1], 2 * (stop - start), axis=0)
    target = np.concatenate([source.mel[:middle], quiet, source.mel[middle:]])
    found, _ = aligner(1, silence_thresh=-55)(source.mel, source.levels, target)
    inside = found[start + 3 : stop - 3]
    assert source.levels[start + 3 : stop - 3].max() < -55
    assert np.ptp(inside) <= 1 and inside.mean() > 2.5
