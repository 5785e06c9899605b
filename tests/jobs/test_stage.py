"""Around every stage: nothing is lost without a word, nothing half is left."""

import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jobs.shards import NEW, OLD, PITCH, SEGMENTS, close, kept, work_on

from koeru.graph.store import Excluded, Store, read_json
from koeru.jobs.stage import ExclusionError, LeftOut, check_account, check_excluded, run_shard, seal, told

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


# ---- tools and notes -----------------------------------------------------------------------------------------------


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
