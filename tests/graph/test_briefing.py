"""What the scripts of a run are told: each its own node, and each view the names that its entry gives."""

import json

import pytest
import yaml
from configured import graph_of

from koeru.graph.briefing import Briefing, names, told
from koeru.graph.node import record
from koeru.graph.store import Store

CONFIG = """
corpora:
  C: {format: studies, path: here}
spk:
  voice: {corpora: [C]}
  twin: {base: voice}
exp:
  first: {spk: voice, epochs: 4, chunk: 2}
  same: {base: first, spk: twin}
  child: {base: first, pretrain: same@2, vocoder: tuned}
weights:
  published: {generator: g_1}
vocoder:
  tuned: {spk: voice, start: published, epochs: 2}
  alike: {base: tuned, note: the same}
  as_it_is: {spk: voice, start: published, epochs: 0}
"""


def graph(change=lambda raw: None):
    raw = yaml.safe_load(CONFIG)
    change(raw)
    return graph_of(raw)


def test_a_script_reads_its_own_node(tmp_path):
    briefing = Briefing(graph(), Store(tmp_path))
    briefing.write()
    for (stage, key), node in briefing.graph.nodes.items():
        assert told(briefing.path, "nodes", f"{stage}/{key}") == json.loads(json.dumps(node.spec()))


def test_a_node_of_another_configuration_is_refused_in_words(tmp_path):
    briefing = Briefing(graph(), Store(tmp_path))
    briefing.write()
    with pytest.raises(ValueError, match="knows no pitch/0123456789abcdef"):
        told(briefing.path, "nodes", "pitch/0123456789abcdef")


def test_another_configuration_is_another_file_and_the_same_is_the_same(tmp_path):
    store = Store(tmp_path)
    one, again = Briefing(graph(), store), Briefing(graph(), store)
    other = Briefing(graph(lambda raw: raw["exp"]["first"].update(train={"seed": 9})), store)
    assert one.path == again.path != other.path
    one.write()
    written = one.path.stat().st_mtime_ns
    again.write()
    assert one.path.stat().st_mtime_ns == written


def test_a_view_keeps_its_node_and_every_ancestor(tmp_path):
    briefing = Briefing(graph(), Store(tmp_path))
    briefing.write()
    view = told(briefing.path, "views", "exp/child")
    assert view["key"] == briefing.graph.views["exp"]["child"].key
    assert view["record"] == json.loads(json.dumps(record(briefing.graph.views["exp"]["child"])))


def test_shared_nodes_have_the_names_that_the_views_entry_gives_them():
    made = graph()
    assert made.views["exp"]["first"] is made.views["exp"]["same"]
    exp, dataset, train = made.views["exp"]["first"], made.data["voice"], made.trained["exp"]["first"].node
    for name, spk in (("first", "voice"), ("same", "twin")):
        found = names(made, "exp", name)
        assert found[f"exp/{exp.key}"] == found[f"train/{train.key}"] == name
        assert found[f"dataset/{dataset.key}"] == spk
        assert found[f"entries/{exp.key}"] == "first, same"
    assert names(made, "exp", "child")[f"train/{train.key}"] == "same"
    assert names(made, "data", "twin")[f"dataset/{dataset.key}"] == "twin"


def test_the_text_is_plain_json_in_the_order_of_the_graph():
    content = json.loads(Briefing(graph(), Store("nowhere")).text)
    vocoders = ["vocoder/tuned", "vocoder/alike", "vocoder/as_it_is"]
    assert list(content["views"]) == ["data/voice", "data/twin", "exp/first", "exp/same", "exp/child", *vocoders]


def test_a_page_calls_a_vocoder_by_the_name_that_the_entry_gives_it():
    made = graph()
    tuned, weights = (made.trained["vocoder"][name].node for name in ("tuned", "as_it_is"))
    assert names(made, "exp", "child")[f"vocoder/{tuned.key}"] == "tuned"
    for name in ("tuned", "alike"):
        found = names(made, "vocoder", name)
        assert found[f"vocoder/{tuned.key}"] == found[f"resynthesis/{made.views['vocoder'][name].key}"] == name
        assert found[f"entries/{made.views['vocoder'][name].key}"] == "tuned, alike"
    assert names(made, "vocoder", "as_it_is")[f"weights/{weights.key}"] == "as_it_is"
