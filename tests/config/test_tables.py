"""What a configuration may say: inheritance, refusals in the words of the file, all of them at once."""

import pytest
from configured import graph_of, load
from hypothesis import given
from hypothesis import strategies as st
from sound_config import changed, problems, sound

from koeru.config.base import leaves
from koeru.config.tables import ConfigError


def test_inheritance_of_any_depth():
    config = load(sound())
    assert config.spk["three"].pitch.method == "harvest"
    assert config.spk["three"].segments.keep_silence == 50
    assert set(config.spk["three"].pitch.speakers) == {"Teacher", "MStudent"}
    raw = {"corpora": sound()["corpora"], "spk": {"d0": {"corpora": ["A"], "shards": 7}}, "exp": {}}
    raw["spk"] |= {f"d{i}": {"base": f"d{i - 1}"} for i in range(1, 30)}
    assert load(raw).spk["d29"] == load(raw).spk["d0"]


def test_a_parent_may_stand_below_its_child():
    raw = sound()
    raw["spk"] = dict(reversed(raw["spk"].items()))
    assert {n: leaves(s) for n, s in load(raw).spk.items()} == {n: leaves(s) for n, s in load(sound()).spk.items()}


def test_null_puts_a_value_back_to_its_default():
    config = load(sound())
    assert config.spk["three"].segments.min_silence_len == 500
    assert config["exp"]["third"].pretrain is None
    assert load(changed("spk/two/pitch/speakers", None)).spk["two"].pitch.speakers == {}
    assert load(changed("spk/two/pitch", None)).spk["two"].pitch.method == "dio"


def test_null_on_a_required_leaf_is_told():
    assert problems(changed("spk/three/corpora", None)) == ["spk.three.corpora: is required"]


def test_lists_are_replaced():
    config = load(changed("exp/second/train", {"anneal_steps": [70]}))
    assert config["exp"]["second"].train.anneal_steps == (70,)
    assert [corpus.name for corpus in config.spk["three"].corpora] == ["A", "B"]


def test_a_note_is_not_inherited():
    config = load(sound())
    assert config.spk["one"].note == "the first"
    assert config.spk["two"].note == config.spk["three"].note == ""


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("corpusses", "corpusses: unknown key of the configuration; did you mean 'corpora'?"),
        ("corpora/A/pth", "corpora.A.pth: unknown key; did you mean 'path'?"),
        ("corpora/B/stand_in/minuts", "corpora.B.stand_in.minuts: unknown key; did you mean 'minutes'?"),
        ("spk/one/segmnts", "spk.one.segmnts: unknown key; did you mean 'segments'?"),
        ("spk/one/segments/min_silence", "spk.one.segments.min_silence: unknown key; did you mean 'min_silence_len'?"),
        ("spk/one/pitch/speakers/Teacher/floor", "spk.one.pitch.speakers.Teacher.floor: unknown key; did you mean "),
        ("exp/first/epoch", "exp.first.epoch: unknown key; did you mean 'epochs'?"),
        ("exp/first/train/warmup", "exp.first.train.warmup: unknown key; did you mean 'warmup_steps'?"),
        ("exp/first/model/zzz", "exp.first.model.zzz: unknown key; known here: type, hidden, "),
    ],
)
def test_an_unknown_key_is_told_with_the_nearest_known(path, told):
    (problem,) = problems(changed(path, {} if path == "corpusses" else 1))
    assert problem.startswith(told)


