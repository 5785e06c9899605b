"""Metrics of a resynthesis against its recording: what leaves them at 0, and what each of them sees."""

import numpy as np
import pytest

from koeru.audio.griffin_lim import griffin_lim
from koeru.audio.mel import MelSpec, log_mel
from koeru.families.vocoder.measure import METRICS, Analysis, Recording, f0_parts, quantities, shares
from koeru.report.measurement import Measurement
from koeru.report.metrics import STATISTICS, Part, pooled, root_mean

SPEC = MelSpec()
RATE, HOP = SPEC.sample_rate, SPEC.hop_length
ANALYSIS = Analysis(SPEC, "dio", 71.0, 800.0)
HALF_OCTAVE = 2**0.5
RNG = np.random.default_rng(0)


def voice(hz, seconds=0.8):
    """A voice that holds a pitch for a while, between two stretches of faint noise."""
    time = np.arange(round(seconds * RATE)) / RATE
    tone = sum(np.sin(2 * np.pi * k * hz * time) / k for k in range(1, int(10_000 / hz)))
    sounds = (time > 0.2 * seconds) & (time < 0.8 * seconds)
    noise = np.random.default_rng(1).normal(0, 1e-3, len(time))
    return (0.2 * tone * sounds + noise).astype(np.float32)


@pytest.fixture(scope="module")
def recording():
    return Recording(voice(150.0), ANALYSIS)


def value(parts, name):
    (statistic,) = (quantity.statistic for quantity in METRICS if quantity.key == name)
    return pooled([parts[name]], STATISTICS[statistic])


# ---- one utterance -------------------------------------------------------------------------------------------------


def test_a_copy_is_at_0_everywhere(recording):
    parts = recording.parts(recording.wav.copy())
    assert list(parts) == [quantity.key for quantity in METRICS]
    assert all(part.total == 0 and part.count > 0 for part in parts.values())
    frames = len(recording.wav) // HOP
    assert parts["mel_l1"].count == parts["mel_l1_input"].count == frames * SPEC.n_mels
    assert parts["voicing_error"].count == frames
    assert frames // 3 < parts["log_f0_rmse_cents"].count == parts["gross_f0_errors"].count < frames


def test_half_an_octave_shows_in_cents_and_is_grossly_wrong(recording):
    parts = recording.parts(voice(150.0 * HALF_OCTAVE))
    assert value(parts, "log_f0_rmse_cents") == pytest.approx(600, abs=10)
    assert value(parts, "gross_f0_errors") == 1
    near = recording.parts(voice(150.0 * 1.1))
    assert value(near, "log_f0_rmse_cents") == pytest.approx(165, abs=10)
    assert value(near, "gross_f0_errors") == 0


def test_f0_counts_where_both_are_voiced_and_voicing_everywhere():
    natural = np.array([0.0, 100.0, 100.0, 100.0, 0.0])
    own = np.array([0.0, 119.0, 121.0, 0.0, 100.0])
    parts = f0_parts(own, natural)
    assert parts["gross_f0_errors"] == Part(1.0, 2)
    assert parts["voicing_error"] == Part(2.0, 5)
    expected = np.sqrt(np.mean(np.square(1200 * np.log2([1.19, 1.21]))))
    assert pooled([parts["log_f0_rmse_cents"]], root_mean) == pytest.approx(expected)


def test_the_full_band_sees_what_the_given_band_does_not(recording):
    spectrum = np.fft.rfft(recording.wav)
    spectrum[np.fft.rfftfreq(len(recording.wav), 1 / RATE) > SPEC.fmax + 100] = 0
    parts = recording.parts(np.fft.irfft(spectrum, len(recording.wav)).astype(np.float32))
    assert value(parts, "mel_l1") > 0.3 > 0.05 > value(parts, "mel_l1_input")


def test_griffin_lim_is_nearer_to_its_input_than_noise_of_the_same_level(recording):
    own = recording.parts(griffin_lim(log_mel(recording.wav, SPEC), SPEC, 30))
    noise = RNG.normal(0, recording.wav.std(), len(recording.wav)).astype(np.float32)
    other = recording.parts(noise)
    for name in ("mel_l1_input", "mel_l1", "stft_distance", "voicing_error"):
        assert value(own, name) < 0.6 * value(other, name), name


