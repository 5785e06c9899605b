"""One parameter, one consequence: what each leaf of the configuration makes stale, against a written table."""

import copy

import pytest
import yaml
from configured import graph_of, keys_of, load, table_of
from conversion_leaves import BASE as CONVERSIONS
from conversion_leaves import CASES as CONVERSION_CASES
from conversion_leaves import CONVERSION
from leaves import (
    BASE,
    CASES,
    EXPERIMENT,
    FRAMES,
    HIFIGAN,
    ONE_VALUE,
    RECORDED,
    REFUSED,
    STAND_IN,
    SYNTHETIC,
    TAIL,
    TRAIN,
    VOCODER,
    VOICE,
    WEIGHTS,
)
from recogniser_leaves import BASE as RECOGNISERS
from recogniser_leaves import CASES as RECOGNISER_CASES
from recogniser_leaves import RECOGNISER

from koeru.config.base import leaves
from koeru.config.corpora import Corpus, StandIn
from koeru.config.spk import Spk
from koeru.config.tables import ConfigError
from koeru.families import FAMILIES
from koeru.families.acoustic.entry import Exp
from koeru.families.recogniser.entry import RecogniserExp
from koeru.families.vc.entry import VcExp
from koeru.families.vocoder.entry import VocoderEntry, Weights
from koeru.graph.plan import Plan
from koeru.graph.stages import DATA_STAGES
from koeru.graph.store import Store

# ---- an imagined store ------------------------------------------------------------------------------------------


def base():
    return yaml.safe_load(BASE.replace("exp:\n", f"exp:{CONVERSIONS}{RECOGNISERS[1:]}", 1))


def without_conversions(raw):
    """A configuration whose datasets may be such as no conversion, and no recogniser, is trained on."""
    apart = ("convert", "hear")
    return raw | {"exp": {name: exp for name, exp in raw["exp"].items() if not name.startswith(apart)}}


def with_leaf(raw, table, name, leaf, value):
    """A copy of a configuration in which an entry has a leaf of its own."""
    raw = copy.deepcopy(raw)
    inner = raw[table][name]
    *outer, last = leaf.split(".")
    for part in outer:
        inner = inner.setdefault(part, {})
    inner[last] = value
    if leaf == "stand_in":
        inner["path"] = None  # a corpus is one or the other
    return without_conversions(raw) if value == "split" else raw


def plan_of(raw, finished=frozenset()):
    return Plan(graph_of(raw), Store("store"), exists=finished.__contains__)


def everything_of(raw):
    """The outputs of a store in which every entry of a configuration is finished."""
    plan = plan_of(raw)
    return {job.output for job in plan.planned(node for views in plan.graph.views.values() for node in views.values())}


FINISHED = everything_of(base())


def jobs(raw, data=("voice",), exp=("child",), vocoder=("forced", "tuned"), finished=FINISHED):
    plan = plan_of(raw, finished)
    wanted = {"data": data, "exp": exp, "vocoder": vocoder}
    return plan.planned(plan.graph.views[kind][name] for kind, names in wanted.items() for name in names)


def rules(*arguments, **settings):
    return {job.rule for job in jobs(*arguments, **settings)}


PLANNED = [case for case in CASES if case[-1] not in (ONE_VALUE, REFUSED)]


# ---- the tests ----------------------------------------------------------------------------------------------------


def test_the_table_names_every_leaf_and_no_other():
    """A new leaf belongs into tests/support/leaves.py with what it affects; INERT says that it affects nothing."""
    assert RECORDED.keys() == {*Corpus.model_fields}
    assert SYNTHETIC.keys() == leaves(StandIn(), "stand_in.").keys()
    assert VOICE.keys() == leaves(Spk.model_validate({"corpora": ["recorded"]})).keys()
    assert EXPERIMENT.keys() == leaves(Exp(spk="voice")).keys()
    assert CONVERSION.keys() == leaves(VcExp(spk="voice")).keys()
    assert RECOGNISER.keys() == leaves(RecogniserExp(spk="voice")).keys()
    assert HIFIGAN.keys() == leaves(VocoderEntry(spk="voice")).keys()
    assert WEIGHTS.keys() == leaves(Weights(generator="g_1")).keys()


