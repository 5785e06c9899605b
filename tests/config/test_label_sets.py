"""What may be said of sets of labels, and what it means."""

import pytest
import yaml
from configured import graph_of
from pydantic import ValidationError

from koeru.config.corpora import Corpus
from koeru.config.label_sets import EVERYTHING, KNOWN, LabelSet
from koeru.config.tables import ConfigError
from koeru.graph.node import ancestry


def sets(*written):
    return Corpus.model_validate({"format": "folder", "path": "x", "labels": list(written)}).labels


def problems(labels):
    raw = {"corpora": {"A": {"format": "jsut", "path": "a", "labels": labels}}, "spk": {"s": {"corpora": ["A"]}}}
    with pytest.raises(ConfigError) as caught:
        graph_of(raw)
    return caught.value.problems


def test_sets_that_are_known_by_name_say_by_themselves_who_made_them():
    hand, lab, jsss, hiho = sets(*({"name": n, "path": n} for n in ("jsut-label", "jsut-lab", "JSSSLabel", "jvs_hiho")))
    assert (hand.made, hand.gives) == ("by_hand", ("times", "reading", "accents"))
    assert {(other.made, other.gives) for other in (lab, jsss, hiho)} == {("machine", ("times",))}
    assert all(gives == ("times",) for made, gives in KNOWN.values() if made == "machine")


def test_what_a_set_gives_follows_from_who_made_it_unless_it_is_said():
    hand, machine, told = sets(
        {"name": "a", "path": "a", "made": "by_hand"},
        {"name": "b", "path": "b", "made": "machine"},
        {"name": "c", "path": "c", "made": "machine", "gives": ["accents", "reading", "times"]},
    )
    assert (hand.gives, machine.gives, told.gives) == (EVERYTHING, ("times",), ("times", "reading", "accents"))
    corrected = sets({"name": "jsut-lab", "path": "a", "made": "by_hand"})[0]  # who corrected it himself
    assert corrected.gives == EVERYTHING


def test_a_mapping_is_refused_in_words_that_show_the_list_to_write():
    (told,) = problems({"jsut-lab": "corpora/jsut-lab", "mine": "/data/my labels"})
    assert told.startswith("corpora.A.labels: is a list, the preferred set first")
    pasted = told[told.index("    labels:") : told.index("    with `machine`")]
    found = yaml.safe_load(pasted)["labels"]
    assert found == [
        {"name": "jsut-lab", "path": "corpora/jsut-lab"},
        {"name": "mine", "path": "/data/my labels", "made": "by_hand"},
    ]
    assert [own.made for own in sets(*found)] == ["machine", "by_hand"]


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        ([{"name": "mine", "path": "x"}], "corpora.A.labels.0: say who made the set 'mine'"),
        ([{"name": "mine", "path": "x", "made": "hand"}], "corpora.A.labels.0.made: input should be 'by_hand' or"),
        ([{"name": "jsut-lab", "path": "x", "gives": []}], "corpora.A.labels.0.gives: a set gives something"),
        ([{"name": "jsut-lab", "path": "x", "gives": ["accents"]}], "accents belong to a reading"),
        ([{"name": "jsut-lab", "path": "x", "mad": "machine"}], "labels.0.mad: unknown key; did you mean 'made'?"),
        ([{"name": "../up", "path": "x", "made": "machine"}], "labels.0.name: a name may hold only"),
        ([{"name": "jsut-lab", "path": "x"}] * 2, "corpora.A.labels: jsut-lab stands there 2 times"),
        ([{"name": "jsut-lab"}], "corpora.A.labels.0.path: is required"),
        (["jsut-lab"], "corpora.A.labels.0"),
    ],
)
def test_what_a_set_may_not_say(labels, told):
    assert any(told in problem for problem in problems(labels)), problems(labels)


def stale(one, other):
    """The stages of a dataset whose keys differ between two lists of sets."""
    keys = []
    for labels in (one, other):
        raw = {"corpora": {"A": {"format": "jsut", "path": "a", "labels": labels}}, "spk": {"s": {"corpora": ["A"]}}}
        keys.append({node.stage: node.key for _, node, _ in ancestry(graph_of(raw).data["s"])})
    return {stage for stage in keys[0] if keys[0][stage] != keys[1][stage]}


def test_names_order_and_makers_are_in_keys_and_paths_in_none():
    first, second = ({"name": name, "path": "a"} for name in ("jsut-label", "jsut-lab"))
    assert stale([first, second], [first | {"path": "b"}, second]) == set()
    assert {"utterances", "wav", "labels"} <= stale([first, second], [second, first])
    assert "utterances" in stale([first], [first | {"made": "machine"}])
    assert "utterances" in stale([first], [first | {"gives": ["times"]}])


def test_accents_and_devoicing_concern_the_labels_alone():
    first = {"name": "jsut-label", "path": "a"}
    found = stale([first], [first | {"gives": ["times", "reading"]}])
    assert "labels" in found and not found & {"utterances", "wav", "segments", "pitch", "mel"}
    assert stale([first], [first | {"gives": ["accents", "reading", "times"]}]) == set()  # the default, written out


def test_nothing_else_is_a_set():
    with pytest.raises(ValidationError):
        LabelSet.model_validate({"name": "a", "path": "a", "made": "by_hand", "gives": ["tones"]})
