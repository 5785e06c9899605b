import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from koeru.families.acoustic.measure.baselines import PhoneMeans

PHONES = ("sil", "a", "i", "k", "o")


def record(speaker: str, phones: list[str], durations: list[int], devoiced: list[int] | None = None) -> dict:
    return {
        "id": f"{speaker}_1",
        "speaker": speaker,
        "phones": phones,
        "devoiced": devoiced or [0] * len(phones),
        "durations": durations,
        "n_frames": sum(durations),
    }


def constant(rec: dict, offset: float = 0.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features that depend on the phone and the offset alone; only "k" and "sil" are unvoiced."""
    ids = [PHONES.index(p) + 10 * d for p, d in zip(rec["phones"], rec["devoiced"], strict=True)]
    values = np.repeat(np.array(ids, np.float32), rec["durations"]) + offset  # (T,)
    voiced = np.repeat([p not in ("k", "sil") for p in rec["phones"]], rec["durations"])
    return values[:, None] * np.arange(1, 5, dtype=np.float32), values / 10, voiced.astype(np.uint8)


phones_of = st.lists(st.tuples(st.sampled_from(PHONES), st.integers(0, 6)), min_size=1, max_size=12)


@given(st.lists(phones_of, min_size=1, max_size=5))
def test_constant_per_phone_is_predicted_exactly(utterances: list):
    means, seen = PhoneMeans(), []
    for phones in utterances:
        rec = record("A", [p for p, _ in phones], [d for _, d in phones])
        mel, log_f0, voiced = constant(rec)
        means.add(rec, mel, log_f0, voiced)
        seen.append((rec, mel, log_f0, voiced.astype(bool)))
    if not any(v.any() for *_, v in seen):
        return
    for rec, mel, log_f0, voiced in seen:
        for per_speaker in (False, True):
            assert np.allclose(means.predict_mel(rec, per_speaker), mel)
            assert np.allclose(means.predict_log_f0(rec, per_speaker)[voiced], log_f0[voiced])
    assert not any(name.startswith("mel") for name in means.fallbacks)


def test_speaker_means_separate_what_the_global_mean_blends():
    means = PhoneMeans()
    for speaker, offset, duration in (("A", 0.0, 2), ("B", 1.0, 6)):
        rec = record(speaker, ["a"], [duration])
        means.add(rec, *constant(rec, offset))
    rec = record("A", ["a"], [3])
    assert np.allclose(means.predict_mel(rec, per_speaker=True)[:, 0], 1.0)
    assert np.allclose(means.predict_mel(rec, per_speaker=False)[:, 0], 1.75)  # weighted by frames
    assert means.predict_mel(rec, True).shape == (3, 4) and means.predict_log_f0(rec, True).shape == (3,)


def test_a_devoiced_vowel_is_a_phone_of_its_own():
    means = PhoneMeans()
    rec = record("A", ["i", "i"], [2, 2], [0, 1])
    means.add(rec, *constant(rec))
    assert means.predict_mel(rec, False)[:, 0].tolist() == [2, 2, 12, 12]


def test_fallbacks_are_taken_in_order_and_counted():
    means = PhoneMeans()
    for speaker, phones in (("A", ["a", "i"]), ("B", ["a"])):
        rec = record(speaker, phones, [4] * len(phones))
        means.add(rec, *constant(rec))
    unseen = record("B", ["a", "i", "o", "k"], [1, 1, 1, 0])
    predicted = means.predict_mel(unseen, per_speaker=True)
    assert predicted[:, 0] == pytest.approx([1, 2, 4 / 3])
    assert dict(means.fallbacks) == {"mel_to_phone": 1, "mel_to_overall": 1}  # no frame of "k" was asked for
    means.predict_log_f0(unseen, per_speaker=False)
    assert means.fallbacks["log_f0_to_overall"] == 1


def test_errors_name_the_utterance():
    means, rec = PhoneMeans(), record("A", ["a"], [3])
    mel, log_f0, voiced = constant(rec)
    with pytest.raises(ValueError, match="A_1: no training frame"):
        means.predict_mel(rec, False)
    with pytest.raises(ValueError, match="A_1: mel has 2 frames, its labels 3"):
        means.add(rec, mel[:2], log_f0, voiced)
    with pytest.raises(ValueError, match="A_1: durations sum to 3"):
        means.add({**rec, "n_frames": 4}, mel, log_f0, voiced)