@pytest.mark.parametrize(
    ("table", "name", "leaf", "value", "expected"), CASES, ids=[f"{name}.{leaf}" for _, name, leaf, *_ in CASES]
)
def test_one_leaf(table, name, leaf, value, expected):
    flipped = with_leaf(base(), table, name, leaf, value)
    if expected in (ONE_VALUE, REFUSED):  # a second value belongs into the table
        with pytest.raises(ConfigError):
            load(flipped)
        return
    before, after = (table_of(load(raw), table)[name] for raw in (base(), flipped))
    assert before != after, "the row flips nothing"
    assert rules(flipped) == expected


@pytest.mark.parametrize(
    ("entry", "name", "leaf", "value", "expected"),
    [("convert", *case) for case in CONVERSION_CASES] + [("hear", *case) for case in RECOGNISER_CASES],
)
def test_one_leaf_of_a_conversion_or_a_recogniser(entry, name, leaf, value, expected):
    flipped, entries = with_leaf(base(), "exp", name, leaf, value), {"data": (), "exp": (entry,), "vocoder": ()}
    if expected in (ONE_VALUE, REFUSED):
        with pytest.raises(ConfigError):
            load(flipped)
        return
    assert table_of(load(base()), "exp")[name] != table_of(load(flipped), "exp")[name], "the row flips nothing"
    assert rules(flipped, **entries) == expected
    both = FINISHED | {job.output for job in jobs(flipped, **entries)}
    assert jobs(base(), **entries, finished=both) == jobs(flipped, **entries, finished=both) == []


@pytest.mark.parametrize(
    ("table", "name", "leaf", "value", "expected"), [c for c in CASES if c[-1] not in (ONE_VALUE, REFUSED)]
)
def test_change_and_back(table, name, leaf, value, expected):
    """Both values' outputs lie beside each other: going back runs nothing, and the change overwrites nothing."""
    flipped = with_leaf(base(), table, name, leaf, value)
    both = FINISHED | {job.output for job in jobs(flipped)}
    assert jobs(base(), finished=both) == jobs(flipped, finished=both) == []
    assert not {job.output for job in jobs(flipped)} & FINISHED


def test_a_finished_store_needs_nothing():
    assert jobs(base()) == []


def test_swapped_values():
    pairs = [
        ("spk", "voice", "segments.silence_thresh_h", "segments.silence_thresh_t", -40, -45),
        ("spk", "voice", "splits.dev", "splits.eval", 0.3, 0.25),
        ("spk", "voice", "segments.min_silence_len", "segments.keep_silence", 210, 220),
        ("spk", "voice", "mel.n_mels", "sp.n_coded", 30, 40),
        ("exp", "grand", "model.hidden", "model.filter_size", 64, 96),
        ("exp", "child", "model.dropout", "model.variance_dropout", 0.15, 0.25),
        ("exp", "grand", "model.encoder_layers", "model.decoder_layers", 2, 3),
        ("exp", "child", "train.batch_size", "train.group_size", 4, 5),
    ]
    for table, name, first, second, a, b in pairs:
        one, two = (
            with_leaf(with_leaf(base(), table, name, first, x), table, name, second, y) for x, y in ((a, b), (b, a))
        )
        assert keys_of(graph_of(one)) != keys_of(graph_of(two)), (first, second)


def test_every_value_written_out():
    """A leaf that is set to its default has no other key than one that is not mentioned."""
    raw = base()
    config = load(raw)
    for table in ("spk", "exp", "vocoder"):
        for name, entry in table_of(config, table).items():
            for leaf, value in leaves(entry).items():
                raw = with_leaf(raw, table, name, leaf, value)
    assert keys_of(graph_of(raw)) == keys_of(graph_of(base()))
    assert rules(raw) == set()


def test_indirection_without_a_difference():
    raw = base()
    raw["spk"]["again"] = {"base": "voice", "note": "the same"}
    raw["exp"]["again"] = {"base": "child", "spk": "again"}
    graph = graph_of(raw)
    assert graph.data["again"] is graph.data["voice"]
    assert graph.views["exp"]["again"] is graph.views["exp"]["child"]
    assert rules(raw, ["again"], ["again"]) == set()


def test_names_of_entries_are_in_no_key():
    renamed = BASE.replace("voice", "dataset_1").replace("parent", "p").replace("child", "c").replace("grand", "g")
    assert rules(yaml.safe_load(renamed), ["dataset_1"], ["c"]) == set()


