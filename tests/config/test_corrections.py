"""A file of corrections: what it may say, and what makes it another one."""

import pytest
from configured import graph_of
from hypothesis import given
from hypothesis import strategies as st

from koeru.config.corrections import digest, read_corrections
from koeru.config.rows import RowsError
from koeru.config.tables import ConfigError
from koeru.graph.node import ancestry


@pytest.fixture
def file(tmp_path):
    def write(content, name="corrections.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def test_rows_remarks_quotes_and_ends_of_lines(file):
    path = file("\ufeffid,kana\r\n# 20 names\r\na,\"ハ'イ、ソ'ー\"\r\n\r\n  b , ア/イ \r\n")
    assert read_corrections(path) == {"a": "ハ'イ、ソ'ー", "b": "ア/イ"}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("a,ア\n", r"corrections.csv, line 1: the first line must be `id,kana`, not 'a,ア'"),
        ("id,kana,text\n", r"not 'id,kana,text'"),
        ("", r"is empty: its first line must be `id,kana`"),
        ("id,kana\na,ア\nb,イ\na,ウ\n", r"corrections.csv: a is corrected twice, in line 2 and in line 4"),
        ("id,kana\na,\n", r"line 2: the kana is empty"),
        ("id,kana\n,ア\n", r"line 2: the id is empty"),
        ("id,kana\n\na,ハイ,ソー\n", r"line 3: `id,kana` is wanted, and 'a,ハイ,ソー' has 3 columns"),
        ('id,kana\na,"ア"イ\n', r"corrections.csv, line 2: this is no CSV"),
        ("id,kana\na,はい\n".encode("cp932"), r"is not UTF-8 .*: save it as UTF-8"),
    ],
)
def test_what_is_no_file_of_corrections(file, content, told):
    with pytest.raises(RowsError, match=told):
        read_corrections(file(content))


def test_all_that_is_wrong_is_told_at_once(file, tmp_path):
    path = file("id,kana\na,\nb,イ\nb,ウ\n")
    spk = {"s": {"corpora": ["A"], "corrections": str(path)}, "t": {"corpora": ["A"], "corrections": "nowhere.csv"}}
    with pytest.raises(ConfigError) as caught:
        graph_of({"corpora": {"A": {"format": "folder", "path": "a"}}, "spk": spk})
    told = "\n".join(caught.value.problems)
    assert told.count("spk.s.corrections:") == 2 and "the kana is empty" in told and "b is corrected twice" in told
    assert "spk.t.corrections: nowhere.csv: there is no such file" in told


kana = st.dictionaries(st.text("abc", min_size=1), st.text("アイ'/", min_size=1), max_size=4)


@given(kana, kana)
def test_the_digest_is_that_of_what_is_said_in_whatever_order(one, other):
    assert (digest(one) == digest(other)) == (one == other)
    assert digest(dict(reversed(one.items()))) == digest(one)
    assert (digest(one) == "") == (one == {})


def test_what_a_file_says_is_in_the_keys_of_what_reads_texts_and_where_it_lies_is_not(file):
    def keys(path):
        spk = {"corpora": ["A"], "features": ["tokens"]} | ({"corrections": str(path)} if path else {})
        graph = graph_of({"corpora": {"A": {"format": "folder", "path": "a"}}, "spk": {"s": spk}})
        return {node.stage: node.key for _, node, _ in ancestry(graph.data["s"])}

    def stale(one, other):
        return {stage for stage, key in keys(one).items() if key != keys(other)[stage]}

    first = file("id,kana\na,ア\n")
    assert stale(None, first) == {"labels", "tokens", "stats", "dataset"}
    assert stale(first, file("id,kana\n# the same\na,ア\n", "other.csv")) == set()
    assert stale(first, file("id,kana\na,イ\n", "third.csv")) == {"labels", "tokens", "stats", "dataset"}
    assert stale(None, file("id,kana\n", "empty.csv")) == set()
