"""Outputs appear whole or not at all, and come back as they were written."""

import hashlib
import json
import os
import time
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from koeru.graph.store import (
    ArrayReader,
    Excluded,
    Manifest,
    Place,
    Store,
    digest_of,
    file_digest,
    read_json,
    read_manifest,
    read_rows,
    replacing,
    replacing_folder,
    write_arrays,
    write_json,
)
from koeru.jobs.run import source_commit, timed

PLACE = Place("pitch", "0123456789abcdef", 2)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


def names(folder):
    return sorted(path.name for path in folder.rglob("*"))


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "store")


# ---- files appear by rename ----------------------------------------------------------------------------------


def test_a_crash_inside_leaves_the_old_file(tmp_path):
    path = tmp_path / "node.json"
    write_json(path, {"old": 1})
    with pytest.raises(RuntimeError, match="crash"), replacing(path) as temporary:
        temporary.write_text('{"new": ')
        raise RuntimeError("crash")
    assert read_json(path) == {"old": 1}
    assert names(tmp_path) == ["node.json"]


def test_nothing_is_there_before_the_end(tmp_path):
    path = tmp_path / "deep" / "node.json"
    with replacing(path) as temporary:
        temporary.write_text("{}")
        assert not path.exists()
        assert temporary.parent == path.parent
    assert names(path.parent) == ["node.json"]


def test_what_cannot_be_written_leaves_the_old_file(tmp_path):
    path = tmp_path / "node.json"
    write_json(path, {"old": 1})
    for content in ({"loss": float("nan")}, {"set": {1, 2}}):
        with pytest.raises((ValueError, TypeError)):
            write_json(path, content)
    assert read_json(path) == {"old": 1}
    assert names(tmp_path) == ["node.json"]


def test_a_crash_inside_leaves_the_old_folder(tmp_path):
    view = tmp_path / "LINE_3"
    with replacing_folder(view) as fresh:
        (fresh / "page.html").write_text("old")
    with pytest.raises(RuntimeError, match="crash"), replacing_folder(view) as fresh:
        (fresh / "page.html").write_text("new")
        raise RuntimeError("crash")
    assert names(tmp_path) == ["LINE_3", "page.html"]
    assert (view / "page.html").read_text() == "old"


def test_a_folder_is_replaced_whole(tmp_path):
    view = tmp_path / "LINE_3"
    for name in ("first", "second"):
        with replacing_folder(view) as fresh:
            (fresh / name).touch()
    assert names(tmp_path) == ["LINE_3", "second"]


# ---- shards ------------------------------------------------------------------------------------------------------


def manifest(records=(), excluded=(), **run):
    return Manifest(PLACE.stage, PLACE.key, list(records), list(excluded), run=dict(run))


def test_a_shard_comes_back_as_it_was_written(store):
    arrays = {"い/log_f0": np.linspace(4, 6, 7, dtype=np.float32), "い/voiced": np.ones(7, np.uint8)}
    lost = Excluded("ろ", "truncated", "少し", 1.5, "Teacher", "Sad")
    written = manifest([{"id": "い", "text": "声"}], [lost], seconds=1.0)
    store.write_shard(PLACE, 1, written, arrays)
    assert store.read_shard(PLACE, 1) == written
    reader = store.arrays(PLACE, 1)
    for name, array in arrays.items():
        assert name in reader
        assert reader[name].dtype == array.dtype
        np.testing.assert_array_equal(reader[name], array)
    assert "声" in store.shard_path(PLACE, 1).read_text("utf-8")


def test_the_manifest_appears_after_its_arrays(store, monkeypatch):
    """A job that dies between the two has made nothing that counts."""
    monkeypatch.setattr("koeru.graph.store.write_manifest", lambda *_: pytest.fail("stopped here"))
    with pytest.raises(pytest.fail.Exception):
        store.write_shard(PLACE, 0, manifest(), {"a": np.zeros(3)})
    assert names(store.folder(PLACE)) == ["000.safetensors"]


def test_the_payload_is_what_its_digest_says(store):
    store.write_shard(PLACE, 0, manifest(), {"a": np.arange(5)})
    payload = store.read_shard(PLACE, 0).payload
    path = store.folder(PLACE) / payload["file"]
    assert path.stat().st_size == payload["bytes"]
    assert hashlib.sha256(path.read_bytes()).hexdigest() == payload["sha256"] == file_digest(path)


def test_a_digest_knows_content_and_not_how_it_ran(store):
    def digest(shard, records=(), excluded=(), arrays=None, **run):
        store.write_shard(PLACE, shard, manifest(records, excluded, **run), arrays)
        return store.read_shard(PLACE, shard).digest

    lost = Excluded("a", "truncated", "x")
    base = digest(0, [{"id": "a"}], [lost], {"a": np.zeros(2)}, seconds=1.0)
    assert digest(0, [{"id": "a"}], [lost], {"a": np.zeros(2)}, seconds=2.0, host="other") == base
    assert digest(0, [{"id": "b"}], [lost], {"a": np.zeros(2)}) != base
    assert digest(0, [{"id": "a"}], [], {"a": np.zeros(2)}) != base
    assert digest(0, [{"id": "a"}], [lost], {"a": np.ones(2)}) != base


