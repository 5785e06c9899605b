"""Nothing equal is computed twice: which shards are equal, and what is done with them."""

import os
from dataclasses import replace

import numpy as np
import pytest
from jobs.shards import NEW, OLD, PITCH, RUN, SEGMENTS, close, kept, never, work_on, write_segments

from koeru.graph.stages import DATA_STAGES
from koeru.graph.store import Manifest, Place, digest_of, file_digest
from koeru.jobs.stage import ExclusionError, run_shard


def test_an_equal_shard_of_another_key_is_linked(store):
    run_shard(work_on(store, ["a", "b"], []), 0, kept)
    other = work_on(store, key="b" * 16)
    run_shard(other, 0, never)
    mine, theirs = store.read_shard(other.place, 0), store.read_shard(PITCH, 0)
    assert mine.key == "b" * 16
    assert (mine.utterances, mine.digest, mine.payload) == (theirs.utterances, theirs.digest, theirs.payload)
    assert mine.run["linked_from"] == PITCH.key and mine.run["seconds"] == 0
    payload = store.folder(other.place) / mine.payload["file"]
    assert payload.samefile(store.folder(PITCH) / theirs.payload["file"])
    assert file_digest(payload) == mine.payload["sha256"]
    np.testing.assert_array_equal(store.arrays(other.place, 0)["a/log_f0"], [1, 1, 1])


def test_recordings_are_linked_too(store):
    def process(record):
        path = store.folder(PITCH) / "000" / f"{record['id']}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"RIFF")
        return [record | {"file": f"000/{record['id']}.wav"}], {}

    run_shard(work_on(store, ["a"], []), 0, process, arrays=False)
    other = work_on(store, key="b" * 16)
    run_shard(other, 0, never, arrays=False)
    assert (other.folder / "000" / "a.wav").samefile(store.folder(PITCH) / "000" / "a.wav")


@pytest.mark.parametrize("change", [{"version": 2}, {"params": {"pitch.method": "harvest"}}, {"ids": ["a", "c"]}])
def test_a_shard_that_is_not_equal_is_computed(store, change):
    run_shard(work_on(store, ["a", "b"], []), 0, kept)
    if ids := change.pop("ids", None):
        write_segments(store, [ids, []])
    other = work_on(store, key="b" * 16, **change)
    done = []
    run_shard(other, 0, lambda record: done.append(record["id"]) or kept(record))
    assert len(done) == 2


def test_a_finished_shard_whose_manifest_was_taken_away_is_not_computed_again(store):
    """As Snakemake does to all jobs of a group, the finished ones too, when one of them fails."""
    work = work_on(store, ["a"], [])
    run_shard(work, 0, kept)
    path = store.shard_path(PITCH, 0)
    manifest = path.read_bytes()
    path.unlink()
    run_shard(work, 0, never)
    assert path.read_bytes() == manifest
    path.unlink()
    store.arrays(PITCH, 0).path.unlink()
    done = []
    run_shard(work, 0, lambda record: done.append(record["id"]) or kept(record))
    assert done == ["a"] and path.exists()


def test_an_equal_shard_that_was_removed_is_computed(store):
    run_shard(work_on(store, ["a"], []), 0, kept)
    store.arrays(PITCH, 0).path.unlink()
    other = work_on(store, key="b" * 16)
    run_shard(other, 0, kept)
    assert "linked_from" not in store.read_shard(other.place, 0).run
    run_shard(work_on(store, key="c" * 16), 0, never)


def test_a_linked_node_has_the_same_digests(store):
    first = close(work_on(store, ["a"], ["b"]), kept)
    second = close(work_on(store, key="b" * 16), never)
    assert first["digests"] == second["digests"]
    assert digest_of(first["digests"]) == digest_of(second["digests"])


def test_facts_of_a_parent_are_no_reason_to_compute_again(store):
    """They are for pages: what is made of equal recordings is equal, whatever is told of them now."""
    run_shard(work_on(store, ["a"], []), 0, kept)
    segments = store.read_shard(SEGMENTS, 0)
    told = [record | {"facts": {"bandwidth_hz": 4000.0}} for record in segments.utterances]
    store.write_shard(SEGMENTS, 0, replace(segments, utterances=told))
    run_shard(work_on(store, key="b" * 16), 0, never)
    store.write_shard(SEGMENTS, 0, replace(segments, utterances=[told[0] | {"seconds": 3.0}]))
    with pytest.raises(pytest.fail.Exception):
        run_shard(work_on(store, key="c" * 16), 0, never)


