"""Corrections of a dataset: only the shards that they concern are computed again, and an id that nobody has is told."""

import re
from dataclasses import replace

import pytest
from in_process import made

from koeru.data.corrections import corrections_of
from koeru.graph.plan import place
from koeru.status.lacking import lacking

SHARDED = ("wav", "segments", "labels", "pitch", "energy", "mel")


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A dataset in three shards, and how to have it again with other corrections, in the same store."""
    root = tmp_path_factory.mktemp("corrected")
    file = root / "corrections.csv"

    def dataset(*rows, **more):
        if rows:
            file.write_text("\n".join(["id,kana", *rows, ""]), "utf-8")
        spk = {"corpora": ["S"], "shards": 3, "corrections": str(file) if rows else ""} | more
        raw = {"corpora": {"S": {"format": "studies", "stand_in": {"minutes": 1.0}}}, "spk": {"s": spk}}
        project = made(raw, root / "store")
        return project, project.graph.data["s"].parents

    project, stages = dataset()
    project.run([stages["labels"], stages["mel"]])
    ids = [
        [record["id"] for record in project.store.read_shard(place(stages["utterances"]), shard).utterances]
        for shard in range(3)
    ]
    return dataset, ids


def kana(project, node, name):
    """The reading of an utterance as people write it."""
    return next(record["kana"] for _, record in project.store.records(place(node)) if record["id"] == name)


def linked(project, node):
    return ["linked_from" in project.store.read_shard(place(node), shard).run for shard in range(3)]


def test_another_correction_computes_its_own_shard_of_the_labels_and_nothing_else(small):
    dataset, ids = small
    project, stages = dataset()
    one, fallen = (kana(project, stages["labels"], ids[shard][0]) for shard in (1, 2))
    other = fallen.replace("'", "")
    for rows, concerned in (
        ([f"{ids[1][0]},{one}"], 1),
        ([f"{ids[1][0]},{one}", f"{ids[2][0]},{other}"], 2),
        ([f"{ids[1][0]},{one}", f"{ids[2][0]},{fallen}"], 2),
    ):
        project, stages = dataset(*rows)
        planned = project.plan.planned([stages["labels"], stages["mel"]])
        assert {job.node.stage for job in planned} == {"labels"}
        project.run([stages["labels"]])
        assert linked(project, stages["labels"]) == [shard != concerned for shard in range(3)]
    assert dataset()[1]["labels"].key != stages["labels"].key
    assert {stage: dataset()[1][stage].key for stage in SHARDED if stage != "labels"} == {
        stage: stages[stage].key for stage in SHARDED if stage != "labels"
    }


def test_a_shard_has_its_own_corrections_alone(small):
    dataset, ids = small
    project, stages = dataset(f"{ids[1][0]},ハ'イ", f"{ids[2][0]},ハイ")
    work = project.work(stages["labels"])
    assert [corrections_of(work, shard) for shard in range(3)] == [{}, {ids[1][0]: "ハ'イ"}, {ids[2][0]: "ハイ"}]
    assert corrections_of(replace(work, params=dict(work.params) | {"corrections": ""}), 1) == {}


def test_a_file_that_has_changed_since_the_plan_is_told(small):
    dataset, ids = small
    project, stages = dataset(f"{ids[1][0]},ハ'イ")
    dataset(f"{ids[1][0]},ハイ")
    with pytest.raises(ValueError, match=r"corrections.csv has changed since this run was planned; run the same"):
        corrections_of(project.work(stages["labels"]), 0)


def test_an_id_that_no_utterance_has_is_told_with_the_nearest(small):
    dataset, ids = small
    wrong = ids[1][0].replace("Turn", "Trun")
    told = f"corrects '{wrong}', and the dataset has no such utterance; did you mean '{ids[1][0]}'?"
    project, stages = dataset(f"{wrong},ハ'イ")
    assert [told in line for line in lacking(project.plan, stages["labels"])] == [True]  # before any job
    assert lacking(project.plan, stages["mel"]) == []
    with pytest.raises(ValueError, match=re.escape(told)):
        project.run([stages["labels"]])  # the corpora were listed before: the labels tell
    project, stages = dataset(f"{wrong},ハ'イ", speakers=["FStudent", "MStudent", "Teacher"])
    with pytest.raises(ValueError, match=re.escape(told)):
        project.run([stages["utterances"]])  # at once, and before anything else
