"""What the stage stats tells of the training split besides its scales."""

import numpy as np
import pytest

from koeru.config.base import over
from koeru.data.reading import Features
from koeru.data.split_statistics import Measured
from koeru.data.statistics import Stats
from koeru.families.acoustic.build import build_model
from koeru.families.acoustic.entry import Model
from koeru.families.acoustic.items import FeatureItems
from koeru.graph.plan import place
from koeru.graph.store import read_json


def features(mini, dataset):
    node = mini.graph.data[dataset]
    return Features(mini.store, {role: place(parent) for role, parent in node.parents.items()})


def of_stats(mini, dataset, name):
    return read_json(mini.store.folder(place(mini.graph.data[dataset].parents["stats"])) / name)


@pytest.mark.parametrize("dataset", ["mini", "each"])
def test_ranges_are_of_the_values_that_a_model_is_given(mini, dataset):
    found = features(mini, dataset)
    items = FeatureItems(found, "train", found.vocabulary)
    names = {
        ("log_f0", "phone"): "pitch",
        ("log_f0", "frame"): "frame_pitch",
        ("log_energy", "phone"): "energy",
        ("log_energy", "frame"): "frame_energy",
    }
    for (feature, level), name in names.items():
        values = np.concatenate([getattr(items[index], name) for index in range(len(items))]).astype(np.float64)
        low, high = found.stats.range(feature, level)
        assert low < high
        assert (low, high) == pytest.approx(np.percentile(values, (0.5, 99.5)), abs=1e-4), (feature, level)


@pytest.mark.parametrize("split", ["train", "eval"])
def test_of_a_split_that_exclusions_have_emptied_nothing_is_told(mini, split):
    found = features(mini, "mini")
    splits = read_json(mini.store.folder(found.parents["splits"]) / "splits.json")
    found.splits = {utterance: "dev" if own == split else own for utterance, own in splits.items()}
    with pytest.raises(ValueError, match=f"no utterance of the {split} split is left: see in the quality page"):
        found.some_records(split)
    if split == "train":
        with pytest.raises(ValueError, match="no utterance of the train split is left"):
            Measured("stats", found, lambda arrays: {}).stats(found.stats.names, per_speaker=False)


def test_a_dataset_without_phones_has_ranges_of_frames(mini):
    ranges = of_stats(mini, "unlabelled", "stats.json")["ranges"]
    assert {feature: list(levels) for feature, levels in ranges.items()} == {
        "log_f0": ["frame"],
        "log_energy": ["frame"],
    }


@pytest.mark.parametrize("dataset", ["mini", "others"])
def test_what_can_be_trained_on_is_counted(mini, dataset):
    told = of_stats(mini, dataset, "node.json")
    for split in ("train", "dev", "eval"):
        records = [record for _, record in features(mini, dataset).records(split)]
        assert told["utterances"][split] == len(records) > 0
        assert told["frames"][split] == sum(record["n_frames"] for record in records)


@pytest.mark.parametrize("levels", [("phone", "frame"), ("frame", "phone")])
def test_bins_lie_within_the_ranges_of_their_levels(mini, levels):
    found = features(mini, "mini")
    stats = found.stats
    params = dict(mini.graph.trained["exp"]["parent"].node.params)
    params |= {"model.pitch_level": levels[0], "model.energy_level": levels[1]}
    params |= {"model.variance_embedding": "bins", "model.n_bins": 10}
    variance = build_model(over(Model, params, "model."), found.vocabulary, stats).variance
    assert variance.levels == {"pitch": levels[0], "energy": levels[1]}
    for feature, embedding, level in (
        ("log_f0", variance.pitch_embedding, levels[0]),
        ("log_energy", variance.energy_embedding, levels[1]),
    ):
        low, high = stats.range(feature, level)
        width = (high - low) / 10
        np.testing.assert_allclose(embedding.edges, np.linspace(low + width, high - width, 9), atol=1e-5)


def test_the_spectral_envelope_has_statistics_of_its_own(mini):
    """Of the frames of the training split, log F0 of the voiced ones."""
    parents = mini.graph.data["mini"].parents
    stats = Stats.from_dict(read_json(mini.store.folder(place(parents["sp_stats"])) / "stats.json"))
    found = Features(mini.store, {role: place(parent) for role, parent in parents.items()}, ("sp",))
    arrays = [found.of_utterance(shard, record["id"]) for shard, record in found.records("train")]
    envelope, hz = (np.concatenate([own[name] for own in arrays]).astype(np.float64) for name in ("sp", "f0"))
    for feature, values in (("sp", envelope), ("log_f0", np.log(hz[hz > 0]))):
        scale = stats.scale(feature, "Teacher")
        np.testing.assert_allclose(scale.mean, values.mean(axis=0), rtol=1e-6)
        np.testing.assert_allclose(scale.std, values.std(axis=0), rtol=1e-6)
        assert scale.count == len(values)
