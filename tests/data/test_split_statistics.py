"""The passes over the training split: what they take does not grow with the utterances."""

import tracemalloc
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from koeru.data.reading import Features
from koeru.data.split_statistics import Measured
from koeru.data.split_table import write_splits
from koeru.data.splits import SPLITS
from koeru.data.vocabulary import Names
from koeru.graph.store import Manifest, Place, Store, write_json

A_SHARD = 25  # utterances
FRAMES = 40


@dataclass
class Dataset:
    """Labels, energy and splits of so many shards."""

    root: Path
    shards: int

    def __post_init__(self) -> None:
        store, rng = Store(self.root), np.random.default_rng(0)
        self.parents = {stage: Place(stage, "k", self.shards) for stage in ("labels", "energy", "splits")}
        splits = {}
        for shard in range(self.shards):
            ids = [f"speaker_{shard}_{i}_of_a_name_that_is_as_long_as_names_are" for i in range(A_SHARD)]
            splits |= {name: SPLITS[max(0, i - A_SHARD + 3)] for i, name in enumerate(ids)}
            records = [
                {"id": name, "utterance": name, "speaker": "A", "n_frames": FRAMES, "phones": ["a"] * FRAMES}
                | {"durations": [1] * FRAMES}
                for name in ids
            ]
            store.write_shard(self.parents["labels"], shard, Manifest("labels", "k", records))
            arrays = {f"{name}/log_energy": rng.normal(3, 2, FRAMES).astype(np.float32) for name in ids}
            store.write_shard(self.parents["energy"], shard, Manifest("energy", "k", records), arrays)
        node = {"stage": "labels", "key": "k", "params": {}, "parents": {}, "out": len(splits)}
        write_json(store.node_path(self.parents["labels"]), node)
        write_splits(store.folder(self.parents["splits"]) / "splits.json", splits.items())

    def peak(self) -> tuple[Measured, int]:
        """What all passes found, and the most memory that Python and numpy had for it, in bytes."""
        features = Features(Store(self.root), dict(self.parents), ("energy",))
        tracemalloc.start()
        try:
            measured = Measured("stats", features, lambda arrays: {"log_energy": (arrays["log_energy"], None)})
            stats = measured.stats(Names(("A",), ("",)), per_speaker=False)
            first = [len(record["id"]) for record, _, _ in measured.normalised(stats)]
            assert first == [len(record["id"]) for record, _, _ in measured.again(stats, ["energy"])]
            return measured, tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()


def test_memory_is_that_of_a_shard_and_some_bytes_an_utterance(tmp_path):
    small, large = Dataset(tmp_path / "small", 10), Dataset(tmp_path / "large", 40)
    small.peak()  # what is imported or compiled once
    (of_small, few), (of_large, many) = small.peak(), large.peak()
    assert of_small.utterances == {"train": 220 + 10, "dev": 10, "eval": 10}
    assert of_large.frames["train"] == 4 * of_small.frames["train"]
    assert (many - few) / (30 * A_SHARD) < 60  # a record alone takes some 5,000
