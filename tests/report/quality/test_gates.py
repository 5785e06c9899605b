"""A healthy voice passes every gate by default, and what went wrong with real datasets passes none of it."""

import numpy as np
import pytest

from koeru.config.base import defaults
from koeru.config.spk import Gates
from koeru.report.quality.gates import MEASURES, RULES, gates
from koeru.report.quality.voices import SpeakerSums

LIMITS = defaults(Gates)
SILENCES = ("sil", "pau")
N = 400  # frames of a segment


def voice(
    hz=200.0, voiced=0.6, silent=0.2, level=-25.0, spread=12.0, clipped=0.0, narrow=0.06, trimmed=1e-5, odd_rates=0.02
):
    """Fifty segments of a speaker; F0 within half an octave, levels within `spread` dB, a share of 8 kHz."""
    made = SpeakerSums(SILENCES)
    rng = np.random.default_rng(0)
    for i in range(50):
        sil = round(silent * N / 2)
        durations = [sil, *[1] * 40, N - 2 * sil - 40, sil]
        phones = ["sil", *"ak" * 20, "a", "sil"]
        seconds = N * 256 / 22050 * (2.5 if i < 50 * odd_rates else 1)
        log_f0 = np.log(hz * 2 ** rng.uniform(-0.5, 0.5, N))
        made.add_segment(
            {"phones": phones, "durations": durations, "n_frames": N, "seconds": seconds},
            level + spread * (i / 49 - 0.5),
            log_f0,
            (np.arange(N) < voiced * N).astype(np.uint8),
        )
        facts = {"sample_rate": 48000, "n_channels": 1, "encoding": "PCM_16"}
        facts["bandwidth_hz"] = 3900.0 if i < 50 * narrow else None if i == 49 else 11025.0
        made.add_recording({"n_samples": N * 256, "seconds": N * 256 / 22050, "clipped": clipped, "facts": facts})
        made.add_trimmed({"energy": 100.0, "energy_share": trimmed, "seconds": 0.5, "loudest_dbfs": -65.0})
    return made


def judged(voices, excluded=None, shared=0.0):
    found = gates(LIMITS, excluded or {"wav": (1, 200), "labels": (0, 199)}, voices, shared)
    assert [gate.leaf for gate in found] == [f"gates.{leaf}" for leaf in RULES]
    return {gate.leaf.removeprefix("gates."): gate for gate in found}


def failed(**found):
    return [leaf for leaf, gate in judged(**found).items() if not gate.passed]


def octave_errors():
    made = voice()
    made.f0.add(np.log(np.full(int(0.2 * made.f0.total), 430.0)))
    return made


def two_gains():
    made = voice()
    made.levels_dbfs.extend([level - 35 for level in made.levels_dbfs])
    return made


HEALTHY = {
    "a reader": voice(),
    "a man": voice(hz=110.0),
    "emotions": voice(spread=20.0, odd_rates=0.04),
    "falsetto, a segment in fourteen": None,
    "whispers, a segment in ten": voice(voiced=0.5, spread=24.0),
    "long pauses": voice(silent=0.35, voiced=0.45),
    "a noisy room": voice(trimmed=2e-4),
    "a few recordings of another time": voice(narrow=0.08),
}
HEALTHY["falsetto, a segment in fourteen"] = voice()
HEALTHY["falsetto, a segment in fourteen"].f0.add(np.log(np.full(int(0.07 * 50 * N * 0.6), 450.0)))

ILL = {
    "min_voiced_share": voice(voiced=0.0),  # the pitch of jsut_jsss: all zero
    "max_f0_outliers": octave_errors(),
    "max_clipped_share": voice(clipped=0.004),  # below wav.max_clipped, but in every recording
    "min_bandwidth_hz": voice(narrow=0.5),  # half a corpus from a telephone
    "max_level_spread_db": two_gains(),
    "max_silence_share": voice(silent=0.6, voiced=0.35),  # thresholds that trim nothing
    "max_trimmed_energy": voice(trimmed=0.03),  # thresholds that eat speech
    "max_rate_outliers": voice(odd_rates=0.3),  # labels of other recordings
}


def test_every_gate_has_words_a_limit_and_a_measure():
    assert list(RULES) == list(Gates.model_fields) == list(LIMITS)
    assert MEASURES.keys() == ILL.keys() == RULES.keys() - {"max_excluded", "max_shared_sentences"}
    for rule in RULES.values():
        assert rule.name and rule.about.endswith(".") and rule.remedy.endswith(".")


@pytest.mark.parametrize("name", HEALTHY)
def test_a_healthy_voice_passes(name):
    assert failed(voices={"Teacher": HEALTHY[name]}) == []


@pytest.mark.parametrize("leaf", ILL)
def test_what_went_wrong_fails_and_names_the_speaker(leaf):
    voices = {"Teacher": voice(), "MStudent": ILL[leaf], "FStudent": voice(hz=300.0)}
    assert failed(voices=voices) == [leaf]
    gate = judged(voices)[leaf]
    assert gate.value == MEASURES[leaf](ILL[leaf])
    assert gate.worst == "MStudent; 1 of 3 speakers fails"


def test_too_many_excluded_utterances_fail_and_name_the_stage():
    excluded = {"wav": (0, 100), "labels": (3, 100), "pitch": (0, 97)}
    assert failed(voices={"A": voice()}, excluded=excluded) == ["max_excluded"]
    gate = judged({"A": voice()}, excluded)["max_excluded"]
    assert (gate.value, gate.worst) == (0.03, "labels: 3 of 100")


def test_a_held_out_sentence_of_training_fails():
    assert failed(voices={"A": voice()}, shared=0.01) == ["max_shared_sentences"]


def test_the_limits_are_those_of_the_configuration():
    lax = {leaf: 0.0 if leaf.startswith("min_") else 1e3 for leaf in LIMITS}
    assert all(gate.passed for gate in gates(lax, {"wav": (9, 9)}, ILL, 1.0))
    strict = {leaf: 1.0 if leaf.startswith("min_") else 0.0 for leaf in LIMITS} | {"min_bandwidth_hz": 20_000.0}
    clipping = {"A": voice(clipped=1e-4)}
    assert [g.leaf for g in gates(strict, {"wav": (1, 9)}, clipping, 0.1) if g.passed] == ["gates.max_f0_outliers"]


def test_of_nobody_nothing_passes():
    assert set(failed(voices={})) == ILL.keys()


def test_what_cannot_be_measured_does_not_pass():
    silent = SpeakerSums(SILENCES)
    silent.add_unvoiced({"phones": ["sil", "a", "sil"], "durations": [1, 2, 1], "n_frames": 4})
    assert "min_voiced_share" in failed(voices={"A": voice(), "whisper": silent})
    assert judged({"A": voice(), "whisper": silent})["min_voiced_share"].value == 0
    assert np.isnan(judged({"A": voice(), "whisper": silent})["max_level_spread_db"].value)
