import numpy as np
import pytest

from koeru.audio.mel import MelSpec
from koeru.audio.world import F0_CEIL, F0_FLOOR, spectral_envelope, synthesise
from koeru.families.vc.measure.baselines import Baselines, heard
from koeru.families.vc.measure.distance import CEPSTRUM, DURATION, F0, Heard, distances
from koeru.report.metrics import pooled, root_mean
from koeru.stand_in.pair import SOURCE, TARGET, sentences, speak_as
from koeru.stand_in.voice import SAMPLE_RATE, resample, speak

SPEC = MelSpec()
COUPLE = SOURCE, TARGET
RNG = np.random.default_rng(0)


def recorded(speech):
    return resample(speech.samples / 32768, SAMPLE_RATE, SPEC.sample_rate)


def analysed(wav):
    sp, hz = spectral_envelope(wav.astype(np.float64), SPEC.sample_rate)
    return {"sp": sp, "f0": hz}


def listen(wav):
    return heard(wav.astype(np.float64), SPEC, "dio", F0_FLOOR, F0_CEIL)


def sounds(n_frames, hz=200.0):
    return {"sp": RNG.normal(size=(n_frames, 34)).astype(np.float32), "f0": np.full(n_frames, hz, np.float32)}


def errors(made, target):
    parts = distances(made, target)
    return {F0.key: pooled([parts[F0.key]], root_mean)} | {q.key: pooled([parts[q.key]]) for q in (CEPSTRUM, DURATION)}


@pytest.fixture(scope="module")
def pairs():
    """Recordings of some sentences by the source and the target of the stand-in pair."""
    return [tuple(recorded(speak_as(speaker, text)) for speaker in COUPLE) for text in sentences(0.3)]


def test_world_leaves_at_least_100_cents_of_the_stand_in_pair(pairs):
    """No map of frames, however well it is aligned, gives the target's accents; and time is not stretched evenly."""
    *training, first, second = pairs
    baselines = Baselines()
    for source, target in training:
        baselines.add(COUPLE, analysed(source), analysed(target))
    parts = []
    for source, target in (first, second):
        made = listen(baselines.world(COUPLE, analysed(source), SPEC.sample_rate))
        parts.append(distances(made, listen(target)))
        assert parts[-1][F0.key].count > 100
    assert pooled([part[F0.key] for part in parts], root_mean) > 100


def test_world_finds_a_voice_that_a_map_of_frames_explains():
    """One that is the source's own, by WORLD at another F0, envelope and rate: nearly nothing is left of it."""
    texts = ("雨の朝、飴を二つ買いました。", "海の見える丘で、古い歌を歌いました。")
    colour = np.zeros(34)
    colour[1:4] = 0.5, -0.4, 0.3  # of a mel-cepstrum
    arrays = [analysed(recorded(speak(text))) for text in texts]

    def other(own):
        mean = np.log(150) - 0.7 * np.log(220)
        hz = np.where(own["f0"] > 0, np.exp(0.7 * np.log(np.maximum(own["f0"], 1)) + mean), 0.0)
        return synthesise(hz, own["sp"] + colour, SPEC.sample_rate, 5.0 * 1.25)

    baselines = Baselines()
    for own in arrays:
        baselines.add(COUPLE, own, analysed(other(own)))
    assert baselines.ratio(COUPLE) == pytest.approx(1.25, rel=0.01)
    target = listen(other(arrays[0]))
    mapped = errors(listen(baselines.world(COUPLE, arrays[0], SPEC.sample_rate)), target)
    stretched = errors(baselines.stretched(COUPLE, listen(recorded(speak(texts[0])))), target)
    assert mapped[F0.key] < 40 < 400 < stretched[F0.key]
    assert mapped[CEPSTRUM.key] < 0.6 * stretched[CEPSTRUM.key]
    assert mapped[DURATION.key] < 0.01 and stretched[DURATION.key] < 0.01


def test_stretching_is_linear_and_takes_the_voicing_of_the_nearest_frame():
    baselines = Baselines()
    baselines.add(COUPLE, sounds(100), sounds(150))
    baselines.add(COUPLE, sounds(100), sounds(250))
    ramp = np.arange(30.0)
    source = Heard(np.stack([ramp, -ramp], axis=1), ramp / 10, ramp >= 15)
    made = baselines.stretched(COUPLE, source)
    at = np.clip((np.arange(60) + 0.5) / 2 - 0.5, 0, 29)
    np.testing.assert_allclose(made.mel, np.stack([at, -at], axis=1))
    np.testing.assert_allclose(made.log_f0, at / 10)
    assert made.voiced.tolist() == [False] * 30 + [True] * 30
    one = baselines.stretched(COUPLE, Heard(np.ones((1, 2)), np.ones(1), np.ones(1, dtype=bool)))
    assert one.mel.shape == (2, 2) and one.voiced.all()


def test_each_couple_has_means_of_its_own():
    baselines = Baselines()
    baselines.add(("a", "b"), sounds(100), sounds(150))
    baselines.add(("a", "c"), sounds(100), sounds(50))
    assert (baselines.ratio(("a", "b")), baselines.ratio(("a", "c"))) == (1.5, 0.5)
    with pytest.raises(ValueError, match="no voiced training pair of b and a"):
        baselines.ratio(("b", "a"))


def test_sources_of_one_f0_are_moved_and_those_without_any_are_refused():
    constant, unvoiced = Baselines(), Baselines()
    constant.add(COUPLE, sounds(100, 200.0), sounds(100, 100.0))
    made = listen(constant.world(COUPLE, {"sp": np.zeros((200, 34)) - 5, "f0": np.full(200, 200.0)}, SPEC.sample_rate))
    assert np.exp(np.median(made.log_f0[made.voiced])) == pytest.approx(100, rel=0.02)
    unvoiced.add(COUPLE, sounds(100, 0.0), sounds(100))
    with pytest.raises(ValueError, match="no voiced training pair"):
        unvoiced.world(COUPLE, sounds(100), SPEC.sample_rate)


def test_what_has_no_voiced_frame_is_heard_as_such():
    made = listen(RNG.normal(0, 1e-3, SPEC.sample_rate // 2))
    assert not made.voiced.any() and np.isfinite(made.log_f0).all() and len(made.mel) == len(made.voiced)


def test_kept_are_sums_alone():
    """Some bytes, however many pairs and however long."""
    baselines = Baselines()
    for n_frames in (50, 5000):
        baselines.add(COUPLE, sounds(n_frames), sounds(n_frames))
    kept = [value for sums in baselines._sums[COUPLE] for value in vars(sums).values()]
    assert sum(np.asarray(value).nbytes for value in kept) < 1000
