"""config.yaml belongs to its user: what he adds and deletes there touches nothing else, and no other test reads it."""

import re
import textwrap
from pathlib import Path

import pytest
import yaml
from configured import graph_of
from memo import ROOT, memo, overlaid

from koeru.graph.graph import Graph

README = (ROOT / "README.md").read_text("utf-8")
DELETED = {
    "exp": ("LINE_15", "LINE_12", "Long_dialogue_9", "N2C_14", "N2C_15"),
    "vocoder": ("stand_in_2",),
    "spk": ("N2C_3",),
}


def example() -> dict:
    """The entries of a corpus of one's own, as the README shows them."""
    (block,) = re.findall(r"^ *```yaml\n(.*?)^ *```", README, re.MULTILINE | re.DOTALL)
    (further,) = re.findall(r"`(MINE_2: \{.*?\}\})`", README)
    return overlaid(yaml.safe_load(textwrap.dedent(block)), {"exp": yaml.safe_load(further)})


def less_some() -> dict:
    """The delivered entries without some that no other entry needs."""
    raw = memo()
    for table, names in DELETED.items():
        for name in names:
            del raw[table][name]
    return raw


def keys(graph: Graph) -> dict[str, str]:
    return {f"{kind}/{name}": node.key for kind, views in graph.views.items() for name, node in views.items()}


def test_config_yaml_says_what_koeru_understands():
    """Whatever its user has made of it. That it is still what the tests have a copy of, `make lint` says."""
    graph_of(yaml.safe_load((ROOT / "config.yaml").read_text("utf-8")))


@pytest.mark.parametrize("under", [memo, less_some], ids=["all", "some deleted"])
def test_the_readmes_example_is_further_entries_and_touches_no_other(under):
    before, after = keys(graph_of(under())), keys(graph_of(overlaid(under(), example())))
    assert after.keys() - before.keys() == {"data/MINE_1", "exp/MINE_1", "exp/MINE_2"}
    assert {name: after[name] for name in before} == before
    assert after["exp/MINE_1"] != after["exp/MINE_2"]


def test_an_entry_needs_no_note():
    assert not any("note" in entry for table in ("spk", "exp") for entry in example()[table].values())


def test_no_other_test_reads_config_yaml():
    reads = re.compile(r'ROOT / "(config\.yaml|Snakefile)"\)\.read|"--snakefile", ROOT')
    found = [path for path in (ROOT / "tests").rglob("*.py") if reads.search(path.read_text("utf-8"))]
    assert found == [Path(__file__).resolve()]
