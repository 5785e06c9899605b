"""A listing on its way into shards: nothing is lost or invented, whatever the number of shards."""

from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koeru.corpora import spool as module
from koeru.corpora.catalogue import shard_of
from koeru.corpora.spool import Spool
from koeru.corpora.utterance import File, Utterance
from koeru.graph.store import Excluded


def utterance(name, wav="", **more):
    file = File(wav or f"wav/{name}.wav", "", 4, 5)
    return Utterance(id=name, name=name, speaker="x", emotion="Sad", text=f"「{name}」", wav=file, **more)


def excluded(name):
    return Excluded(name, "no recording", "because 録音がない", 1.5, "x", "Sad")


def listed(folder, items, shards):
    """(records, exclusions) of all shards; items are of the corpus C, or (corpus, item)"""
    spool = Spool(folder, shards)
    for item in items:
        spool.add(*(item if isinstance(item, tuple) else ("C", item)))
    return [spool.shard(number) for number in range(shards)]


def merged(shards):
    return [[item for shard in shards for item in shard[kind]] for kind in (0, 1)]


# Of each id at most one utterance and one exclusion.
ITEMS = st.tuples(
    st.lists(st.text("ab1_-", min_size=1, max_size=5), unique=True, max_size=12).map(lambda n: [*map(utterance, n)]),
    st.lists(st.text("ab1_-あ ", min_size=1, max_size=5), unique=True, max_size=6).map(lambda n: [*map(excluded, n)]),
).flatmap(lambda both: st.permutations([*both[0], *both[1]]))


@given(items=ITEMS, shards=st.integers(1, 7))
def test_the_same_content_in_any_number_of_shards(tmp_path_factory, items, shards):
    """All that came in, as it came, each in the shard of its id and in the order of the listing."""
    found = listed(tmp_path_factory.mktemp("spool") / "listing", items, shards)
    for number, (records, exclusions) in enumerate(found):
        mine = [item for item in items if shard_of(item.id, shards) == number]
        assert records == [item.record() | {"corpus": "C"} for item in mine if isinstance(item, Utterance)]
        assert exclusions == [item for item in mine if isinstance(item, Excluded)]


def test_lines_are_written_before_memory_fills(tmp_path, monkeypatch):
    """And what is read does not depend on when they were."""
    items = [item for i in range(10) for item in (utterance(f"a{i}"), excluded(f"b{i}"))]
    expected = listed(tmp_path / "all", items, 3)
    monkeypatch.setattr(module, "HELD", 3)
    spool = Spool(tmp_path / "few", 3)
    for count, item in enumerate(items, 1):
        spool.add("C", item)
        assert sum(map(len, spool._lines.values())) == count % 3
    assert [spool.shard(number) for number in range(3)] == expected


def test_a_record_is_the_utterance_as_json_holds_it(tmp_path):
    grid = File("TextGrid/a.TextGrid", "hand", 1, 2)
    given = utterance("a", alignment=grid, begin=0.25, end=1.5, kana="カナ", turn=3, dialogue="d", subset="s")
    ((record,), _) = listed(tmp_path / "listing", [given], 1)[0]
    assert record == asdict(given) | {"corpus": "C"}


@pytest.mark.parametrize("shards", [1, 3])
def test_the_second_utterance_of_an_id_is_excluded(tmp_path, shards):
    first, again = utterance("a"), utterance("a", "other/a.wav")
    kept, lost = merged(listed(tmp_path / "listing", [first, utterance("b"), again], shards))
    assert {record["id"]: record["wav"]["path"] for record in kept} == {"a": "wav/a.wav", "b": "wav/b.wav"}
    told = "other/a.wav of C has the same id as wav/a.wav of C; rename or remove one of them"
    assert lost == [Excluded("a@other/a.wav", "duplicate id", told, None, "x", "Sad")]


def test_the_same_id_in_two_corpora_is_found_in_any_shard(tmp_path):
    names = [f"a{i}" for i in range(20)]
    items = [(corpus, utterance(name)) for corpus in ("A", "B") for name in names]
    kept, lost = merged(listed(tmp_path / "listing", items, 4))
    assert sorted(record["id"] for record in kept) == sorted(names) and {r["corpus"] for r in kept} == {"A"}
    assert {e.id for e in lost} == {f"{name}@wav/{name}.wav" for name in names}
    assert all("of B has the same id as" in e.detail for e in lost)


def test_a_row_that_occurs_twice_is_told_as_such(tmp_path):
    _, (lost,) = merged(listed(tmp_path / "listing", [utterance("a"), utterance("a")], 1))
    assert lost.detail == "two rows of a transcript name wav/a.wav of C; remove one of them"


def test_of_three_equal_ids_two_are_excluded(tmp_path):
    items = [utterance("a"), utterance("a", "b.wav"), replace(utterance("a", "c.wav"), emotion="Happy")]
    kept, lost = merged(listed(tmp_path / "listing", items, 2))
    assert len(kept) == 1 and [e.id for e in lost] == ["a@b.wav", "a@c.wav"]
    assert [e.emotion for e in lost] == ["Sad", "Happy"]


def test_what_an_interrupted_listing_left_is_not_taken_in(tmp_path):
    left = Spool(tmp_path / "listing", 2)
    for i in range(10):
        left.add("C", utterance(f"old{i}"))
    assert left.shard(0)[0] and left.shard(1)[0]
    kept, lost = merged(listed(tmp_path / "listing", [utterance("new")], 2))
    assert [record["id"] for record in kept] == ["new"] and not lost


def test_an_empty_listing_has_empty_shards(tmp_path):
    assert listed(tmp_path / "a" / "listing", [], 3) == [([], [])] * 3
