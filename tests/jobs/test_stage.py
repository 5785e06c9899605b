"""Around every stage: nothing is lost without a word, nothing equal is computed twice, nothing half is left."""

import os
import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from koeru.graph.stages import DATA_STAGES
from koeru.graph.store import Excluded, Manifest, Place, Store, digest_of, file_digest, read_json
from koeru.jobs.stage import ExclusionError, LeftOut, Work, check_account, check_excluded, run_shard, seal, told

SEGMENTS = Place("segments", "5" * 16, 2)
PITCH = Place("pitch", "a" * 16, 2)
RUN = {"seconds": 0.0, "cpu_seconds": 0.0, "started": "", "host": "here"}


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setattr("koeru.jobs.stage.source_commit", lambda: "0123456789ab")
    return Store(tmp_path / "store")


def work_on(store, *shards, key=PITCH.key, version=1, params=None, max_excluded=1.0):
    """A pitch node over a segments node that holds the given ids, a list for each shard."""
    if shards:
        write_segments(store, shards)
    place = replace(PITCH, key=key)
    settings = {"max_excluded": max_excluded}
    return Work(place, version, params or {"pitch.method": "dio"}, {"segments": SEGMENTS}, settings, store)


def write_segments(store, shards):
    for shard, ids in enumerate(shards):
        records = [{"id": name, "speaker": "Teacher", "emotion": "Sad", "seconds": 2.0} for name in ids]
        store.write_shard(SEGMENTS, shard, Manifest("segments", SEGMENTS.key, records, run=dict(RUN)))


def kept(record):
    return [record | {"utterance": record["id"]}], {f"{record['id']}/log_f0": np.full(3, len(record["id"]))}


def never(record):
    pytest.fail(f"{record['id']} was computed again")


def close(work, process, shards=2):
    for shard in range(shards):
        run_shard(work, shard, process)
    seal(work)
    return read_json(work.store.node_path(work.place))


# ---- the account -------------------------------------------------------------------------------------------------

IDS = st.text("abc", min_size=1, max_size=4)
FATES = st.dictionaries(IDS, st.sampled_from(["kept", "split", "lost to silence", "lost to noise"]), max_size=12)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(first=FATES, second=FATES)
def test_in_is_out_and_excluded(tmp_path_factory, monkeypatch, first, second):
    monkeypatch.setattr("koeru.jobs.stage.source_commit", lambda: "0123456789ab")
    store = Store(tmp_path_factory.mktemp("store"))
    second = {f"{name}2": fate for name, fate in second.items()}
    fates = first | second

    def process(record):
        fate = fates[record["id"]]
        if fate.startswith("lost"):
            raise ExclusionError(fate, "in a sentence")
        pieces = [record["id"]] if fate == "kept" else [f"{record['id']}.00", f"{record['id']}.01"]
        return [record | {"id": piece, "utterance": record["id"], "seconds": 1.0} for piece in pieces], {}

    node = close(work_on(store, list(first), list(second)), process)
    count = Counter(fates.values())
    assert node["in"] == len(fates)
    assert node["out"] == count["kept"] + 2 * count["split"]
    assert node["excluded"] == count["lost to silence"] + count["lost to noise"]
    assert node["excluded_by_reason"] == {r: n for r, n in count.items() if r.startswith("lost")}
    assert node["seconds_out"] == node["out"]
    came_out = {r["utterance"] for _, r in store.records(PITCH)}
    left_out = {e.id: e.reason for shard in range(2) for e in store.read_shard(PITCH, shard).excluded}
    assert came_out | left_out.keys() == fates.keys()
    assert not came_out & left_out.keys()
    assert left_out == {name: fate for name, fate in fates.items() if fate.startswith("lost")}


def test_an_exclusion_says_who_and_how_long(store):
    def process(record):
        raise ExclusionError("no voiced frame", "a whisper?")

    run_shard(work_on(store, ["a"], []), 0, process)
    (lost,) = store.read_shard(PITCH, 0).excluded
    assert lost == Excluded("a", "no voiced frame", "a whisper?", 2.0, "Teacher", "Sad")