def test_shards_of_other_tools_are_not_equal(store):
    run_shard(work_on(store, ["a", "b"], []), 0, kept, tools=OLD)
    run_shard(work_on(store, key="b" * 16), 0, never, tools=OLD)
    assert store.read_shard(replace(PITCH, key="b" * 16), 0).tools == OLD
    for key, tools in (("c", NEW), ("d", None)):
        done = []
        work = work_on(store, key=key * 16)
        run_shard(work, 0, lambda record, done=done: done.append(record["id"]) or kept(record), tools=tools)
        assert len(done) == 2
        assert store.read_shard(work.place, 0).digest == store.read_shard(PITCH, 0).digest


@pytest.fixture
def of_files(store, monkeypatch, tmp_path):
    """A stage that reads files of the corpora, over two utterances whose files are there."""
    monkeypatch.setitem(DATA_STAGES, "pitch", replace(DATA_STAGES["pitch"], of_corpora=True))
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    said = []
    for name in "ab":
        (corpus / f"{name}.wav").write_bytes(b"sound")
        status = (corpus / f"{name}.wav").stat()
        wav = {"path": f"{name}.wav", "folder": "", "bytes": status.st_size, "mtime_ns": status.st_mtime_ns}
        said.append({"id": name, "corpus": "C", "wav": wav, "alignment": None, "full_context": None})
    listed = Place("utterances", "4" * 16, 2)
    for shard, records in enumerate((said, [])):
        store.write_shard(listed, shard, Manifest("utterances", listed.key, records, run=dict(RUN)))
    write_segments(store, [["a", "b"], []])

    def work(key):
        found = work_on(store, key=key)
        where = {"paths": {"C": str(corpus)}, "stand_ins": {}, "labels": {}}
        return replace(found, parents=found.parents | {"utterances": listed}, settings=found.settings | where)

    return work, corpus


def without_b(record):
    if record["id"] == "b":
        raise ExclusionError("unreadable", "it is cut off")
    return kept(record)


def test_exclusions_of_a_stage_that_reads_files_are_looked_into_again_once_a_file_was_mended(store, of_files):
    """The digests of what it was told do not say whether a recording has been mended since: its size and time do."""
    work, corpus = of_files
    run_shard(work(PITCH.key), 0, without_b)
    run_shard(work("b" * 16), 0, never)
    assert [lost.id for lost in store.read_shard(replace(PITCH, key="b" * 16), 0).excluded] == ["b"]
    (corpus / "a.wav").write_bytes(b"another sound")  # which was kept: a new revision takes it in
    run_shard(work("c" * 16), 0, never)
    (corpus / "b.wav").unlink()
    run_shard(work("d" * 16), 0, without_b)
    assert "linked_from" not in store.read_shard(replace(PITCH, key="d" * 16), 0).run
    (corpus / "b.wav").write_bytes(b"mended sound")
    run_shard(work("e" * 16), 0, kept)
    assert store.read_shard(replace(PITCH, key="e" * 16), 0).excluded == []


def test_exclusions_of_a_stage_that_reads_no_files_are_linked(store):
    run_shard(work_on(store, ["a", "b"], ["c"]), 0, without_b)
    run_shard(work_on(store, key="b" * 16), 0, never)


def test_a_shard_is_computed_again_only_where_its_part_of_a_parameter_has_changed(store):
    def with_file(digest, key):
        return work_on(store, key=key, params={"pitch.method": "dio", "corrections": digest})

    write_segments(store, [["a"], ["b"]])
    for shard, own in enumerate(("of a", "")):
        run_shard(with_file("one", "b" * 16), shard, kept, narrowed={"corrections": own})
    run_shard(with_file("two", "c" * 16), 0, never, narrowed={"corrections": "of a"})
    computed = []
    run_shard(
        with_file("two", "c" * 16), 1, lambda r: computed.append(r["id"]) or kept(r), narrowed={"corrections": "b"}
    )
    assert computed == ["b"]
    run_shard(with_file("", "d" * 16), 1, never, narrowed={"corrections": ""})
    with pytest.raises(KeyError, match="dictionary is no parameter"):
        run_shard(with_file("two", "e" * 16), 0, kept, narrowed={"dictionary": ""})


def test_without_hard_links_equal_shards_are_copied_and_that_is_said_once(store, monkeypatch, capsys):
    def refused(*_):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refused)
    run_shard(work_on(store, ["a"], ["b"]), 0, kept)
    run_shard(work_on(store), 1, kept)
    for key in ("b" * 16, "c" * 16):
        other = work_on(store, key=key)
        run_shard(other, 0, never)
        assert store.arrays(other.place, 0)["a/log_f0"].tolist() == [1, 1, 1]
    assert capsys.readouterr().err.count("has no hard links: equal outputs are copied, and take room twice") == 1
