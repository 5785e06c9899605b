"""The table of splits: what a dictionary would tell, in a few bytes an utterance."""

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koeru.data import split_table
from koeru.data.split_table import SplitTable, write_splits
from koeru.data.splits import SPLITS
from koeru.graph.store import write_json

KNOWN = {f'話者_{i}"': SPLITS[i * i % 3] for i in range(200)}


@given(st.dictionaries(st.text(min_size=1), st.sampled_from(SPLITS)))
def test_it_tells_what_a_dictionary_does(splits):
    table = SplitTable(splits.items())
    assert {name: table[name] for name in splits} == splits and len(table) == len(splits)
    assert table.sizes() == {split: list(splits.values()).count(split) for split in SPLITS}


def test_an_unknown_utterance_is_named():
    with pytest.raises(KeyError, match="nobody is in no split"):
        SplitTable(KNOWN.items())["nobody"]


def test_the_file_is_the_json_that_it_always_was(tmp_path):
    write_splits(tmp_path / "one.json", KNOWN.items())
    write_json(tmp_path / "other.json", KNOWN)
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "other.json").read_bytes()
    table = SplitTable.read(tmp_path / "other.json")
    assert {name: table[name] for name in KNOWN} == KNOWN and len(table) == len(KNOWN)


def test_a_broken_file_is_named(tmp_path):
    (tmp_path / "splits.json").write_text('{\n "a": "train",\n "b": "de', "utf-8")
    with pytest.raises(ValueError, match=r"splits.json is not valid .*run again"):
        SplitTable.read(tmp_path / "splits.json")


def test_one_hash_of_two_splits_is_no_answer(monkeypatch):
    monkeypatch.setattr(split_table, "hash_of", len)
    SplitTable([("aa", "dev"), ("bb", "dev")])
    with pytest.raises(ValueError, match="rename an utterance"):
        SplitTable([("aa", "dev"), ("bb", "train")])


def test_it_takes_bytes_an_utterance(tmp_path):
    def kept(count: int) -> int:
        write_splits(
            tmp_path / "splits.json", ((f"an_utterance_of_a_long_name_{i}", SPLITS[i % 3]) for i in range(count))
        )
        tracemalloc.start()
        try:
            table = SplitTable.read(tmp_path / "splits.json")
            assert len(table) == count
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    few, many = kept(5000), kept(20000)
    assert (many - few) / 15000 < 60  # a dictionary takes some 230
