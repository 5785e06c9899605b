"""Which jobs make a node: the cut, the order, and dry plans that are complete."""

import pytest
import yaml
from configured import graph_of
from hypothesis import given, settings
from hypothesis import strategies as st

from koeru.graph.plan import Plan, place
from koeru.graph.store import Store

CONFIG = """
corpora:
  A: {format: studies, path: corpora/A}
  B: {format: studies, stand_in: {minutes: 3}}
spk:
  voice: {corpora: [A, B], shards: 3}
exp:
  parent: {spk: voice, epochs: 60, chunk: 20}
  child: {base: parent, train: {seed: 3}, pretrain: parent@40, epochs: 50}
"""
SHARDED = ("wav", "segments", "labels", "pitch", "energy", "mel")
GRAPH = graph_of(yaml.safe_load(CONFIG))
DATA, CHILD = GRAPH.data["voice"], GRAPH.views["exp"]["child"]
TRAIN, PARENT = GRAPH.trained["exp"]["child"].node, GRAPH.trained["exp"]["parent"].node
STORE = Store("store")


def plan_over(finished):
    return Plan(GRAPH, STORE, exists=finished.__contains__)


ALL = plan_over(()).planned([DATA, CHILD])
OUTPUTS = frozenset(job.output for job in ALL)


def without(*outputs):
    return OUTPUTS - {str(output) for output in outputs}


def shard(stage, number):
    return STORE.shard_path(place(DATA.parents[stage]), number)


def whole(node):
    return STORE.node_path(place(node))


def epoch(node, number):
    return STORE.epoch_path(place(node), number)


def planned(finished, *targets):
    return [(j.rule, j.shard if j.shard is not None else j.epoch) for j in plan_over(finished).planned(targets)]


# ---- the cut -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("missing", sorted(OUTPUTS - {str(whole(CHILD)), str(whole(DATA))}))
def test_a_finished_node_is_a_leaf(missing):
    """Nothing that is missing above a finished experiment and dataset makes anything run."""
    plan = plan_over(without(missing))
    assert plan.planned([DATA, CHILD]) == []
    assert plan.waits_for(plan.whole(CHILD)) == []


def test_a_pruned_early_epoch_is_not_trained_again():
    pruned = without(epoch(TRAIN, 20), epoch(TRAIN, 40), epoch(PARENT, 20), whole(CHILD))
    assert planned(pruned, CHILD) == [("exp", None)]
    further = pruned - {str(epoch(TRAIN, 50))} | {str(epoch(TRAIN, 40))}
    assert planned(further, CHILD) == [("train", 50), ("exp", None)]


def test_a_pruned_epoch_of_the_parent_is_needed_only_to_begin():
    begun = without(epoch(PARENT, 40), epoch(TRAIN, 50), epoch(TRAIN, 40), whole(CHILD))
    assert planned(begun, CHILD) == [("train", 40), ("train", 50), ("exp", None)]
    not_begun = begun - {str(epoch(TRAIN, 20))}
    assert planned(not_begun, CHILD)[:3] == [("train", 40), ("train", 20), ("train", 40)]


def test_a_deleted_upstream_shard_of_a_finished_node():
    assert planned(without(shard("wav", 1), whole(DATA.parents["wav"])), DATA, CHILD) == []


def test_a_deleted_shard_of_an_unfinished_node():
    lost = without(shard("wav", 1), shard("pitch", 1), whole(DATA.parents["pitch"]), whole(DATA))
    assert planned(lost, DATA) == [("wav", 1), ("pitch", 1), ("seal_pitch", None), ("dataset", None)]


def test_a_deleted_shard_of_a_sealed_stage_is_made_again_for_those_who_read_it():
    lost = without(shard("mel", 2), epoch(TRAIN, 20), epoch(TRAIN, 40), epoch(TRAIN, 50), whole(CHILD))
    assert planned(lost, CHILD)[0] == ("mel", 2)
    assert planned(lost, DATA) == []


