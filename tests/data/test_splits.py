"""Splits: a pure function of ids and sentences, stable under growth, and without leaks."""

import tracemalloc
import unicodedata
from collections import defaultdict

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from koeru.data.splits import SPLITS, assign, leaked, sentence_of, warnings

THIRDS = {"dev": 0.33, "eval_": 0.33}
UNHURRIED = [HealthCheck.too_slow, HealthCheck.filter_too_much]
SLOW = settings(max_examples=60, suppress_health_check=UNHURRIED, deadline=None)


def utterance(dialogue, turn, text, speaker="Teacher", emotion="Normal"):
    name = f"{speaker}_{dialogue}-{turn:02d}_{emotion}"
    return {"id": name, "dialogue": dialogue, "text": text, "speaker": speaker, "emotion": emotion}


def own(dialogues, turns=2):
    """Dialogues that share no sentence."""
    return [utterance(d, t, f"{d}の{t}。") for d in dialogues for t in range(turns)]


@st.composite
def corpora(draw):
    """Utterances of 12 to 30 dialogues, some of which share sentences."""
    names = draw(st.lists(st.integers(0, 9999), min_size=12, max_size=30, unique=True))
    found = []
    for name in names:
        for turn in range(draw(st.integers(1, 3))):
            shared = draw(st.integers(0, 40))
            text = f"共通の文{shared}。" if shared < 4 else f"{name}の{turn}。"
            found.append(utterance(f"LD{name:04d}", turn, text))
    return found


def splits_of(utterances, shares=THIRDS):
    try:
        return dict(assign(utterances, **shares))
    except ValueError:
        assume(False)


def by_dialogue(utterances, splits):
    found = defaultdict(set)
    for u in utterances:
        found[u["dialogue"]].add(splits[u["id"]])
    return found


@SLOW
@given(corpora(), st.randoms(use_true_random=False))
def test_the_order_of_files_means_nothing(utterances, chance):
    splits = splits_of(utterances)
    shuffled = list(utterances)
    chance.shuffle(shuffled)
    assert dict(assign(shuffled, **THIRDS)) == splits


@SLOW
@given(corpora())
def test_no_dialogue_is_in_two_splits_and_no_sentence_either(utterances):
    splits = splits_of(utterances)
    assert splits.keys() == {u["id"] for u in utterances}
    assert all(len(found) == 1 for found in by_dialogue(utterances, splits).values())
    where = defaultdict(set)
    for u in utterances:
        where[sentence_of(u["text"])].add(splits[u["id"]])
    assert all(len(found) == 1 for found in where.values())
    assert leaked(utterances, splits) == []


@SLOW
@given(corpora(), st.lists(st.integers(10000, 99999), min_size=1, max_size=10, unique=True))
def test_adding_data_moves_nobody(utterances, more):
    splits = splits_of(utterances)
    grown = dict(assign([*own([f"LD{n}" for n in more]), *utterances], **THIRDS))
    assert {name: grown[name] for name in splits} == splits


@SLOW
@given(corpora(), st.integers(10000, 99999))
def test_a_shared_sentence_moves_none_but_those_it_joins(utterances, name):
    splits = splits_of(utterances)
    chosen = utterances[0], utterances[-1]
    bridge = [utterance(f"LD{name}", turn, u["text"]) for turn, u in enumerate(chosen)]
    grown = splits_of([*utterances, *bridge])
    assert grown[chosen[0]["id"]] == grown[chosen[1]["id"]] == grown[bridge[0]["id"]]
    moved = {u["dialogue"] for u in utterances if grown[u["id"]] != splits[u["id"]]}
    assert moved <= joined(utterances, {u["dialogue"] for u in chosen})


def joined(utterances, dialogues):
    """The dialogues that shared sentences connect with the given ones."""
    while True:
        texts = {sentence_of(u["text"]) for u in utterances if u["dialogue"] in dialogues}
        more = {u["dialogue"] for u in utterances if sentence_of(u["text"]) in texts}
        if more == dialogues:
            return dialogues
        dialogues = more