def test_an_utterance_that_vanishes_is_told(store):
    work = work_on(store, ["a", "b"], ["c"])
    with pytest.raises(ValueError, match=r"pitch shard 0: the account is not closed: lost \['b'\]"):
        close(work, lambda record: ([], {}) if record["id"] == "b" else kept(record))
    assert not store.node_path(PITCH).exists()


@pytest.mark.parametrize(
    ("came_out", "excluded", "told"),
    [
        (["a"], [], r"lost \['b'\]"),
        (["a", "b", "c"], [], r"invented \['c'\]"),
        (["a"], ["b", "c"], r"invented \['c'\]"),
        (["a", "b"], ["b"], r"both kept and excluded \['b'\]"),
    ],
)
def test_an_open_account(came_out, excluded, told):
    with pytest.raises(ValueError, match=told):
        check_account("pitch", ["a", "b"], came_out, [Excluded(name, "r", "d") for name in excluded])


def test_node_json_says_what_it_is_and_where_it_came_from(store):
    node = close(work_on(store, ["a"], ["b"]), kept)
    assert (node["stage"], node["key"], node["version"]) == ("pitch", PITCH.key, 1)
    assert node["params"] == {"pitch.method": "dio"}
    assert node["parents"] == {"segments": {"stage": "segments", "key": SEGMENTS.key, "epoch": None}}
    assert node["commit"] == "0123456789ab"
    assert node["digests"] == [store.read_shard(PITCH, shard).digest for shard in range(2)]
    assert node["run"]["hosts"] and node["run"]["seconds"] >= 0


# ---- too many exclusions -----------------------------------------------------------------------------------------


def test_past_the_limit_a_table_says_what_went_wrong(store):
    def process(record):
        if record["id"] in "cde":
            raise ExclusionError("truncated" if record["id"] != "e" else "clipped", f"detail of {record['id']}")
        return kept(record)

    work = work_on(store, list("abc"), list("defg"), max_excluded=0.25)
    with pytest.raises(ValueError) as caught:
        close(work, process)
    lines = str(caught.value).splitlines()
    assert lines[0].startswith("pitch: 3 of 7 utterances are excluded (42.9%), more than gates.max_excluded allows (25")
    assert [line.split() for line in lines[1:3]] == [["2", "truncated"], ["1", "clipped"]]
    for name in "cde":
        assert any(line.strip().startswith(f"{name}: ") and f"detail of {name}" in line for line in lines)
    assert "raise gates.max_excluded" in lines[-1]
    assert not store.node_path(PITCH).exists()


def test_the_limit_itself_is_allowed():
    lost = [Excluded("a", "r", "d")]
    check_excluded("wav", 100, LeftOut().add(lost), 0.01)
    check_excluded("wav", 0, LeftOut(), 0.0)
    with pytest.raises(ValueError):
        check_excluded("wav", 99, LeftOut().add(lost), 0.01)


def test_a_long_table_is_cut():
    lost = [Excluded(f"u{i:03d}", "truncated", "d") for i in range(50)]
    with pytest.raises(ValueError, match="… and 30 more"):
        check_excluded("wav", 100, LeftOut().add(lost), 0.01)


def test_of_every_reason_one_is_told_however_late_it_comes():
    lost = LeftOut().add(Excluded(f"u{i:03d}", "truncated", "d") for i in range(50))
    lost.add([Excluded("late", "clipped", "d"), Excluded("later", "clipped", "d")])
    assert len(lost.first) + len(lost.others) < 30  # that are held
    heading, _, title, *examples, more = told(lost)
    assert heading.split() == ["50", "truncated"] and title == "The utterances:" and more == "  … and 32 more"
    assert [line.split()[0] for line in examples[:3]] == ["u000:", "late:", "u001:"] and len(examples) == 20


# ---- equal shards --------------------------------------------------------------------------------------------------


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