@pytest.mark.parametrize("silent", ["recording", "resynthesis", "both"])
def test_silence_has_no_f0_and_all_else(silent):
    quiet, speech = np.zeros(RATE // 2, dtype=np.float32), voice(150.0, 0.5)
    natural, own = {"recording": (quiet, speech), "resynthesis": (speech, quiet), "both": (quiet, quiet)}[silent]
    parts = Recording(natural, ANALYSIS).parts(own)
    assert parts["log_f0_rmse_cents"].count == parts["gross_f0_errors"].count == 0
    assert all(np.isfinite(part.total) for part in parts.values())
    assert (value(parts, "mel_l1") == 0) == (silent == "both")
    assert (value(parts, "voicing_error") == 0) == (silent == "both")


def test_samples_that_fill_no_frame_are_cut_on_both_sides(recording):
    longer = np.concatenate([recording.wav, RNG.normal(size=HOP - 1).astype(np.float32)])
    assert Recording(longer, ANALYSIS).parts(recording.wav) == recording.parts(longer) == recording.parts(recording.wav)


def test_other_frames_or_values_that_are_not_finite_are_refused(recording):
    with pytest.raises(ValueError, match=f"{len(recording.wav) - HOP} samples: {len(recording.wav)} are wanted"):
        recording.parts(recording.wav[:-HOP])
    with pytest.raises(ValueError, match="not finite"):
        recording.parts(np.full_like(recording.wav, np.nan))


def test_what_is_too_short_for_the_stft_distance_has_no_value_of_it():
    wav = voice(150.0)[4000:5024]
    parts = Recording(wav, ANALYSIS).parts(wav)
    assert parts["stft_distance"] == Part(0.0, 0) and parts["mel_l1"] == Part(0.0, 4 * SPEC.n_mels)


# ---- many ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def measured():
    """Utterances, as a vocoder of small errors and as Griffin-Lim make them."""
    own, other = [], []
    for hz in (110.0, 150.0, 190.0, 230.0):
        natural = Recording(voice(hz), ANALYSIS)
        own.append(natural.parts(voice(hz * 1.01)))
        other.append(natural.parts(griffin_lim(log_mel(natural.wav, SPEC), SPEC, 3)))
    return own, other


def pooled_of(own, griffin_lim, kind="natural", resamples=50):
    found = Measurement()
    for number, (ours, theirs) in enumerate(zip(own, griffin_lim, strict=True)):
        found.add({"id": f"u{number}", "speaker": "A", "emotion": "Normal"}, shares(kind, ours, theirs))
    found.pool(quantities(kind), resamples)
    return found


@pytest.mark.parametrize("kind", ["natural", "teacher_forced"])
def test_what_is_measured_has_values_intervals_and_ratios_on_the_same_utterances(measured, kind, tmp_path):
    found = pooled_of(*measured, kind)
    known = [found.metrics[quantity.key] for quantity in quantities(kind)]
    assert len(known) == len(found.metrics) == len(METRICS)
    for metric in known:
        for one in (metric, metric.baselines["griffin_lim"]):
            assert one.interval_95[0] <= one.value <= one.interval_95[1] and one.without_value == 0
        assert metric.utterances == len(measured[0])
    mel, *_, f0_error, _, voicing = known
    for metric in (*known[:4], voicing):
        baseline = metric.baselines["griffin_lim"]
        assert baseline.ratio_interval_95[0] <= metric.value / baseline.value <= baseline.ratio_interval_95[1]
    assert mel.baselines["griffin_lim"].ratio_interval_95[1] < 1
    assert 10 < f0_error.value < 50  # a hundredth is 17, and at its ends a voice is hard to tell
    found.write(tmp_path)
    assert Measurement.read(tmp_path) == found == pooled_of(*measured, kind)


def test_what_has_no_value_anywhere_is_null_and_what_lacks_one_is_counted(measured):
    unvoiced = f0_parts(np.zeros(9), np.full(9, 100.0))
    nothing = [parts | unvoiced for parts in measured[0]]
    told = pooled_of(nothing, measured[1], resamples=20).metrics
    f0_error = told["log_f0_rmse_cents"]
    assert f0_error.value is f0_error.interval_95 is f0_error.baselines["griffin_lim"].ratio_interval_95 is None
    assert {key: m.without_value for key, m in told.items() if m.without_value} == {
        "log_f0_rmse_cents": 4,
        "gross_f0_errors": 4,
    }
    told = pooled_of([*nothing[:1], *measured[0][1:]], measured[1], resamples=20).metrics
    assert told["log_f0_rmse_cents"].value > 0 and told["log_f0_rmse_cents"].without_value == 1