def test_renaming_a_corpus_folder_or_speaker_means_nothing():
    """Only dialogues and sentences decide."""
    utterances = own([f"LD{i:02d}" for i in range(30)])
    other = [u | {"speaker": "FStudent", "emotion": "Sad", "wav": "elsewhere"} for u in utterances]
    assert dict(assign(utterances, **THIRDS)) == dict(assign(other, **THIRDS))


def test_a_split_is_pinned():
    """A change here would move utterances of every dataset between training and evaluation."""
    splits = dict(assign(own([f"LD01-Dialogue-{i:02d}" for i in range(1, 6)], turns=1), dev=0.25, eval_=0.05))
    assert [splits[f"Teacher_LD01-Dialogue-{i:02d}-00_Normal"] for i in range(1, 6)] == [
        "dev",
        "train",
        "train",
        "dev",
        "eval",
    ]


def test_shares_are_kept_on_the_whole():
    utterances = own([f"LD{i:04d}" for i in range(3000)], turns=1)
    found = [split for _, split in assign(utterances, dev=0.1, eval_=0.2)]
    assert 0.08 < found.count("dev") / 3000 < 0.12
    assert 0.17 < found.count("eval") / 3000 < 0.23


def test_where_there_is_no_dialogue_the_sentence_decides():
    utterances = [utterance("", i, f"文{i % 40}。", f"speaker{i // 40}") for i in range(80)]
    splits = dict(assign(utterances, **THIRDS))
    for first, second in zip(utterances[:40], utterances[40:], strict=True):
        assert splits[first["id"]] == splits[second["id"]]
    assert len(set(splits.values())) == 3


def test_where_there_is_no_text_either_the_name_decides():
    """So who reads the same sentences has them in one split, also where nobody has written them down."""
    utterances = [utterance("", i, "", f"speaker{i // 40}") | {"name": f"S{i % 40}"} for i in range(80)]
    splits = dict(assign(utterances, **THIRDS))
    for first, second in zip(utterances[:40], utterances[40:], strict=True):
        assert splits[first["id"]] == splits[second["id"]]
    assert len(set(splits.values())) == 3 and leaked(utterances, splits) == []


def test_what_has_no_text_joins_no_dialogues():
    """Not those that say nothing, nor one that is called what others say."""
    utterances = [utterance(f"LD{i}", i, "") for i in range(60)]
    utterances += [utterance(f"文{i}", i, "") for i in range(60)] + [utterance(f"S{i}", i, f"文{i}") for i in range(60)]
    own = [dict(assign([*utterances[60:], one], **THIRDS))[one["id"]] for one in utterances[:60]]
    splits = dict(assign(utterances, **THIRDS))
    assert [splits[one["id"]] for one in utterances[:60]] == own and len(set(own)) == 3
    named, said = ([splits[one["id"]] for one in utterances[start : start + 60]] for start in (60, 120))
    assert named != said


SAME = [
    ("ＡＢＣ。", "ABC"),
    ("カ\u3099", "ガ"),
    ("今日 は。", "今日は"),
    ("\u3000あ", "あ"),
    ("そうです！？…", "そうです"),
    ("「はい」、と・言った♪", "はいと言った"),
]
OTHER = [("おばさん", "おばあさん"), ("ビル", "ビール"), ("時々", "時"), ("か", "が"), ("三", "3")]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_a_sentence_is_the_same_in_another_writing(one, other):
    assert sentence_of(one) == sentence_of(other) == unicodedata.normalize("NFKC", other)


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_what_is_read_otherwise_is_another_sentence(one, other):
    assert sentence_of(one) != sentence_of(other)


@pytest.mark.parametrize("marks", ["…", "。 。", "♪", "！？"])
def test_a_text_of_punctuation_only_keeps_itself(marks):
    assert sentence_of(marks) == unicodedata.normalize("NFKC", marks).replace(" ", "")


