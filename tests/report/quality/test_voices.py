"""What is measured of a speaker, on frames whose properties are known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from koeru.report.quality.dataset import Source
from koeru.report.quality.voices import F0, SpeakerSums, rate, shared_sentences

SILENCES = ("sil", "pau")
HZ = st.lists(st.floats(60, 900), min_size=1, max_size=60)


def labels(phones=("sil", "a", "k", "a", "sil"), durations=(10, 20, 10, 20, 40), seconds=1.0):
    return {"phones": list(phones), "durations": list(durations), "n_frames": sum(durations), "seconds": seconds}


def voice(*segments, level=-25.0, hz=200.0, voiced=True):
    made = SpeakerSums(SILENCES)
    for record in segments:
        frames = record["n_frames"]
        made.add_segment(record, level, np.full(frames, np.log(hz)), np.full(frames, int(voiced), np.uint8))
    return made


def recording(n_samples=22050, hz=11025.0, rate=48000, n_channels=1, encoding="PCM_16", clipped=0.0):
    facts = {"sample_rate": rate, "n_channels": n_channels, "encoding": encoding, "bandwidth_hz": hz}
    return {"n_samples": n_samples, "seconds": n_samples / 22050, "clipped": clipped, "facts": facts}


@given(HZ)
def test_quantiles_of_f0_are_exact_to_a_cent(hz):
    f0 = F0()
    for part in np.array_split(np.log(hz), 3):
        f0.add(part)
    assert f0.total == len(hz)
    for share in (0.05, 0.5, 0.95):
        exact = np.percentile(hz, 100 * share, method="inverted_cdf")
        assert 1200 * abs(np.log2(f0.quantile(share) / exact)) <= 1


@given(HZ)
def test_f0_is_counted_once_each(hz):
    f0 = F0()
    f0.add(np.log(hz))
    values, counts = f0.hz()
    assert counts.sum() == len(hz) and (counts > 0).all()
    assert values.min() == pytest.approx(min(hz), rel=1e-3) and values.max() == pytest.approx(max(hz), rel=1e-3)


def test_what_lies_beyond_an_octave():
    f0 = F0()
    f0.add(np.log([200.0] * 96 + [390.0, 105.0, 410.0, 95.0]))
    assert f0.beyond_an_octave() == pytest.approx(0.02)
    assert F0().beyond_an_octave() == 0 and np.isnan(F0().quantile(0.5))


def test_f0_beyond_all_bins_is_still_counted():
    f0 = F0()
    f0.add(np.log([1.0, 1e6]))
    assert f0.total == 2


def test_f0_takes_no_more_memory_for_more_frames():
    small, large = F0(), F0()
    small.add(np.log([200.0]))
    for _ in range(50):
        large.add(np.full(10_000, np.log(200.0)))
    assert large.total == 500_000 and large.counts.nbytes == small.counts.nbytes < 200_000


def test_shares_of_frames():
    made = voice(labels(), labels(voiced := ("sil", "a", "pau", "a", "sil"), (25, 25, 25, 25, 0)))
    made.add_unvoiced(labels())
    assert voiced and made.voiced_share == pytest.approx(200 / 300)
    assert made.silence_share == pytest.approx((50 + 50 + 50) / 300)


def test_the_rate_leaves_silence_out():
    assert rate(labels(), SILENCES) == pytest.approx(3 / 0.5)
    paused = labels(("sil", "a", "pau", "k", "a", "sil"), (10, 10, 30, 20, 20, 10), 2.0)
    assert rate(paused, SILENCES) == pytest.approx(3 / 1.0)
    assert rate(paused, ("sil", "-")) == pytest.approx(4 / 1.6), "another language has other names of silence"
    assert rate(labels(("sil", "sil"), (10, 10)), SILENCES) == 0


def test_rate_outliers_are_half_and_double_the_median():
    usual = [labels(seconds=1.0)] * 8
    assert voice(*usual, labels(seconds=1.9), labels(seconds=0.6)).rate_outliers == 0
    assert voice(*usual, labels(seconds=2.1), labels(seconds=0.4)).rate_outliers == pytest.approx(0.2)


def test_levels_spread_from_the_5th_to_the_95th_percentile():
    made = SpeakerSums(SILENCES)
    made.levels_dbfs.extend(np.linspace(-40, -20, 101))
    assert made.level_spread_db == pytest.approx(18)


def test_clipping_is_weighted_by_samples():
    made = SpeakerSums(SILENCES)
    made.add_recording(recording(1000, clipped=0.01))
    made.add_recording(recording(9000))
    assert made.clipped_share == pytest.approx(0.001)


def test_recordings_are_told_by_what_they_were():
    made = SpeakerSums(SILENCES)
    for seconds, hz in ((1, 11025.0), (2, None), (3, 8000.0)):
        made.add_recording(recording(seconds * 22050, hz))
    made.add_recording(recording(22050, 3900.0, rate=8000, encoding="ULAW"))
    made.add_recording(recording(11025, None, n_channels=2, encoding="FLOAT"))
    assert made.recorded.sources("A") == [
        Source("A", 48000, 1, "16 bit", 3, 6.0, 8000.0),
        Source("A", 8000, 1, "µ-law", 1, 1.0, 3900.0),
        Source("A", 48000, 2, "32 bit float", 1, 0.5, 0.0),
    ]
    assert made.recorded.by_hz == {3900: 1, 8000: 1, 11025: 1}


@pytest.mark.parametrize(
    ("narrow", "wide", "reached"),
    [([1] * 12, [1] * 12, 3900), ([1] * 3, [1] * 20, 3900), ([1], [1] * 23, 8000), ([1] * 20, [30] * 10, 8000)],
    ids=["half", "an eighth", "an odd one", "short ones"],
)
def test_the_bandwidth_is_what_nine_tenths_of_the_time_reach(narrow, wide, reached):
    made = SpeakerSums(SILENCES)
    for hz, lengths in ((3900.0, narrow), (8000.0, wide)):
        for seconds in lengths:
            made.add_recording(recording(seconds * 22050, hz))
    assert made.recorded.bandwidth_hz == reached


def test_what_could_not_be_measured_reaches_nothing():
    made = SpeakerSums(SILENCES)
    made.add_recording(recording(hz=None))
    assert made.recorded.bandwidth_hz == 0 and not made.recorded.by_hz


def test_trimmed_energy_is_weighted_by_energy():
    made = SpeakerSums(SILENCES)
    made.add_trimmed({"energy": 90.0, "energy_share": 0.0, "seconds": 0.0, "loudest_dbfs": None})
    made.add_trimmed({"energy": 10.0, "energy_share": 0.5, "seconds": 0.7, "loudest_dbfs": -31.0})
    assert made.removed_energy_share == pytest.approx(0.05)
    made.add_muted({"energy": 10.0, "energy_share": 0.2})
    assert made.removed_energy_share == pytest.approx(0.07)
    assert list(made.trimmed_s) == pytest.approx([0.7]) and list(made.loudest_dbfs) == [-31.0]


def test_shared_sentences():
    assert shared_sentences([1, 2**64 - 1], [1, 3, 1, 4]) == 0.5
    assert shared_sentences([1], [2]) == shared_sentences([1], []) == 0
