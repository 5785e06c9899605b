"""The symbols of texts, without times."""

from argparse import Namespace
from dataclasses import replace

import pytest
from in_process import script

from koeru.graph.plan import place
from koeru.graph.store import Manifest, Place, Store


@pytest.fixture
def work(mini, tmp_path):
    """The stage of a dataset whose labels have no phones, with its parents alone and a store of its own."""
    work = mini.work(mini.graph.data["unlabelled"].parents["tokens"])
    for parent in work.parents.values():
        (tmp_path / parent.stage).mkdir(exist_ok=True)
        (tmp_path / parent.stage / parent.key).symlink_to(mini.store.folder(parent))
    return replace(work, store=Store(tmp_path))


def test_the_symbols_are_those_that_labels_have(mini):
    labelled, plain = mini.graph.data["mini"], mini.graph.data["unlabelled"]
    labels = {record["id"]: record for _, record in mini.store.records(place(labelled.parents["labels"]))}
    tokens = [record for _, record in mini.store.records(place(plain.parents["tokens"]))]
    assert len(tokens) == len(labels) > 10
    for record in tokens:
        for name in ("phones", "devoiced", "accents", "text", "speaker", "emotion", "before_emotion", "seconds"):
            assert record[name] == labels[record["id"]][name], (record["id"], name)
        assert "durations" not in record


def test_a_piece_of_an_utterance_and_what_cannot_be_read_are_told_and_left_out(work):
    store, parent = work.store, work.parents["segments"]
    segments = store.read_shard(parent, 0).utterances
    first, second = segments[:2]
    pieces = [first | {"id": f"{first['id']}~{number}"} for number in (1, 2)]
    split = Place("segments", "pieces", parent.shards)
    store.write_shard(split, 0, Manifest("segments", "pieces", [*pieces, *segments[1:]]))
    listed = store.read_shard(work.parents["utterances"], 0)
    listed.utterances = [u | ({"text": "…"} if u["id"] == second["utterance"] else {}) for u in listed.utterances]
    silent = Place("utterances", "silent", parent.shards)
    store.write_shard(silent, 0, replace(listed, key="silent"))
    work = replace(work, parents={"utterances": silent, "segments": split})
    script("tokens").job(work, Namespace(shard=0))
    made = store.read_shard(work.place, 0)
    assert [record["id"] for record in made.utterances] == [segment["id"] for segment in segments[2:]]
    assert {(e.id, e.reason) for e in made.excluded} == {
        *((piece["id"], "split at a silence") for piece in pieces),
        (second["id"], "text cannot be read"),
    }
    assert "segments.inner: mark" in made.excluded[0].detail
