"""What a view keeps of its node and of all that it came from."""

import yaml
from configured import graph_of
from leaves import BASE

from koeru.graph.node import record


def rights_of(kind, name, change=lambda raw: None):
    """Path in the record of an entry's view -> the rights there."""
    raw = yaml.safe_load(BASE)
    change(raw)
    kept = record(graph_of(raw).views[kind][name])
    return {path: node["rights"] for path, node in kept.items() if "rights" in node}


def test_the_rights_of_all_that_an_experiment_and_its_vocoder_were_trained_on_are_kept():
    def change(raw):
        raw["corpora"]["recorded"] |= {"licence": "mine", "credit": "me", "consent": "asked", "voices": "forbidden"}
        raw["weights"]["published"]["licence"] = "MIT"
        raw["exp"]["child"]["vocoder"] = "tuned"

    found = rights_of("exp", "child", change)
    assert found["utterances"]["recorded"] == {
        "format": "studies", "licence": "mine", "credit": "me", "consent": "asked", "voices": "forbidden",
        "stand_in": False,
    }  # fmt: skip
    assert {"published": {"licence": "MIT"}} in found.values()


def test_rights_are_in_no_key():
    def change(raw):
        raw["corpora"]["recorded"] |= {"licence": "mine", "voices": "forbidden"}

    raw = yaml.safe_load(BASE)
    before = graph_of(raw).views["exp"]["child"].key
    change(raw)
    assert graph_of(raw).views["exp"]["child"].key == before
    assert rights_of("data", "voice")["utterances"]["recorded"]["voices"] == "unknown"
