"""Every layout becomes a dataset with a closed account, also when a file of each kind has got lost."""

import importlib
import shutil
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
from fakes.fake import Fake
from in_process import Made, made

from koeru.corpora.catalogue import ADAPTERS
from koeru.graph.node import Node
from koeru.graph.plan import place
from koeru.graph.store import read_json

LAYOUTS = sorted(ADAPTERS)
KINDS = ("wav", "transcript", "TextGrid", "lab")
COUNTED = ("utterances", "wav", "segments", "labels", "pitch", "energy", "mel")
LAX = {  # a dozen sentences, with what is wrong with them, are no dataset
    "max_excluded": 1.0,
    "max_level_spread_db": 200.0,
    "max_rate_outliers": 1.0,
    "max_f0_outliers": 1.0,
    "max_silence_share": 1.0,
}


@dataclass(frozen=True)
class Built:
    """A dataset of one layout, in a store that later revisions share."""

    layout: str
    fake: Fake
    folder: Path

    def dataset(self, revision: int = 1, entry: dict | None = None) -> tuple[Made, Node]:
        """Build data/x of a revision."""
        spk = {"corpora": ["FAKE"], "shards": 2, "splits": {"dev": 0.2, "eval": 0.2}, "gates": LAX}
        config = {
            "corpora": {"FAKE": (entry or self.fake.entry) | {"revision": revision}},
            "spk": {"x": spk | {"labels": self.fake.labels}},
            "exp": {},
        }
        made_here = made(config, self.folder / "store")
        node = made_here.graph.data["x"]
        return made_here.run([node]), node

    def moved(self, path: Path, copy: Path) -> Path:
        """Where a file of the fake lies in a copy of its folder."""
        return copy / path.relative_to(self.folder / "fake")


@pytest.fixture(scope="module", params=LAYOUTS)
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder = tmp_path_factory.mktemp(request.param)
    fake = importlib.import_module(f"fakes.{request.param}").write(folder / "fake")
    one = Built(request.param, fake, folder)
    one.dataset()
    return one


def account(project: Made, dataset: Node) -> tuple[int, int, Counter]:
    """Of a dataset: how many utterances were listed or refused, how many are kept, and why all others are not."""
    manifests = {
        stage: [project.store.read_shard(place(dataset.parents[stage]), shard) for shard in range(2)]
        for stage in COUNTED
    }
    excluded = [e for stage in COUNTED for m in manifests[stage] for e in m.excluded]
    entered = sum(len(m.utterances) + len(m.excluded) for m in manifests["utterances"])
    lists = [project.store.folder(place(dataset)) / f"{split}.list" for split in ("train", "dev", "eval")]
    kept = sum(len(path.read_text("utf-8").split()) for path in lists)
    return entered, kept, Counter(e.reason for e in excluded)


def test_the_account_is_closed(built):
    project, dataset = built.dataset()
    entered, kept, reasons = account(project, dataset)
    assert entered == len(built.fake.kept) + len(built.fake.excluded)
    assert kept > 0.6 * len(built.fake.kept)
    assert entered == kept + reasons.total()


def test_all_that_is_kept_was_said_by_the_adapter(built):
    project, dataset = built.dataset()
    listed = {record["id"] for _, record in project.store.records(place(dataset.parents["utterances"]))}
    assert listed == built.fake.kept
    ids = read_json(project.store.folder(place(dataset)) / "speakers.json")
    assert set(ids["speakers"]) == {u.speaker for u in built.fake.listed().kept.values()}


@pytest.mark.parametrize("kind", KINDS)
def test_one_file_less_still_makes_a_dataset(built, kind, tmp_path):
    """The file's utterances are accounted for; shards that it does not concern are linked, not computed again."""
    if kind not in built.fake.one_of_each:
        pytest.skip(f"{built.layout} has no {kind}")
    copy = tmp_path / "fake"
    shutil.copytree(built.folder / "fake", copy, copy_function=shutil.copy2)
    built.moved(built.fake.one_of_each[kind], copy).unlink()
    entry = built.fake.entry | {"path": str(built.moved(Path(built.fake.entry["path"]), copy))}
    if labels := built.fake.entry.get("labels"):
        entry["labels"] = [own | {"path": str(built.moved(Path(own["path"]), copy))} for own in labels]
    before = account(*built.dataset())
    project, dataset = built.dataset(2 + KINDS.index(kind), entry)
    entered, kept, reasons = account(project, dataset)
    assert entered == kept + reasons.total()
    assert kept <= before[1]
    if kind in ("wav", "transcript"):
        assert kept < before[1]
    if kind != "transcript":  # which tells of utterances in every shard
        shards = [project.store.read_shard(place(dataset.parents["wav"]), shard) for shard in range(2)]
        assert any("linked_from" in shard.run for shard in shards)
