"""Pitch is moved by just the ratio that is wanted; timing stays, and so do formants."""

import numpy as np
import pytest

from koeru.audio.griffin_lim import griffin_lim
from koeru.audio.mel import MelSpec, log_mel
from koeru.audio.pitch_shift import against, pitched
from koeru.audio.world import f0

SPEC = MelSpec()
CENTS = 1200 / np.log(2)


def vowel(log_f0: np.ndarray, formants=(700, 1200, 2600)) -> np.ndarray:
    """Harmonics (N,) of a pitch, ln Hz, that is given every sample, under formants, with some breath."""
    phase = 2 * np.pi * np.cumsum(np.exp(log_f0)) / SPEC.sample_rate
    wav = np.zeros(len(log_f0))
    for number in range(1, 40):
        hz = number * np.exp(log_f0)
        gain = sum(np.exp(-(((hz - centre) / 150) ** 2)) for centre in formants) + 0.01
        wav += np.where(hz < 7600, gain / number, 0) * np.cos(number * phase)
    breath = np.random.default_rng(0).normal(0, 1e-3, len(wav))
    return (0.1 * wav + breath).astype(np.float32)


def gliding(f0: float = 160.0, seconds: float = 1.0) -> np.ndarray:
    return np.log(np.linspace(f0, 1.4 * f0, round(seconds * SPEC.sample_rate)))


def of_frames(log_f0: np.ndarray, mel: np.ndarray) -> np.ndarray:
    return np.interp(np.arange(len(mel)) + 0.5, np.arange(len(log_f0)) / SPEC.hop_length, log_f0)


def spoken(mel: np.ndarray) -> np.ndarray:
    return griffin_lim(mel, SPEC, 30).astype(np.float32)


def track(wav: np.ndarray) -> np.ndarray:
    return f0(wav.astype(np.float64), SPEC.sample_rate, SPEC.hop_length, "harvest")


@pytest.mark.parametrize("lowest", [110, 160, 300, 400])
@pytest.mark.parametrize("semitones", [-5, -2, 2, 5])
def test_the_median_moves_by_as_much_as_is_wanted(lowest, semitones):
    """Of low voices and high ones, frame by frame; that the pitch is known to a sixth only changes nothing."""
    mel = log_mel(vowel(gliding(lowest)), SPEC)
    ratios, known = np.full(len(mel), 2 ** (semitones / 12)), of_frames(gliding(lowest), mel)
    own = track(spoken(mel))
    moved = track(pitched(mel, known + 0.15 * np.sin(np.arange(len(mel))), ratios, SPEC, spoken))
    both = (own > 0) & (moved > 0)
    assert both.mean() > 0.8
    assert np.median(CENTS * np.log(moved[both] / own[both])) == pytest.approx(100 * semitones, abs=10)


def test_ratios_that_change_move_every_frame_by_its_own():
    mel = log_mel(vowel(np.full(22050, np.log(180.0))), SPEC)
    known = np.full(len(mel), np.log(180.0))
    wanted = np.interp(np.arange(len(mel)), [20, 60], [0, 400])  # cents
    moved = track(pitched(mel, known, np.exp(wanted / CENTS), SPEC, spoken))
    inner = (moved > 0) & (np.arange(len(mel)) > 5) & (np.arange(len(mel)) < len(mel) - 5)
    error = CENTS * np.log(moved[inner] / 180) - wanted[inner]
    assert np.abs(np.median(error)) < 10 and np.abs(error).max() < 40


def test_timing_stays():
    """A short noise in silence is where it was, and as long."""
    wav = np.zeros(22050, np.float32)
    wav[9000:12000] = np.random.default_rng(1).normal(0, 0.1, 3000)
    mel = log_mel(wav, SPEC)
    for semitones in (-4, 4):
        moved = pitched(mel, np.full(len(mel), np.log(180.0)), np.full(len(mel), 2 ** (semitones / 12)), SPEC, spoken)
        assert len(moved) == len(mel) * SPEC.hop_length
        power = np.convolve(np.square(moved), np.ones(256) / 256, "same")
        loud = np.flatnonzero(power > power.max() / 4)
        assert loud[0] == pytest.approx(9000, abs=400) and loud[-1] == pytest.approx(12000, abs=400)


@pytest.mark.parametrize("semitones", [-4, 4])
def test_formants_stay(semitones):
    """The envelope is nearer to what it was than if all frequencies had moved."""
    mel = log_mel(vowel(np.full(22050, np.log(120.0))), SPEC)
    known, ratios = np.full(len(mel), np.log(120.0)), np.full(len(mel), 2 ** (semitones / 12))

    def smooth(values):
        return np.convolve(values[10:-10].mean(0), np.ones(9) / 9, "valid")

    own = smooth(log_mel(spoken(mel), SPEC))
    kept = smooth(log_mel(pitched(mel, known, ratios, SPEC, spoken), SPEC))
    lost = smooth(mel - against(mel, known, ratios, SPEC)) + own
    assert np.abs(kept - own).mean() < 0.6 * np.abs(lost - own).mean()


def test_without_a_wish_nothing_is_done():
    mel = log_mel(vowel(gliding(seconds=0.3)), SPEC)
    known, ratios = np.full(len(mel), np.log(190.0)), np.ones(len(mel))
    assert np.array_equal(pitched(mel, known, ratios, SPEC, spoken), spoken(mel))
    np.testing.assert_allclose(against(mel, known, ratios, SPEC), mel, atol=1e-4)


def test_what_is_read_faster_does_not_fold_back():
    """A tone that would lie above half the sample rate is gone, not at another frequency."""
    seconds = np.arange(22050) / SPEC.sample_rate
    mel = np.zeros((20, SPEC.n_mels), np.float32)
    known, ratios = np.full(20, np.log(200.0)), np.full(20, 2.0)
    high = pitched(mel, known, ratios, SPEC, lambda slow: np.cos(2 * np.pi * 8000 * seconds[: 256 * len(slow)]))
    low = pitched(mel, known, ratios, SPEC, lambda slow: np.cos(2 * np.pi * 1000 * seconds[: 256 * len(slow)]))
    assert np.sqrt(np.mean(high[500:-500] ** 2)) < 0.03
    assert np.sqrt(np.mean(low[500:-500] ** 2)) == pytest.approx(np.sqrt(0.5), rel=0.02)
    peak = np.argmax(np.abs(np.fft.rfft(low[500:4596] * np.hanning(4096)))) * SPEC.sample_rate / 4096
    assert peak == pytest.approx(2000, abs=6)


@pytest.mark.parametrize("ratios", [np.ones(3), np.zeros(4), np.full(4, 5.0), np.full(4, np.nan)])
def test_ratios_that_make_no_sense_are_refused(ratios):
    with pytest.raises(ValueError, match="4 ratios from 1/4 to 4 are wanted"):
        pitched(np.zeros((4, SPEC.n_mels)), np.full(4, 5.0), ratios, SPEC, spoken)
