import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from koeru.data.statistics import Moments, Stats, merge
from koeru.data.vocabulary import Names

VALUES = arrays.arrays(
    np.float32,
    st.tuples(st.integers(2, 40), st.integers(1, 4)),
    elements=st.floats(-1000, 1000, width=32),
)


@given(VALUES, st.lists(st.integers(0, 40), max_size=5))
def test_moments_of_any_partition_are_those_of_the_whole(values, cuts):
    parts = np.split(values, sorted(min(cut, len(values)) for cut in cuts))
    merged, whole = merge(Moments.of(part, axis=0) for part in parts), Moments.of(values, axis=0)
    assert merged.count == whole.count == len(values)
    np.testing.assert_allclose(merged.mean, np.mean(values, axis=0, dtype=np.float64), rtol=1e-12, atol=1e-9)
    np.testing.assert_allclose(merged.std, np.std(values, axis=0, dtype=np.float64), rtol=1e-9, atol=1e-9)


def test_moments_survive_a_large_offset():
    values = np.random.default_rng(0).normal(1e6, 1, 10_000)
    merged = merge(Moments.of(part) for part in np.split(values, 100))
    assert merged.std == pytest.approx(values.std(), rel=1e-9)


def test_moments_of_different_shapes_do_not_merge():
    with pytest.raises(ValueError, match="shapes"):
        Moments.of(np.ones(3)) + Moments.of(np.ones((3, 2)), axis=0)


def features(seed=0):
    """Two speakers who differ in level and spread: values[feature][speaker]."""
    rng = np.random.default_rng(seed)
    return {
        "mel": {
            "Anna": rng.normal(-5, 2, (300, 4)).astype(np.float32),
            "Ben": rng.normal(-3, 1, (200, 4)).astype(np.float32),
        },
        "log_f0": {
            "Anna": rng.normal(5.5, 0.2, 250).astype(np.float32),
            "Ben": rng.normal(4.8, 0.1, 150).astype(np.float32),
        },
    }


def stats_of(values, per_speaker=True):
    moments = {
        feature: {speaker: Moments.of(array, axis=0) for speaker, array in by_speaker.items()}
        for feature, by_speaker in values.items()
    }
    speakers = sorted({speaker for by_speaker in values.values() for speaker in by_speaker})
    return Stats.of_moments(moments, names=Names(tuple(speakers), ("Normal",)), per_speaker=per_speaker)


@pytest.mark.parametrize("per_speaker", [True, False])
def test_normalised_values_have_mean_zero_and_deviation_one(per_speaker):
    values = features()
    stats = stats_of(values, per_speaker)
    for feature, by_speaker in values.items():
        normalised = {name: stats.normalise(feature, array, name) for name, array in by_speaker.items()}
        groups = normalised.values() if per_speaker else [np.concatenate(list(normalised.values()))]
        for group in groups:
            np.testing.assert_allclose(group.mean(axis=0), 0, atol=1e-5)
            np.testing.assert_allclose(group.std(axis=0), 1, atol=1e-5)
        for name, array in by_speaker.items():
            back = stats.denormalise(feature, normalised[name], name)
            assert back.dtype == np.float32
            np.testing.assert_allclose(back, array, atol=1e-5)


def test_json_keeps_every_bit():
    stats = replace(stats_of(features()), ranges={"log_f0": {"phone": (-1 / 3, 0.1), "frame": (-2.0, 2.0)}})
    again = Stats.from_dict(json.loads(json.dumps(stats.to_dict())))
    assert again.to_dict() == stats.to_dict()
    assert again.names.speakers == ("Anna", "Ben")
    assert again.range("log_f0", "phone") == (-1 / 3, 0.1)
    values = features()["mel"]["Ben"]
    assert (again.normalise("mel", values, "Ben") == stats.normalise("mel", values, "Ben")).all()


@pytest.mark.parametrize("bad", [np.empty((0, 4)), np.ones((1, 4)), np.full((500, 4), np.log(1e-5))])
def test_nothing_to_divide_by_names_feature_and_speaker(bad):
    values = features()
    values["mel"]["Ben"] = bad
    with pytest.raises(ValueError, match=r"mel of speaker Ben"):
        stats_of(values)


def test_a_constant_band_is_named():
    values = features()
    for array in values["mel"].values():
        array[:, 2] = -11.5
    with pytest.raises(ValueError, match=r"mel of all speakers together .*\[2\]"):
        stats_of(values, per_speaker=False)


def test_a_speaker_who_is_still_to_come_needs_no_statistics_and_one_who_is_not_trained_on_does():
    moments = {"mel": {"Anna": Moments.of(features()["mel"]["Anna"], axis=0)}}
    given = {"names": Names(("Later", "Anna", "Ben"), ("Normal",)), "per_speaker": True}
    assert Stats.of_moments(moments, **given, needed=["Anna"]).names == given["names"]
    with pytest.raises(ValueError, match="the training split has nothing of Ben;"):
        Stats.of_moments(moments, **given, needed=["Anna", "Ben"])


def test_an_unknown_speaker_is_named():
    with pytest.raises(KeyError, match="log_f0 for speaker Carol"):
        stats_of(features()).normalise("log_f0", np.zeros(3), "Carol")


def test_a_range_that_is_not_known_is_named():
    with pytest.raises(KeyError, match="no range of log_f0 at phone level"):
        replace(stats_of(features()), ranges={"log_f0": {"frame": (0.0, 1.0)}}).range("log_f0", "phone")
