"""What docs/corpora.md shows works: its entries are valid, its tables true, and its example adapter reads a folder."""

import re
import textwrap
import types
from pathlib import Path
from typing import get_args

import pytest
import yaml
from configured import load

from koeru.config.base import defaults
from koeru.config.corpora import Corpus
from koeru.config.spk import Gates
from koeru.corpora.delivered import Delivered
from koeru.corpora.selection import Selection
from koeru.corpora.utterance import Utterance
from koeru.graph.store import Excluded

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "corpora.md").read_text("utf-8")
MADE_UP = {"spk": {}, "exp": {}}


def code(language):
    """The blocks of code in a language."""
    blocks = re.findall(rf"^( *)```{language}\n(.*?)^ *```", PAGE, re.MULTILINE | re.DOTALL)
    return [textwrap.dedent(text) for _, text in blocks]


@pytest.mark.parametrize("block", code("yaml"))
def test_the_entries_are_valid(block):
    config = load(MADE_UP | yaml.safe_load(block))
    assert config.corpora


def test_there_are_entries_to_look_at():
    assert len(code("yaml")) >= 3


def test_every_layout_has_a_section():
    assert re.findall(r"^### (\w+):", PAGE, re.MULTILINE) == [
        "jsut",
        "jsss",
        "jvs",
        "studies",
        "ita",
        "ljspeech",
        "style_bert_vits2",
        "aishell1",
        "aishell3",
        "primewords",
        "st_cmds",
        "aidatatang_200zh",
        "cn_celeb",
        "folder",
    ]
    assert set(re.findall(r"^### (\w+):", PAGE, re.MULTILINE)) == set(
        get_args(Corpus.model_fields["format"].annotation)
    )


def test_the_table_of_gates_has_every_gate_with_its_default():
    rows = re.findall(r"^\| `((?:max|min)_\w+)` \|.*?\| ([0-9.]+) \|", PAGE, re.MULTILINE)
    assert {name: float(limit) for name, limit in rows} == defaults(Gates)


@pytest.fixture
def adapter():
    """The example adapter, as a module."""
    (source,) = code("python")
    module = types.ModuleType("example")
    exec(compile(source, "docs/corpora.md", "exec"), module.__dict__)
    return module


@pytest.fixture
def delivered(tmp_path):
    for speaker, rows in (("Anna", "a1:こんにちは。\na2:はい。\nwhat\n"), ("Ben", "a1:こんにちは。\n")):
        (tmp_path / speaker).mkdir()
        (tmp_path / speaker / "texts.txt").write_text(rows, "utf-8")
        (tmp_path / speaker / "a1.wav").write_bytes(b"RIFF")
    (tmp_path / "Anna" / "a1.TextGrid").write_text("grid")
    return Delivered("MINE", tmp_path)


def test_the_example_adapter_reads_a_folder(adapter, delivered):
    found = list(adapter.utterances(delivered, Selection()))
    kept = {u.id: u for u in found if isinstance(u, Utterance)}
    assert set(kept) == {"Anna_a1", "Ben_a1"}
    assert kept["Anna_a1"].alignment.path == "Anna/a1.TextGrid" and kept["Anna_a1"].text == "こんにちは。"
    assert kept["Ben_a1"].speaker == "Ben" and kept["Ben_a1"].alignment is None
    lost = {e.id: e.reason for e in found if isinstance(e, Excluded)}
    assert lost == {"Anna_a2": "no recording", "line-3-of-Anna/texts.txt": "row not understood"}
    assert isinstance(adapter.LICENCE, str) and isinstance(adapter.LAYOUT, str)


def test_the_example_adapter_lists_only_the_subsets_that_are_wanted(adapter, delivered):
    selection = Selection(subsets=("Ben",))
    assert [item.id for item in adapter.utterances(delivered, selection)] == ["Ben_a1"]
    assert selection.offered["subsets"] == {"Anna", "Ben"}