def test_a_pair_in_place_of_dialogues_is_another_corpus():
    raw = base()
    raw["corpora"]["synthetic"] = {"format": "folder", "stand_in": {"minutes": 5, "pair": True}}
    assert rules(raw) == STAND_IN


def test_more_epochs_continue_the_run():
    planned = jobs(with_leaf(base(), "exp", "child", "epochs", 9))
    assert [job.epoch for job in planned if job.epoch] == [6, 8, 9]
    assert {job.rule for job in planned} == TRAIN
    assert {job.node.key for job in planned if job.epoch} == {graph_of(base()).trained["exp"]["child"].node.key}


def test_fewer_epochs_train_nothing():
    assert rules(with_leaf(base(), "exp", "child", "epochs", 2)) == TAIL


def test_a_new_experiment_from_an_existing_epoch():
    raw = base()
    raw["exp"]["new"] = {"base": "parent", "pretrain": "parent@4"}
    planned = jobs(raw, exp=["new"])
    assert {job.node.key for job in planned if job.epoch} == {graph_of(raw).trained["exp"]["new"].node.key}
    assert [job.epoch for job in planned if job.epoch] == [2, 4]


@pytest.mark.parametrize(("epochs", "chunk"), [(4, 2), (3, 3), (8, 1), (5, 4), (7, 5)])
def test_experiments_that_are_one_run_train_each_epoch_once(epochs, chunk):
    """`epochs` and `chunk` are in no key, so two entries can share a run and save different epochs of it."""
    raw = base()
    raw["exp"]["longer"] = {"base": "parent", "epochs": epochs, "chunk": chunk}
    plan = plan_of(raw)
    run = plan.graph.trained["exp"]["parent"].node
    assert plan.graph.trained["exp"]["longer"].node is run
    chunks = [j for j in plan.planned(plan.graph.views["exp"].values()) if j.epoch and j.node is run]
    trained = [epoch for job in chunks for epoch in range(plan.start(run, job.epoch) + 1, job.epoch + 1)]
    assert sorted(trained) == list(range(1, max(4, epochs) + 1))


def test_a_lax_entry_does_not_loosen_the_gate_of_a_strict_one():
    raw = base()
    raw["spk"]["lax"] = {"base": "voice", "gates": {"max_excluded": 0.5}}
    graph = graph_of(raw)
    assert graph.data["lax"].parents == graph.data["voice"].parents
    assert graph.data["voice"].params["gates.max_excluded"] == 0.02
    assert graph.data["lax"].params["gates.max_excluded"] == 0.5


def test_a_training_waits_for_the_laxest_of_the_gates_of_its_entries():
    raw = base()
    raw["spk"]["lax"] = {"base": "voice", "gates": {"max_excluded": 0.5}}
    raw["exp"]["lax"] = {"base": "child", "spk": "lax"}
    graph = graph_of(raw)
    assert graph.trained["exp"]["lax"].node is graph.trained["exp"]["child"].node
    assert list(graph.trained["exp"]["child"].node.requires.values()) == [graph.data["lax"]]


# ---- vocoders -----------------------------------------------------------------------------------------------------


def test_other_mels_replan_the_vocoder_and_what_follows_it_but_no_acoustic_model():
    """From natural mels to teacher-forced ones, and back."""
    raw = base()
    raw["vocoder"]["forced"] |= {"mels": "natural", "exp": None}
    assert rules(raw) == VOCODER
    back = everything_of(raw)
    assert rules(base(), finished=back) == VOCODER | {"gta"}


@pytest.mark.parametrize("leaf", ["model.dropout", "train.seed"])
def test_another_acoustic_model_replans_a_teacher_forced_vocoder_and_not_a_natural_one(leaf):
    other = with_leaf(base(), "exp", "parent", leaf, 0.7 if leaf == "model.dropout" else 77)
    assert rules(other, exp=(), vocoder=("forced",)) == {"train", "gta", "vocoder", "resynthesis"}
    assert rules(other, exp=(), vocoder=("natural",)) == set()
    assert rules(other, exp=("parent",), vocoder=()) == TRAIN


def test_experiments_share_a_vocoder():
    raw = base()
    raw["exp"]["again"] = {"base": "child", "train": {"seed": 5}}
    assert rules(raw, exp=("again",)) == TRAIN


