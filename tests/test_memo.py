"""What the memo's entries say, and what koeru makes of them."""

from collections import defaultdict

import pytest
from configured import graph_of, load
from memo import demo, memo

from koeru.training.warnings import training_warnings

SPK = [
    "jsut", "Long_dialogue", "JSUT_accent", "LINE", "LINE_2", "LINE_3", "LINE_4", "JSUT_NICT_LINE", "LINE_Teacher",
    "LINE_MStudent", "LINE_FStudent", "jsut_jsss", "jsut_jsss_1", "jsut_jsss_jvs", "N2C", "N2C_2", "N2C_3", "N2C_4",
]  # fmt: skip
EXP = [
    "jsut_1", "JSUT_accent_1", "LINE_Teacher_1", "JSUT_NICT_LINE_1",
    *(f"Long_dialogue_{number}" for number in range(1, 10)),
    *(f"LINE_{number}" for number in range(1, 16)),
    "jsut_jsss_1", "jsut_jsss_2", "jsut_jsss_jvs_1", *(f"N2C_{number}" for number in range(1, 29)),
]  # fmt: skip
SAME_DATASET = [["LINE", "LINE_2"], ["LINE_3", "LINE_4"], ["jsut_jsss", "jsut_jsss_1"], ["N2C", "N2C_4"]]
SAME_RUN = [  # the first one did what the others do again
    ["Long_dialogue_4", "Long_dialogue_5"],  # overwritten by mistake, and run again
    ["Long_dialogue_6", "Long_dialogue_7", "Long_dialogue_8", "Long_dialogue_9"],  # searches that started from it
    ["LINE_1", "LINE_2"],  # statistics of the wrong data
    ["LINE_7", "LINE_13"],  # cropped by max_seq_len
    ["LINE_10", "LINE_14"],
    ["LINE_12", "LINE_15"],
    ["jsut_jsss_1", "jsut_jsss_2"],  # pitch that was all zero
    ["N2C_4", "N2C_20", "N2C_21"],  # repeated until it was clear that the dataset had been the cause
    [f"N2C_{number}" for number in (5, 6, 7, 8, 9, 11, 12, 13)],  # the same settings by mistake, and searches from them
    ["N2C_14", "N2C_15"],  # a search with finer sentences
]


@pytest.fixture(scope="module")
def graph():
    return graph_of(memo())


def test_every_entry_of_the_memo_is_there(graph):
    assert set(SPK) <= set(graph.config.spk)
    assert set(EXP) <= set(graph.config["exp"])


def test_every_experiment_has_a_note(graph):
    assert [name for name, exp in graph.config["exp"].items() if not exp.note] == []


@pytest.mark.parametrize("kind", ["data", "exp"])
def test_what_was_made_twice_is_one_and_nothing_else_is(graph, kind):
    names = defaultdict(list)
    for name, node in graph.views[kind].items():
        names[node.key].append(name)
    expected = SAME_DATASET if kind == "data" else SAME_RUN
    assert sorted(group for group in names.values() if len(group) > 1) == sorted(expected)


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


@pytest.mark.parametrize(
    ("name", "local", "global_", "g_beta"),
    [
        ("LINE_7", True, True, 0.02),
        ("LINE_9", True, False, 0.02),
        ("LINE_10", False, True, 0.02),
        ("LINE_11", True, True, 0),
    ],
)
def test_the_four_settings_of_prosody(graph, name, local, global_, g_beta):
    exp = graph.config["exp"][name]
    assert (exp.model.local_prosody, exp.model.global_prosody, exp.train.g_beta) == (local, global_, g_beta)


def test_prosody_models_are_compared_with_the_same_batches_and_inputs(graph):
    prosody, plain = graph.config["exp"]["LINE_7"], graph.config["exp"]["LINE_8"]
    assert prosody.train == plain.train
    told = ("accent", "speaker", "emotion", "before_emotion")
    assert [getattr(prosody.model, name) for name in told] == [getattr(plain.model, name) for name in told]


def test_sizes_of_prosody_are_written_in_the_entries():
    raw = memo()["exp"]

    def written(name, leaf):
        entry = raw[name]
        return entry.get("model", {}).get(leaf) or ("base" in entry and written(entry["base"], leaf))

    for name in ("Long_dialogue_4", "LINE_Teacher_1", "LINE_6"):
        assert written(name, "num_gaussians") and written(name, "prosody_emb_dim")


VC = [("jsut_jsss", "jsut_jsss_1"), ("jsut_jsss_jvs", "jsut_jsss_jvs_1"), ("N2C", "N2C_3"), ("N2C_2", "N2C_17")]


@pytest.mark.parametrize(("spk", "exp"), VC)
def test_the_two_voices_of_a_conversion_are_normalised_each_by_its_own(graph, spk, exp):
    assert graph.config.spk[spk].stats.per_speaker and graph.config["exp"][exp].spk == spk


@pytest.mark.parametrize(
    ("name", "batch", "group", "warm_up"),
    [
        ("N2C_4", 8, 4, 4000),
        ("N2C_10", 8, 4, 4000),
        ("N2C_15", 32, 16, 250),
        ("N2C_17", 32, 16, 1000),
        ("N2C_18", 8, 64, 4000),
        ("N2C_19", 8, 4, 4000),
        ("N2C_22", 32, 4, 1000),
        ("N2C_23", 32, 16, 1000),
        ("N2C_24", 32, 16, 2000),
        ("N2C_25", 32, 16, 500),
        ("N2C_27", 32, 16, 1000),
    ],
)
def test_the_batches_and_the_warm_up_of_a_conversion(graph, name, batch, group, warm_up):
    train = graph.config["exp"][name].train
    assert (train.batch_size, train.group_size, train.warmup_steps) == (batch, group, warm_up)


def test_a_warm_up_that_the_memo_scaled_by_its_groups_is_warned_of_and_no_other(graph):
    warned = set()
    for name, training in graph.trained["exp"].items():
        usual = graph.registry.defaults(training.node.stage)
        if any("scaled by train.group_size" in words for words in training_warnings(training.node.params, usual, None)):
            warned.add(name)
    assert warned == {f"N2C_{number}" for number in (5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 25)}


@pytest.mark.parametrize(
    ("name", "pitch_ar", "prosody"), [("N2C_3", False, False), ("N2C_4", True, False), ("N2C_27", False, True)]
)
def test_the_kinds_of_conversion(graph, name, pitch_ar, prosody):
    model = graph.config["exp"][name].model
    assert (model.pitch_ar, model.local_prosody, model.global_prosody) == (pitch_ar, prosody, prosody)


@pytest.mark.parametrize(
    ("name", "parent", "optimizer"),
    [
        ("N2C_1", ("jsut_jsss_2", 200), "reset"),
        ("N2C_2", ("jsut_jsss_jvs_1", 200), "reset"),
        ("N2C_28", ("N2C_23", 100), "keep"),
        ("N2C_44", ("JSUT_NICT_LINE_1", 500), "reset"),
    ],
)
def test_what_a_conversion_is_pretrained_from(graph, name, parent, optimizer):
    exp = graph.config["exp"][name]
    assert exp.pretrained_from() == parent and exp.optimizer == optimizer


def test_the_memo_trains_in_bf16_and_the_demo_in_fp32(graph):
    assert {exp.train.precision for exp in graph.config["exp"].values()} == {"bf16"}
    assert load(demo())["exp"]["LINE_15"].train.precision == "fp32"
