"""What config.yaml says of the memo's entries, and what koeru makes of them."""

from pathlib import Path

import pytest
import yaml

from koeru.config import load
from koeru.graph import Graph

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def graph():
    return Graph(load(yaml.safe_load((ROOT / "config.yaml").read_text("utf-8"))))


@pytest.mark.parametrize(("one", "other"), [("LINE", "LINE_2"), ("jsut_jsss", "jsut_jsss_1"), ("N2C", "N2C_4")])
def test_datasets_that_were_made_twice_are_one(graph, one, other):
    assert graph.data[one] is graph.data[other]


def test_datasets_that_differ_are_not_mistaken_for_each_other(graph):
    assert len({node.key for node in graph.data.values()}) == len(graph.data) - 3


@pytest.mark.parametrize("name", ["LINE", "LINE_2", "LINE_3", "JSUT_NICT_LINE"])
def test_without_itako_means_the_dialogues_alone(graph, name):
    (taken,) = [chosen for chosen in graph.config.spk[name].corpora if chosen.name == "STUDIES"]
    assert taken.subsets == ("*_dialogue",)


@pytest.mark.parametrize("speaker", ["Teacher", "MStudent", "FStudent"])
def test_the_prosody_extractors_have_one_speaker_with_itako_and_accents(graph, speaker):
    spk = graph.config.spk[f"LINE_{speaker}"]
    assert spk.labels.accent and [(c.subsets, c.speakers) for c in spk.corpora] == [((), (speaker,))]


def test_whoever_lacks_a_corpus_is_told_where_to_get_it(graph):
    assert all(corpus.source for corpus in graph.config.corpora.values())


def test_every_corpus_is_taken_by_a_dataset(graph):
    assert {chosen.name for spk in graph.config.spk.values() for chosen in spk.corpora} == set(graph.config.corpora)
