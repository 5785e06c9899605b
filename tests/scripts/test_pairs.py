"""The stage `pairs`: two corpora that read the same sentences."""

from argparse import Namespace
from dataclasses import replace

import pytest
from in_process import script

from koeru.data.pairs import Spoken, expand, paired
from koeru.graph.plan import place
from koeru.graph.store import read_json


@pytest.fixture(scope="session")
def node(mini):
    return mini.graph.data["parallel"].parents["pairs"]


@pytest.fixture(scope="session")
def content(mini, node):
    return read_json(mini.store.folder(place(node)) / "pairs.json")


def said(mini, node):
    """The utterances by their ids."""
    return {record["id"]: record for _, record in mini.store.records(place(node.parents["utterances"]))}


def test_pairs_are_of_one_sentence_and_one_split(mini, node, content):
    utterances = said(mini, node)
    splits = read_json(mini.store.folder(place(node.parents["splits"])) / "splits.json")
    assert len(content["pairs"]) == 8
    for pair in content["pairs"]:
        source, target = utterances[pair["source"]], utterances[pair["target"]]
        assert (source["speaker"], target["speaker"]) == ("jsut", "jsss")
        assert source["name"] == target["name"] == pair["name"]
        assert source["text"] == target["text"]
        assert splits[pair["source"]] == splits[pair["target"]] == pair["split"]
        assert pair["id"] == f"jsut_jsss_{pair['name']}"
        assert pair["ratio"] == pytest.approx(pair["source_seconds"] / pair["target_seconds"], abs=2e-3)


def test_seconds_are_those_of_the_segments(mini, node, content):
    seconds = {}
    for _, record in mini.store.records(place(node.parents["segments"])):
        seconds[record["utterance"]] = seconds.get(record["utterance"], 0.0) + record["seconds"]
    for pair in content["pairs"]:
        assert pair["source_seconds"] == pytest.approx(seconds[pair["source"]], abs=1e-3)
        assert pair["target_seconds"] == pytest.approx(seconds[pair["target"]], abs=1e-3)


def test_every_utterance_is_paired_or_excluded(mini, node, content):
    (account,) = content["accounts"]
    entered = sorted(record["utterance"] for _, record in mini.store.records(place(node.parents["segments"])))
    out = [pair[side] for pair in content["pairs"] for side in ("source", "target")]
    assert sorted([*out, *(row["id"] for row in content["excluded"])]) == entered
    assert account["source_in"] + account["target_in"] == len(entered)
    assert account["source_excluded"] == {"no partner": 1} and account["target_excluded"] == {}
    assert content["excluded"] == [
        {
            "source_speaker": "jsut",
            "target_speaker": "jsss",
            "id": "jsut_BASIC5000_0005",
            "reason": "no partner",
            "detail": "the other speaker has no BASIC5000_0005 in Normal",
        }
    ]
    told = read_json(mini.store.node_path(place(node)))
    assert (told["pairs"], told["couples"], told["excluded_by_reason"]) == (8, 1, {"no partner": 1})


@pytest.mark.parametrize(("name", "rows"), [("pairs", "pairs"), ("pairs_excluded", "excluded")])
def test_tables_hold_the_same_rows(mini, node, content, name, rows):
    heading, *lines = (mini.store.folder(place(node)) / f"{name}.tsv").read_text("utf-8").splitlines()
    assert heading.split("\t") == list(content[rows][0])
    assert [line.split("\t") for line in lines] == [[str(cell) for cell in row.values()] for row in content[rows]]


def test_rows_about_several_speakers_are_one():
    speakers = ["Ben", "Carol", "Dora"]
    utterances = [Spoken(f"{s}_S1", "S1", s, "Normal", "train", 1.0) for s in ("Anna", "Dora")]
    found = script("pairs").account(paired(utterances, expand([["Anna", "*"]], ["Anna", *speakers]), 2.0))
    (row,) = found["excluded"]
    assert (row["source_speaker"], row["target_speaker"], row["id"]) == ("Anna", "Ben, Carol", "Anna_S1")
    assert [account["source_excluded"] for account in found["accounts"]] == [{"no partner": 1}, {"no partner": 1}, {}]


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"pairs.max_duration_ratio": 1.0}, "these speakers have no pair .16 × duration ratio, 1 × no partner."),
        ({"pairs.speakers": [["jsut", "nobody"]]}, "'nobody' matches no speaker; the dataset has jsss, jsut"),
    ],
)
def test_nothing_is_written_where_nothing_is_paired(mini, node, tmp_path, params, message):
    work = mini.work(node)
    work = replace(work, place=replace(work.place, key=tmp_path.name), params=work.params | params)
    with pytest.raises(ValueError, match=message):
        script("pairs").job(work, Namespace())
    assert not work.folder.exists()