def test_no_silence_is_shorter_than_the_steps_in_which_it_is_looked_for():
    found = problems(changed("spk/one/segments/chunk_size", 600))
    assert "spk.one.segments: min_silence_len 300 ms must be at least chunk_size, 600 ms" in found


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("spk/one/wav/sample_rate", -1, "greater than 0 (it is -1)"),
        ("spk/one/wav/sample_rate", "fast", "valid integer"),
        ("spk/one/pitch/method", "yin", "'dio' or 'harvest'"),
        ("spk/one/pitch", 5, "valid dictionary"),
        ("spk/one/pitch/speakers/Teacher/f0_floor", 900, "f0_floor 900 Hz must be below f0_ceil 800 Hz"),
        ("spk/one/corpora", [], "at least 1 item"),
        ("spk/one/corpora", "A", "valid tuple"),
        ("spk/one/splits/dev", 1.5, "less than 1"),
        ("spk/one/segments/silence_thresh_h", float("nan"), "finite number"),
        ("exp/first/train/base_lr", float("inf"), "finite number"),
        ("exp/first/model/kernel_sizes", [3], "kernel_sizes"),
        ("exp/first/model/dropout", 2, "less than or equal to 1"),
        ("exp/first/model/kernel_sizes", [4, 1], "must be odd"),
        ("exp/first/model/variance_kernel_size", 2, "must be odd"),
        ("exp/first/train/seed", -1, "greater than or equal to 0"),
        ("corpora/A/format", "wavs", "'studies'"),
    ],
)
def test_a_value_of_the_wrong_kind_is_told(path, value, words):
    found = problems(changed(path, value))
    where = path.replace("/", ".")
    assert any(words in problem and (problem.startswith(where) or "f0_floor" in words) for problem in found), found


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        ("spk/one/corpora", ["AA"], "spk.one.corpora: there is no corpus 'AA'; did you mean 'A'?"),
        ("exp/first/spk", "ones", "exp.first.spk: there is no dataset 'ones'; did you mean 'one'?"),
        ("spk/two/base", "on", "spk.two.base: there is no spk entry 'on'; did you mean 'one'?"),
        ("spk/two/base", ["one"], "spk.two.base: must be the name of an entry, not ['one']"),
        ("exp/second/pretrain", "firs@60", "exp.second.pretrain: there is no experiment 'firs'; did you mean 'first'?"),
        ("exp/second/pretrain", "first", "exp.second.pretrain: 'first' is not of the form EXP@EPOCH"),
        ("exp/second/pretrain", "first@65", "exp.second.pretrain: first is never saved at epoch 65 (it is saved every"),
        ("corpora/A/path", None, "corpora.A: needs a `path` (where the recordings lie) or a `stand_in`"),
        ("spk/one/mel", {"win_length": 2048}, "spk.one.mel.win_length: 2048 is longer than n_fft 1024"),
        ("spk/one/mel", {"hop_length": 1025}, "spk.one.mel.hop_length: 1025 is longer than win_length 1024"),
        ("spk/one/mel", {"fmin": 8000}, "spk.one.mel.fmin: 8000 Hz must be below fmax 8000 Hz"),
        ("spk/one/pitch", {"f0_ceil": 11025}, "spk.one.pitch.f0_ceil: 11025 Hz must be below half of wav.sample_rate"),
        ("spk/one/pitch", {"speakers": {"A": {"f0_ceil": 2e4}}}, "spk.one.pitch.speakers.A.f0_ceil: 20000 Hz must be"),
        ("spk/one/sp", {"n_coded": 514}, "spk.one.sp.n_coded: 514 is more than the 513 bins of WORLD's envelope"),
        ("spk/one/wav", {"sample_rate": 8000}, "spk.one.mel.fmax: 8000 Hz is above half of wav.sample_rate 8000"),
        ("spk/one/wav", {"sample_rate": 8000}, "spk.one.gates.min_bandwidth_hz: 5000 Hz is more than the 3600 Hz that"),
        (
            "spk/one/gates",
            {"min_bandwidth_hz": 9923},
            "spk.one.gates.min_bandwidth_hz: 9923 Hz is more than",
        ),
        ("spk/one/splits", {"dev": 0.5, "eval": 0.5}, "spk.one.splits: dev and eval together leave nothing"),
        ("spk/one/labels", {"accent": False}, "exp.first.model.accent: one has no accent marks"),
        ("exp/first/model/hidden", 33, "exp.first.model.hidden: 33 does not divide into 2 heads"),
        ("exp/first", 5, "exp.first: must be a mapping of keys to values, not 5"),
        ("spk", ["one"], "spk: must be a mapping of names to entries, not list"),
    ],
)
def test_references_are_checked(path, value, told):
    found = problems(changed(path, value))
    assert any(problem.startswith(told) for problem in found), found


def test_all_that_is_beyond_its_bounds_is_told_at_once():
    found = problems(changed("spk/one", {"corpora": ["A"], "mel": {"fmin": 9000}, "sp": {"n_coded": 999}}))
    assert {problem.split(":")[0] for problem in found} >= {"spk.one.mel.fmin", "spk.one.sp.n_coded"}


def test_the_nearest_saved_epoch_is_named():
    (problem,) = problems(changed("exp/second/pretrain", "first@65"))
    assert problem.endswith("(it is saved every 30 epochs up to 100); the nearest saved epoch is 60")


@pytest.mark.parametrize("epoch", [30, 60, 90, 100])
def test_every_saved_epoch_of_the_parent_can_be_named(epoch):
    assert load(changed("exp/second/pretrain", f"first@{epoch}"))["exp"]["second"].pretrained_from() == ("first", epoch)


def test_a_circle_of_bases_is_told():
    found = problems(changed("spk/one/base", "three"))
    assert any("its base leads back to itself" in p and "one → three → two → one" in p for p in found), found


def test_a_circle_of_pretraining_is_told():
    found = problems(changed("exp/first/pretrain", "second@60"))
    assert "exp.first.pretrain: pretraining runs in a circle (first → second → first)" in found
    assert "exp.first.pretrain: pretraining runs in a circle (first → first)" in problems(
        changed("exp/first/pretrain", "first@60")
    )


@pytest.mark.parametrize("name", ["a b", "a/b", "日本", "", ".", "..", "-n", "a@1"])
def test_names_that_are_no_names(name):
    raw = sound()
    raw["spk"][name] = {"base": "one"}
    (problem,) = problems(raw)
    assert "a name may hold only letters, digits, '_', '.' and '-'" in problem