def test_published_weights_that_are_not_trained_are_their_own_vocoder():
    raw = base()
    raw["vocoder"]["as_it_is"] = {"spk": "third", "start": "published", "epochs": 0}
    assert rules(raw, exp=(), vocoder=("as_it_is",)) == {"resynthesis"}
    graph = graph_of(raw)
    assert graph.trained["vocoder"]["as_it_is"].node is graph.trained["vocoder"]["tuned"].node.parents["start"]
    assert graph.trained["vocoder"]["as_it_is"].node.stage == "weights"


def test_without_vocoders_a_dataset_is_free_to_choose_its_hop_length():
    raw = without_conversions(base())
    raw["exp"]["child"]["vocoder"] = None
    del raw["vocoder"], raw["weights"]
    finished = everything_of(raw)
    flipped = with_leaf(raw, "spk", "voice", "mel.hop_length", 220)
    assert rules(flipped, vocoder=(), finished=finished) == FRAMES - {"gta", "vocoder", "resynthesis"}


def test_a_vocoder_that_has_begun_needs_its_start_no_more():
    plan = plan_of(base(), {job.output for job in jobs(base(), vocoder=("natural",), exp=(), finished=frozenset())})
    forced = plan.graph.trained["vocoder"]["forced"].node
    assert {job.rule for job in plan.waits_for(plan.epochs(forced, 2))} >= {"gta", "dataset"}
    assert [job.epoch for job in plan.waits_for(plan.epochs(forced, 4))] == [2]


def test_filters_that_take_everything_are_no_filters():
    raw = base()
    raw["spk"]["voice"]["corpora"] = [{"name": "recorded", "speakers": []}, {"name": "synthetic", "drop": ["noise"]}]
    assert rules(raw) == set()


def test_a_dataset_without_pairs_has_no_stage_of_them():
    raw = without_conversions(base())
    raw["spk"]["voice"]["pairs"] = {"max_duration_ratio": 3}
    assert "pairs" not in graph_of(raw).data["voice"].parents
    assert rules(raw) == {"dataset"}


def test_a_dataset_computes_the_spectral_envelope_where_its_entry_asks_for_it():
    raw = base()
    assert graph_of(raw).data["voice"].parents["sp"].key and "sp" not in graph_of(raw).data["third"].parents
    raw["spk"]["third"]["features"] = ["sp"]
    assert rules(raw, data=("third",), exp=(), vocoder=("tuned",)) == {"sp", "seal_sp", "sp_stats", "dataset"}
    raw["spk"]["third"]["features"] = ["tokens"]
    assert rules(raw, data=("third",), exp=(), vocoder=("tuned",)) == {"tokens", "seal_tokens", "dataset"}


def test_a_training_may_ask_for_a_feature_that_the_entry_does_not_list():
    graph = graph_of(base())
    asked = graph.features("third", "tokens", "sp")
    assert graph.data["third"].parents.items() <= asked.items() and "tokens" not in graph.data["third"].parents
    assert asked["sp_stats"].parents["sp"] is asked["sp"] and asked["tokens"].shards == asked["mel"].shards
    listed = base()
    listed["spk"]["third"]["features"] = ["sp", "tokens"]
    found = graph_of(listed).data["third"].parents
    assert {role: node.key for role, node in asked.items()} == {role: node.key for role, node in found.items()}


def test_no_shard_waits_for_a_whole_stage_that_waits_for_shards():
    """On Slurm the shards of all stages may be one job, which could then wait for itself."""

    def behind_shards(stage):
        return DATA_STAGES[stage].sharded or any(map(behind_shards, DATA_STAGES[stage].parents))

    for name, stage in DATA_STAGES.items():
        whole = [parent for parent in stage.parents if not DATA_STAGES[parent].sharded]
        assert not stage.sharded or not any(map(behind_shards, whole)), name


def test_every_stage_reads_leaves_and_parents_that_exist():
    known = {role for stage in FAMILIES.stages.values() for role in (*stage.beginnings, *stage.of_others)}
    for name, stage in FAMILIES.stages.items():
        assert set(stage.reads) <= {*FAMILIES.defaults(name), "corpora"}, name
        assert set(stage.parents) <= {*FAMILIES.stages, *known}, name
        assert {*stage.beginnings, *stage.of_others} <= set(stage.parents), name


def test_a_key_that_nothing_leads_to_is_told():
    with pytest.raises(KeyError, match="no entry of the configuration leads to wav/0123456789abcdef"):
        graph_of(base()).at("wav", "0123456789abcdef")