def test_what_only_pages_tell_is_in_no_digest(store):
    store.write_shard(PLACE, 0, manifest([{"id": "a"}]))
    store.write_shard(PLACE, 1, manifest([{"id": "a", "facts": {"bandwidth_hz": 4000}}]))
    bare, told = (store.read_shard(PLACE, shard) for shard in range(2))
    assert told.digest == bare.digest
    assert told.utterances == [{"id": "a", "facts": {"bandwidth_hz": 4000}}]


def test_records_of_all_shards(store):
    for shard in range(2):
        store.write_shard(PLACE, shard, manifest([{"id": f"{shard}{i}"} for i in range(2)]))
    assert [(s, r["id"]) for s, r in store.records(PLACE)] == [(0, "00"), (0, "01"), (1, "10"), (1, "11")]


def test_paths_of_a_node(store):
    assert store.shard_path(PLACE, 3) == store.root / "pitch" / PLACE.key / "003.json"
    assert store.node_path(PLACE).name == "node.json"
    assert store.epoch_path(PLACE, 12).name == "epoch_0012.json"
    assert store.epoch_state_path(PLACE, 12).name == "epoch_0012.pt"


def test_arrays_of_any_layout_come_back(tmp_path):
    arrays = {"strided": np.arange(12).reshape(3, 4).T[::2], "empty": np.zeros((0, 80), np.float32), "": np.float32(3)}
    write_arrays(tmp_path / "a.safetensors", {k: np.asarray(v) for k, v in arrays.items()})
    reader = ArrayReader(tmp_path / "a.safetensors")
    for name, array in arrays.items():
        np.testing.assert_array_equal(reader[name], array)


def test_an_array_that_is_not_there_is_named(store):
    store.write_shard(PLACE, 0, manifest(), {"a": np.zeros(1)})
    with pytest.raises(KeyError, match=r"000\.safetensors holds no array 'b'"):
        store.arrays(PLACE, 0)["b"]


# ---- JSON, digests, times ----------------------------------------------------------------------------------------


@given(content=JSON)
def test_json_round_trip(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("json") / "a.json"
    write_json(path, content)
    assert read_json(path) == content
    assert digest_of(content) == digest_of(json.loads(path.read_text("utf-8")))


@given(rows=st.lists(st.dictionaries(st.text(), JSON, min_size=1)), others=st.lists(st.just({"a": [{"b": 1}]})))
def test_rows_are_read_one_by_one(tmp_path_factory, rows, others):
    path = tmp_path_factory.mktemp("json") / "a.json"
    write_json(path, {"before": others, "rows": rows, "after": others})
    assert list(read_rows(path, "rows")) == rows
    assert list(read_rows(path, "after")) == others and not list(read_rows(path, "none"))


def test_rows_take_the_memory_of_one(tmp_path):
    rows = {"rows": [{"id": f"of_a_long_name_{i}", "value": i} for i in range(5000)]}
    tracemalloc.start()
    try:
        write_json(tmp_path / "a.json", rows)
        assert sum(row["value"] for row in read_rows(tmp_path / "a.json", "rows")) == 5000 * 4999 // 2
        assert tracemalloc.get_traced_memory()[1] < 100_000  # bytes
    finally:
        tracemalloc.stop()


def test_a_file_that_is_not_json_is_named(tmp_path):
    (tmp_path / "node.json").write_text("{")
    for read in (read_json, read_manifest):
        with pytest.raises(ValueError, match=r"node\.json is not valid JSON .* delete it and run again"):
            read(tmp_path / "node.json")


def test_the_order_of_keys_is_not_in_a_digest():
    assert digest_of({"a": 1, "b": [2, 3]}) == digest_of({"b": [2, 3], "a": 1})
    assert digest_of({"a": 1, "b": [2, 3]}) != digest_of({"a": 1, "b": [3, 2]})


def test_times_are_kept(monkeypatch):
    monkeypatch.setenv("SLURM_JOB_ID", "4711")
    run = {}
    with timed(run):
        end = time.process_time() + 0.03
        while time.process_time() < end:
            pass
    assert run["seconds"] >= 0.03 and run["cpu_seconds"] >= 0.02
    assert run["job"] == "4711" and run["host"] and run["started"]


def test_the_commit_outside_of_a_checkout_is_unknown(monkeypatch):
    monkeypatch.setitem(os.environ, "PATH", "")
    assert source_commit() == "unknown"