def test_a_name_that_yaml_takes_for_a_number_is_told():
    raw = sound()
    raw["exp"][15] = {"spk": "one"}
    (problem,) = problems(raw)
    assert problem == "exp.15: a name must be text; write it in quotes"


def test_all_problems_are_listed_at_once():
    raw = changed("spk/one/segmnts", {})
    raw["spk"]["two"]["pitch"]["method"] = "yin"
    raw["exp"]["second"]["pretrain"] = "first@65"
    raw["exp"]["third"]["spk"] = "nowhere"
    raw["corpora"]["C"] = {"format": "studies"}
    raw["speakers"] = {}
    found = problems(raw)
    for start in ("spk.one.segmnts", "spk.two.pitch.method", "exp.second.pretrain", "exp.third.spk", "corpora.C"):
        assert any(problem.startswith(start) for problem in found), (start, found)
    assert any(problem.startswith("speakers: unknown key of the configuration") for problem in found)
    assert len(found) == 6


def test_an_inherited_problem_is_told_once_and_an_own_one_always():
    raw = changed("spk/one/mel", {"n_mels": -1})
    raw["spk"]["two"]["mel"] = {"n_fft": -1}
    found = problems(raw)
    assert [p.split(":")[0] for p in found] == ["spk.one.mel.n_mels", "spk.two.mel.n_fft"]


def test_an_empty_configuration_is_one():
    config = load({})
    assert not config.corpora and not config.spk and not config["exp"]


def _shuffled(value, chance):
    if isinstance(value, dict):
        items = list(value.items())
        chance.shuffle(items)
        return {k: _shuffled(v, chance) for k, v in items}
    return value


@given(st.randoms(use_true_random=False))
def test_the_order_of_keys_means_nothing(chance):
    straight, shuffled = graph_of(sound()), graph_of(_shuffled(sound(), chance))
    assert {n: node.key for n, node in straight.data.items()} == {n: node.key for n, node in shuffled.data.items()}
    assert {n: node.key for n, node in straight.views["exp"].items()} == {
        n: node.key for n, node in shuffled.views["exp"].items()
    }


def test_whole_numbers_and_fractions_are_one_value():
    whole, fraction = (graph_of(changed("spk/one/gates", {"max_excluded": share})) for share in (1, 1.0))
    assert whole.data["one"].key == fraction.data["one"].key


def test_a_corpus_is_recorded_or_synthesised_not_both():
    name = next(iter(sound()["corpora"]))
    with pytest.raises(ConfigError, match=rf"corpora.{name}: has a `path` and a `stand_in`"):
        load(changed(f"corpora/{name}", {"format": "studies", "path": "here", "stand_in": {}}))


@pytest.mark.parametrize(
    ("corpus", "told"),
    [
        ({"format": "studies", "stand_in": {"pair": True}}, r"format: a stand-in pair is written in the format folder"),
        ({"format": "folder", "stand_in": {}}, r"format: stand-in dialogues are written in the format studies"),
        ({"format": "folder", "stand_in": {"pair": True, "faults": ["crlf"]}}, r"stand_in.faults: the pair has none"),
    ],
)
def test_a_stand_in_has_the_format_that_it_is_written_in(corpus, told):
    with pytest.raises(ConfigError, match=rf"corpora.B.{told}"):
        load(changed("corpora/B", corpus))
    load(changed("corpora/B", {"format": "folder", "stand_in": {"pair": True, "minutes": 3}}))


# ---- what a dataset takes of its corpora ------------------------------------------------------------------------


def test_a_corpus_by_its_name_is_taken_whole():
    by_name, written_out = (
        load(changed("spk/one/corpora", [corpus])).spk["one"] for corpus in ("A", {"name": "A", "subsets": []})
    )
    assert by_name == written_out


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        ("spk/one/corpora", ["A", {"name": "A", "speakers": ["x"]}], "spk.one.corpora: A stands there 2 times"),
        ("spk/one/corpora", [{"name": "A", "subset": ["x"]}], "unknown key; did you mean 'subsets'?"),
        ("spk/one/corpora", [{"subsets": ["x"]}], "spk.one.corpora.0.name: is required"),
        ("spk/one/corpora", [{"name": "a"}], "there is no corpus 'a'"),
        ("spk/one/corpora", [3], "spk.one.corpora.0"),
        ("spk/one/labels", {"times": "none"}, "exp.first.spk: one has no phones to train on"),
        ("spk/one/speakers", ["x", "y", "x"], "spk.one.speakers: a name stands there twice"),
        ("spk/one/pairs", {"speakers": [["x"]]}, "spk.one.pairs.speakers.0"),
        ("spk/one/pairs", {"max_duration_ratio": 0.5}, "spk.one.pairs.max_duration_ratio"),
        ("corpora/A/format", "jsvt", "corpora.A.format"),
    ],
)
def test_what_a_selection_may_not_say(path, value, told):
    assert any(told in problem for problem in problems(changed(path, value)))