# ---- where a chunk of epochs starts -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("saved", "start"),
    [((), 40), ((20,), 40), ((40,), 40), ((45,), 45), ((43, 47), 47), ((50,), 40), ((60,), 40)],
)
def test_a_chunk_starts_from_the_latest_saved_epoch(saved, start):
    assert plan_over({str(epoch(TRAIN, e)) for e in saved}).start(TRAIN, 50) == start


def test_the_first_chunk_starts_from_nothing_and_needs_the_parent():
    plan = plan_over(())
    assert plan.start(TRAIN, 20) == 0
    needed = {job.output for job in plan.waits_for(plan.epochs(TRAIN, 20))}
    assert str(epoch(PARENT, 40)) in needed
    later = {job.output for job in plan.waits_for(plan.epochs(TRAIN, 40))}
    assert str(epoch(PARENT, 40)) not in later
    assert str(epoch(TRAIN, 20)) in later


# ---- dry plans -------------------------------------------------------------------------------------------------


def test_a_dry_plan_shows_every_shard():
    rules = [job.rule for job in ALL]
    for stage in SHARDED:
        assert [j.shard for j in ALL if j.rule == stage] == [0, 1, 2]
        assert rules.count(f"seal_{stage}") == 1
    assert [j.epoch for j in ALL if j.node is PARENT] == [20, 40]
    assert [j.epoch for j in ALL if j.node is TRAIN] == [20, 40, 50]
    for rule in ("stand_in", "utterances", "splits", "stats", "dataset", "synthesis", "evaluation", "exp"):
        assert rules.count(rule) == 1


def test_an_experiment_includes_the_gates_of_its_dataset():
    plan = plan_over(())
    assert plan.targets("data", "voice") == [DATA]
    assert plan.targets("exp", "child") == [DATA, CHILD]
    assert ("dataset", None) in planned((), CHILD)  # the training waits for them
    assert planned(without(whole(DATA)), CHILD) == []


def test_of_entries_that_share_a_training_the_laxest_gates_let_it_start():
    """And each view asks for its own: a dataset that failed its gates can be used under another entry's."""
    raw = yaml.safe_load(CONFIG)
    raw["spk"]["lax"] = {"base": "voice", "gates": {"max_excluded": 0.5}}
    raw["exp"]["twin"] = {"base": "child", "spk": "lax"}
    graph = graph_of(raw)
    assert graph.trained["exp"]["twin"].node is graph.trained["exp"]["child"].node
    assert list(graph.trained["exp"]["twin"].node.requires.values()) == [graph.data["lax"]]
    plan = Plan(graph, Store("store"), exists=lambda _: False)
    assert plan.targets("exp", "child")[0] is graph.data["voice"]


def test_a_view_is_named_by_its_key():
    plan = plan_over(())
    assert plan.view("data", "voice") == f"data/voice/.shows/{DATA.key}"
    assert plan.view("exp", "child") == f"exp/child/.shows/{CHILD.key}"
    assert plan.entry("exp", "child") is CHILD


@settings(max_examples=60)
@given(st.sets(st.sampled_from(sorted(OUTPUTS))))
def test_a_plan_is_closed_ordered_and_sufficient(finished):
    """From any state of the store: parents come first, nothing finished runs, and afterwards nothing is lacking."""
    plan = plan_over(finished)
    there = set(finished)
    for job in plan.planned([DATA, CHILD]):
        assert job.output not in finished
        needed = [further.output for further in plan.waits_for(job)]
        assert there.issuperset(needed), (job.output, set(needed) - there)
        there.add(job.output)
    assert plan_over(there).planned([DATA, CHILD]) == []


def test_existence_is_asked_of_the_disk(tmp_path):
    plan = Plan(GRAPH, Store(tmp_path))
    assert len(plan.planned([DATA])) > 0
    node = Store(tmp_path).node_path(place(DATA))
    node.parent.mkdir(parents=True)
    node.touch()
    assert plan.planned([DATA]) == []