# ---- tools and notes -----------------------------------------------------------------------------------------------

OLD, NEW = {"front_end": "jtalk 1.0", "dictionary": "aa"}, {"front_end": "jtalk 1.1", "dictionary": "aa"}


def test_a_node_says_which_tools_made_it(store):
    work = work_on(store, ["a"], ["b"])
    for shard, tools in enumerate((None, OLD)):  # the first needed none
        run_shard(work, shard, kept, tools=tools)
    seal(work)
    assert read_json(store.node_path(PITCH))["tools"] == OLD
    assert [store.read_shard(PITCH, shard).tools for shard in range(2)] == [{}, OLD]
    assert "tools" not in close(work_on(store, key="d" * 16), kept)


def test_shards_of_different_tools_are_not_one_node(store):
    work = work_on(store, ["a"], ["b"])
    run_shard(work, 0, kept, tools=OLD)
    run_shard(work, 1, kept, tools=NEW)
    with pytest.raises(ValueError, match="different versions of the same tools") as caught:
        seal(work)
    told = str(caught.value)
    assert re.search(r"000\.json .*front_end jtalk 1\.0", told) and re.search(r"001\.json .*front_end jtalk 1\.1", told)
    assert "Delete the older shards" in told and str(work.folder) in told
    assert not store.node_path(PITCH).exists()


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


def test_a_summary_is_printed_and_kept(store, capsys):
    def summary(records):
        return [f"{len(records)} came out", "in words"]

    run_shard(work_on(store, ["a", "b"], []), 0, kept, summary=summary)
    assert store.read_shard(PITCH, 0).notes == ["2 came out", "in words"]
    assert capsys.readouterr().err.splitlines()[-2:] == ["pitch 000: 2 came out", "pitch 000: in words"]


# ---- what goes wrong -----------------------------------------------------------------------------------------------


def test_an_unexpected_error_names_the_utterance(store):
    def process(record):
        if record["id"] == "b":
            raise ZeroDivisionError("no frames")
        return kept(record)

    with pytest.raises(RuntimeError, match="pitch failed at utterance b: no frames") as caught:
        run_shard(work_on(store, ["a", "b"], []), 0, process)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert not store.folder(PITCH).exists()


DIES = """
import os, sys
from koeru.jobs.stage import Work, run_shard
from koeru.graph.store import Place, Store
work = Work(Place("pitch", "a" * 16, 2), 1, {"pitch.method": "dio"}, {"segments": Place("segments", "5" * 16, 2)},
            {"max_excluded": 1.0}, Store(sys.argv[1]))
run_shard(work, 1, lambda record: os.kill(os.getpid(), 9) if record["id"] == "d" else ([record], {}))
"""


def test_a_worker_that_dies_takes_no_finished_work_with_it(store):
    work = work_on(store, ["a", "b"], ["c", "d"])
    run_shard(work, 0, kept)
    before = store.shard_path(PITCH, 0).read_bytes()
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    died = subprocess.run([sys.executable, "-c", DIES, str(store.root)], env=environment, capture_output=True)
    assert died.returncode == -9
    assert sorted(p.name for p in store.folder(PITCH).iterdir()) == ["000.json", "000.safetensors"]
    assert store.shard_path(PITCH, 0).read_bytes() == before
    run_shard(work, 1, kept)
    seal(work)
    assert [r["id"] for _, r in store.records(PITCH)] == ["a", "b", "c", "d"]


# ---- the machine ---------------------------------------------------------------------------------------------------


def test_what_the_machine_does_wrong_is_no_exclusion(store):
    def process(record):
        raise FileNotFoundError(2, "No such file or directory", "corpus/a.wav")

    with pytest.raises(RuntimeError, match=r"(?s)utterance a: .*corpus/a\.wav.*fault of the machine.*goes on"):
        run_shard(work_on(store, ["a"], []), 0, process)
    assert not store.shard_path(PITCH, 0).exists()


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