def test_corpora_that_write_a_sentence_with_a_full_stop_and_without_share_the_split():
    texts = [f"これは{i}番目の文です" for i in range(60)]
    one = [utterance("", i, f"{text}。", "jsut") for i, text in enumerate(texts)]
    other = [utterance("", i, text, "jsss") for i, text in enumerate(texts)]
    splits = dict(assign([*one, *other], **THIRDS))
    assert [splits[u["id"]] for u in one] == [splits[u["id"]] for u in other]
    assert set(splits.values()) == set(SPLITS)
    apart = {u["id"]: "train" for u in one} | {u["id"]: "eval" for u in other}
    assert leaked([*one, *other], apart) == sorted(texts)


def test_memory_is_that_of_numbers_whatever_is_said():
    """Also of dialogues that sentences join, in a chain."""

    class Many:
        def __init__(self, count: int) -> None:
            self.count = count

        def __iter__(self):
            for i in range(self.count):
                yield utterance(f"LD{i // 2}", i, f"{i + i % 3 % 2}番目の、ほかの何よりも長い長い長い文。")

    def peak(count: int) -> int:
        tracemalloc.start()
        try:
            assert sum(1 for _ in assign(Many(count), dev=0.1, eval_=0.1)) == count
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(2000)  # what is imported or compiled once
    few, many = peak(2000), peak(8000)
    assert (many - few) / 6000 < 120  # bytes an utterance; a record takes some 700


def test_a_leak_is_found():
    utterances = [*own(["a", "b"]), utterance("c", 0, "aの0。")]
    splits = {u["id"]: "eval" if u["dialogue"] == "c" else "train" for u in utterances}
    assert leaked(utterances, splits) == ["aの0"]


@pytest.mark.parametrize(
    ("shares", "empty", "remedy"),
    [
        ({"dev": 0.0, "eval_": 0.5}, "dev", "Raise splits.dev"),
        ({"dev": 0.5, "eval_": 0.0}, "eval", "Raise splits.eval"),
        ({"dev": 0.5, "eval_": 0.5}, "train", "Lower splits.dev or splits.eval"),
    ],
)
def test_an_empty_split_is_told_with_the_remedy(shares, empty, remedy):
    with pytest.raises(ValueError) as caught:
        list(assign(own([f"LD{i:02d}" for i in range(50)]), **shares))
    told = str(caught.value)
    assert told.startswith(f"the split {empty} is empty: 50 dialogues form 50 groups")
    assert remedy in told and "add data" in told


def test_sentences_that_join_everything_are_named():
    names = [f"LD{i:02d}" for i in range(20)]
    utterances = [*own(names), *(utterance(name, 9, "はい。") for name in names)]
    told = r"20 dialogues form 1 groups, the largest of 20.*「はい」 \(20 dialogues\)"
    with pytest.raises(ValueError, match=told):
        list(assign(utterances, **THIRDS))


def lacking(warning):
    """The split, and the kind and the name of what it lacks."""
    words = warning.split()
    return words[1], *words[-2:]


def test_what_a_split_lacks_is_warned_of():
    utterances = [
        utterance("a", 0, "あ", "Teacher", "Sad"),
        utterance("b", 0, "い", "Teacher", "Normal"),
        utterance("c", 0, "う", "FStudent", "Normal"),
    ]
    splits = {u["id"]: split for u, split in zip(utterances, SPLITS, strict=True)}
    assert [lacking(warning) for warning in warnings(utterances, splits)] == [
        ("train", "speaker", "FStudent"),
        ("dev", "speaker", "FStudent"),
        ("eval", "speaker", "Teacher"),
        ("train", "emotion", "Normal"),
        ("dev", "emotion", "Sad"),
        ("eval", "emotion", "Sad"),
    ]
    assert [lacking(warning) for warning in warnings(utterances, dict.fromkeys(splits, "train"))] == [
        (split, kind, name)
        for kind, names in (("speaker", ("FStudent", "Teacher")), ("emotion", ("Normal", "Sad")))
        for split in ("dev", "eval")
        for name in names
    ]
