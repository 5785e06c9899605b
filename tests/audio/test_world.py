"""F0 of known signals, at the times where the frames are."""

import numpy as np
import pytest
import pyworld
from hypothesis import given, settings
from hypothesis import strategies as st

from koeru.audio.world import UnvoicedError, f0, interpolate_log_f0, spectral_envelope, synthesise
from koeru.config.references import envelope_bins

RATE, HOP = 22050, 256


def pulse_like(hz: np.ndarray) -> np.ndarray:
    """A harmonic signal of momentary frequency `hz` (N,)."""
    phase = 2 * np.pi * np.cumsum(hz) / RATE
    return 0.05 * sum(np.sin(k * phase) for k in range(1, 20))


@pytest.mark.parametrize("method", ["dio", "harvest"])
@pytest.mark.parametrize("hz", [90.0, 220.0, 440.0])
def test_a_steady_tone_has_its_frequency(hz, method):
    track = f0(pulse_like(np.full(RATE // 2, hz)), RATE, HOP, method)
    inside = track[4:-4]
    assert (inside > 0).all()
    np.testing.assert_allclose(inside, hz, rtol=2e-3)


@pytest.mark.parametrize("method", ["dio", "harvest"])
def test_f0_is_sampled_at_the_frame_centres(method):
    slope = 100.0  # Hz a second: an error of time is an error of F0
    samples = np.arange(RATE * 2)
    track = f0(pulse_like(120 + slope * samples / RATE), RATE, HOP, method)
    assert len(track) == len(samples) // HOP
    centres = (np.arange(len(track)) + 0.5) * HOP  # samples
    late = (track - (120 + slope * centres / RATE))[8:-8] / slope
    assert np.abs(late).max() < 3e-3 and abs(late.mean()) < 1e-3  # seconds; half a hop is 5.8e-3


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 8000), st.sampled_from([100, 128, 255, 256, 300]))
def test_there_are_as_many_frames_as_hops(n_samples, hop_length):
    wav = 0.1 * np.sin(0.05 * np.arange(n_samples))
    assert len(f0(wav, RATE, hop_length)) == n_samples // hop_length


def test_limits_bound_the_track():
    track = f0(pulse_like(np.full(RATE // 2, 300.0)), RATE, HOP, f0_floor=71, f0_ceil=200)
    assert track.max() <= 200 * 1.1  # StoneMask may refine a little beyond


def test_interpolation_is_linear_in_log_and_held_at_the_ends():
    log_f0, voiced = interpolate_log_f0(np.array([0, 100, 0, 0, 800, 0.0]))
    np.testing.assert_allclose(np.exp(log_f0), [100, 100, 200, 400, 800, 800], rtol=1e-5)
    assert voiced.tolist() == [0, 1, 0, 0, 1, 0]
    assert log_f0.dtype == np.float32 and voiced.dtype == np.uint8


@given(st.lists(st.sampled_from([0.0, 80.0, 200.0, 500.0]), min_size=1, max_size=50).filter(any))
def test_interpolation_keeps_voiced_values_and_leaves_their_range_nowhere(values):
    hz = np.array(values)
    log_f0, voiced = interpolate_log_f0(hz)
    np.testing.assert_allclose(np.exp(log_f0[voiced == 1]), hz[hz > 0], rtol=1e-5)
    assert log_f0.min() >= np.log(hz[hz > 0].min()) - 1e-5 and log_f0.max() <= np.log(hz.max()) + 1e-5


def test_no_voiced_frame_is_an_error():
    silent = f0(np.zeros(RATE), RATE, HOP)
    with pytest.raises(UnvoicedError, match="none of 86 frames"):
        interpolate_log_f0(silent)


def test_envelope_and_its_f0_share_their_frames(voice):
    wav = voice(0.5)
    coded, hz = spectral_envelope(wav, RATE)
    assert coded.dtype == hz.dtype == np.float32
    assert coded.shape == (len(hz), 34) and len(hz) == 101
    assert np.isfinite(coded).all()


def test_envelope_follows_the_level(voice):
    wav = voice(0.5)
    quiet, _ = spectral_envelope(wav * np.float32(0.1), RATE)
    loud, hz = spectral_envelope(wav, RATE)
    steady = np.flatnonzero(hz > 0)[5:-5]
    assert len(steady) > 50
    assert (loud[steady, 0] > quiet[steady, 0]).all()
    np.testing.assert_allclose(loud[steady, 1:], quiet[steady, 1:], atol=0.05)


@pytest.mark.parametrize(
    ("wav", "words"),
    [
        (np.zeros(0), "mono waveform"),
        (np.zeros((2, 99)), "mono waveform"),
        (np.zeros(999, dtype=np.int16), "mono waveform"),
        (np.array([0, 0, np.nan, 0.0]), "sample 2 is not finite"),
    ],
)
def test_wrong_signals_are_refused(wav, words):
    for extract in (lambda: f0(wav, RATE, HOP), lambda: spectral_envelope(wav, RATE)):
        with pytest.raises(ValueError, match=words):
            extract()


def test_wrong_settings_are_refused():
    wav = np.zeros(RATE)
    with pytest.raises(ValueError, match=r"crepe.*dio, harvest"):
        f0(wav, RATE, HOP, "crepe")
    with pytest.raises(ValueError, match="f0_floor"):
        f0(wav, RATE, HOP, f0_floor=500, f0_ceil=100)


# ---- speech of F0 and the envelope ---------------------------------------------------------------------------------


@pytest.fixture
def coded_voice(voice):
    """F0 (T5,) and the coded envelope of a second and a half."""
    coded, hz = spectral_envelope(voice(1.5), RATE)
    return hz, coded


def test_speech_made_of_f0_and_envelope_has_them(coded_voice):
    hz, coded = coded_voice
    again, track = spectral_envelope(synthesise(hz, coded, RATE), RATE)
    again, track = again[: len(hz)], track[: len(hz)]
    both = (hz > 0) & (track > 0)
    assert both.mean() > 0.95 and ((hz > 0) == (track > 0)).mean() > 0.95
    cents = 1200 * np.log2(track[both] / hz[both])
    assert abs(np.median(cents)) < 2 and np.percentile(np.abs(cents), 95) < 15
    moves = np.abs(coded[both] - coded[both].mean(axis=0)).mean()
    assert np.abs(again[both] - coded[both]).mean() < moves / 4


def test_what_is_unvoiced_stays_unvoiced_and_keeps_its_envelope(coded_voice):
    hz, coded = coded_voice
    again, track = spectral_envelope(synthesise(np.zeros_like(hz), coded, RATE), RATE)
    assert (track > 0).mean() < 0.02
    assert abs((again[: len(hz)] - coded).mean(axis=0)).max() < 0.3


def test_only_the_voiced_half_is_heard_as_voiced(coded_voice):
    hz, coded = coded_voice
    half = len(hz) // 2
    _, track = spectral_envelope(synthesise(np.where(np.arange(len(hz)) < half, hz, 0), coded, RATE), RATE)
    assert (track[: half - 5] > 0).mean() > 0.9 and (track[half + 5 :] > 0).mean() < 0.05


def test_the_high_bands_of_a_voice_are_noise_and_the_low_ones_are_not(voice):
    coded, _ = spectral_envelope(voice(1.0), RATE)
    hz, lag = 210.0, 105  # a period in samples
    wav = synthesise(np.full(len(coded), hz), coded.mean(axis=0, keepdims=True).repeat(len(coded), axis=0), RATE)
    spectrum, at = np.fft.rfft(wav), np.fft.rfftfreq(len(wav), 1 / RATE)

    def repeats(low, high):
        """How much a band is like itself a period later."""
        band = np.fft.irfft(np.where((at >= low) & (at < high), spectrum, 0), len(wav))
        return np.corrcoef(band[lag:], band[:-lag])[0, 1]

    assert repeats(100, 1500) > 0.95
    assert repeats(7500, 11000) < 0.6


@pytest.mark.parametrize("n_frames", [1, 2, 50])
def test_speech_is_as_long_as_its_frames_and_always_the_same(coded_voice, n_frames):
    hz, coded = (values[:n_frames] for values in coded_voice)
    wav = synthesise(hz, coded, RATE)
    assert wav.dtype == np.float32 and len(wav) == int(n_frames * 0.005 * RATE) and np.isfinite(wav).all()
    np.testing.assert_array_equal(wav, synthesise(hz, coded, RATE))


@pytest.mark.parametrize(
    ("hz", "coded", "words"),
    [
        (np.zeros(0), np.zeros((0, 34)), r"\(T5,\) and a coded envelope \(T5, n_coded\)"),
        (np.zeros(3), np.zeros((4, 34)), r"got \(3,\) and \(4, 34\)"),
        (np.zeros(3), np.zeros((3, 0)), "are wanted"),
        (np.zeros((3, 1)), np.zeros((3, 34)), "are wanted"),
        (np.array([0, np.nan, 0]), np.zeros((3, 34)), "F0 of 3 frames: not all values are finite"),
        (np.zeros(3), np.full((3, 34), np.inf), "the envelope of 3 frames: not all values are finite"),
        (np.array([0, 0, -1.0]), np.zeros((3, 34)), "frame 2 has an F0 of -1 Hz: unvoiced frames have 0"),
    ],
)
def test_what_is_no_speech_is_refused(hz, coded, words):
    with pytest.raises(ValueError, match=words):
        synthesise(hz, coded, RATE)


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 24000, 44100, 48000, 96000])
def test_the_configuration_knows_how_many_bins_an_envelope_has(rate):
    assert envelope_bins(rate) == pyworld.get_cheaptrick_fft_size(rate) // 2 + 1
