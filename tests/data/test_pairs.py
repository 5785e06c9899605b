"""Pairs: equal name and emotion, one split, a ratio within its limit; and all else in a closed account."""

import time
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koeru.data.alike import comparing
from koeru.data.pairs import Limits, Spoken, expand, paired, spoken
from koeru.jobs.readings import Known

SECONDS = st.sampled_from([1.0, 1.9, 2.0, 3.0])


TEXT = "はい、そうです。"


def utterance(speaker, name="S1", emotion="Normal", split="train", seconds=2.0, take="", text=TEXT):
    return Spoken(f"{speaker}_{name}_{emotion}{take}", name, speaker, emotion, split, seconds, text)


def letters(known):
    """How somebody reads who knows no kanji: what it is compared by where the texts are not equal."""
    return None if any("一" <= letter <= "龥" for letter in known.text) else known.text


@st.composite
def readings(draw):
    """Utterances of two speakers who share some sentences, now and then one that was recorded twice."""
    found = []
    for speaker in ("Anna", "Ben"):
        for name in draw(st.lists(st.integers(1, 8), unique=True)):
            for emotion in draw(st.sets(st.sampled_from(["Normal", "Happy"]), min_size=1)):
                for take in range(draw(st.sampled_from([1, 1, 1, 2]))):
                    split = draw(st.sampled_from(["train", "train", "dev"]))
                    found.append(utterance(speaker, f"S{name}", emotion, split, draw(SECONDS), take or ""))
    return found


def only(utterances, ratio=2.0, couple=("Anna", "Ben")):
    """What became of one couple."""
    (found,) = paired(utterances, [couple], Limits(ratio, 0.9), comparing(letters))
    return found


def reasons(found):
    """(id, reason) of both sides."""
    return {(e.id, e.reason) for e in (*found.source_excluded, *found.target_excluded)}


@given(readings(), st.sampled_from([1.0, 1.5, 2.0, 5.0]))
def test_the_account_of_both_sides_is_closed(utterances, ratio):
    found = only(utterances, ratio)
    account = found.account()
    for side, speaker in (("source", "Anna"), ("target", "Ben")):
        entered = sorted(u.id for u in utterances if u.speaker == speaker)
        excluded = getattr(found, f"{side}_excluded")
        assert sorted([*(getattr(p, side) for p in found.pairs), *(e.id for e in excluded)]) == entered
        assert account[f"{side}_in"] == len(entered)
        assert account["pairs"] + sum(account[f"{side}_excluded"].values()) == len(entered)
        assert all(e.detail and e.speaker == speaker for e in excluded)


@given(readings(), st.sampled_from([1.0, 1.5, 2.0, 5.0]))
def test_pairs_are_what_their_definition_says(utterances, ratio):
    found = {(p.source, p.target) for p in only(utterances, ratio).pairs}
    takes = Counter((u.speaker, u.name, u.emotion) for u in utterances)
    wanted = {
        (a.id, b.id)
        for a in utterances
        for b in utterances
        if (a.speaker, b.speaker) == ("Anna", "Ben")
        and (a.name, a.emotion, a.split) == (b.name, b.emotion, b.split)
        and takes[a.speaker, a.name, a.emotion] == takes[b.speaker, b.name, b.emotion] == 1
        and 1 / ratio - 1e-9 <= a.seconds / b.seconds <= ratio + 1e-9
    }
    assert found == wanted


@given(readings())
def test_the_other_way_round_is_the_same(utterances):
    there, back = only(utterances), only(utterances, couple=("Ben", "Anna"))
    assert {(p.source, p.target) for p in there.pairs} == {(p.target, p.source) for p in back.pairs}
    assert reasons(there) == reasons(back)


@given(readings(), st.randoms(use_true_random=False))
def test_the_order_of_shards_means_nothing(utterances, chance):
    shuffled = list(utterances)
    chance.shuffle(shuffled)
    one, other = only(utterances), only(shuffled)
    assert one.pairs == other.pairs and reasons(one) == reasons(other)


def test_a_pair_tells_ratio_and_seconds():
    (pair,) = only([utterance("Anna", seconds=1.5), utterance("Ben", seconds=2.0)]).pairs
    assert (pair.id, pair.source, pair.target) == ("Anna_Ben_S1", "Anna_S1_Normal", "Ben_S1_Normal")
    assert (pair.name, pair.split, pair.ratio) == ("S1", "train", 0.75)
    assert (pair.source_seconds, pair.target_seconds) == (1.5, 2.0)


def test_ids_tell_the_emotion_only_where_several_share_the_name():
    both = [utterance(s, n, e) for s in ("Anna", "Ben") for n, e in (("S1", "Happy"), ("S1", "Sad"), ("S2", "Sad"))]
    alone = utterance("Anna", "S2", "Happy")
    assert [p.id for p in only([*both, alone]).pairs] == ["Anna_Ben_S1_Happy", "Anna_Ben_S1_Sad", "Anna_Ben_S2"]


def test_every_reason():
    utterances = [
        utterance("Anna", "lonely"),
        utterance("Anna", "mood", "Happy"),
        utterance("Ben", "mood", "Sad"),
        utterance("Anna", "twice"),
        utterance("Anna", "twice", take="b"),
        utterance("Ben", "twice"),
        utterance("Anna", "apart", split="train"),
        utterance("Ben", "apart", split="eval"),
        utterance("Anna", "slow", seconds=4.1),
        utterance("Ben", "slow", seconds=2.0),
        utterance("Anna", "other", text="はい。"),
        utterance("Ben", "other", text="いいえ。"),
    ]
    found = only(utterances)
    assert not found.pairs
    assert reasons(found) == {
        ("Anna_lonely_Normal", "no partner"),
        ("Anna_mood_Happy", "no partner"),
        ("Ben_mood_Sad", "no partner"),
        ("Anna_twice_Normal", "duplicate name"),
        ("Anna_twice_Normalb", "duplicate name"),
        ("Ben_twice_Normal", "duplicate name"),
        ("Anna_apart_Normal", "different splits"),
        ("Ben_apart_Normal", "different splits"),
        ("Anna_slow_Normal", "duration ratio"),
        ("Ben_slow_Normal", "duration ratio"),
        ("Anna_other_Normal", "different sentences"),
        ("Ben_other_Normal", "different sentences"),
    }
    details = {e.id: e.detail for e in found.source_excluded}
    assert "Anna_twice_Normal, Anna_twice_Normalb, Ben_twice_Normal" in details["Anna_twice_Normal"]
    assert "2.05 is more than pairs.max_duration_ratio 2" in details["Anna_slow_Normal"]
    both = "Anna_other_Normal says 'はい。', Ben_other_Normal 'いいえ。': 0.57 alike is less than pairs.min_text_"
    assert both in details["Anna_other_Normal"]
    assert "Anna_apart_Normal is in train, Ben_apart_Normal in eval" in details["Anna_apart_Normal"]


@pytest.mark.parametrize(
    ("theirs", "similarity"), [("はいそうです", 1.0), ("はい、そうですよ。", 0.9412), ("", None), (TEXT, 1.0)]
)
def test_a_pair_tells_how_alike_the_texts_are(theirs, similarity):
    """Not compared, and so not refused, is what has no text: the page tells of it."""
    (pair,) = only([utterance("Anna"), utterance("Ben", text=theirs)]).pairs
    assert pair.similarity == similarity


def test_an_utterance_in_segments_counts_with_their_sum():
    record = {"name": "S1", "speaker": "Anna", "emotion": "Normal"}
    segments = [
        record | {"id": "a.00", "utterance": "a", "seconds": 1.5},
        record | {"id": "b", "utterance": "b", "seconds": 3.0, "name": "S2"},
        record | {"id": "a.01", "utterance": "a", "seconds": 0.25},
    ]
    found = spoken(segments, {"a": "train", "b": "dev"}, {"a": Known("はい。"), "b": Known("")})
    assert [u.text for u in found] == ["はい。", ""]
    assert [(u.id, u.name, u.split, u.seconds) for u in found] == [("a", "S1", "train", 1.75), ("b", "S2", "dev", 3.0)]


def test_what_many_utterances_share_is_held_once():
    """The texts and the names of the same sentences, which each record has anew."""
    records = [{"id": i, "utterance": i, "name": "".join("S1"), "seconds": 1.0} for i in ("a", "b")]
    records = [r | {"speaker": f"of_{r['id']}", "emotion": "".join("Normal")} for r in records]
    a, b = spoken(records, {"a": "dev", "b": "dev"}, {name: Known("".join(TEXT)) for name in "ab"})
    assert a.name is b.name and a.emotion is b.emotion and a.text is b.text


SPEAKERS = ["jsss", "jsut", "jvs001", "jvs002"]


@pytest.mark.parametrize(
    ("wanted", "couples"),
    [
        ([["jsut", "jsss"]], [("jsut", "jsss")]),
        ([["jvs*", "jsut"]], [("jvs001", "jsut"), ("jvs002", "jsut")]),
        ([["jvs*", "jvs*"]], [("jvs001", "jvs002"), ("jvs002", "jvs001")]),
        ([["jsut", "js*"], ["*", "jsss"]], [("jsut", "jsss"), ("jvs001", "jsss"), ("jvs002", "jsss")]),
    ],
)
def test_patterns_stand_for_speakers_and_nobody_is_paired_with_himself(wanted, couples):
    assert expand(wanted, SPEAKERS) == couples


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (["jsut", "jvs9*"], r"pairs.speakers: 'jvs9\*' matches no speaker; did you mean 'jvs00"),
        (["JSUT", "jsss"], "pairs.speakers: 'JSUT' matches no speaker"),
        (["jsut", "jsut"], "pairs jsut with nobody else"),
    ],
)
def test_patterns_that_make_no_couple_are_named(wanted, message):
    with pytest.raises(ValueError, match=message):
        expand([["jsut", "jsss"], wanted], SPEAKERS)


def test_two_pairs_never_have_one_id():
    utterances = [utterance(s, n) for s, n in (("a", "c_d"), ("b", "c_d"), ("a_b", "d"), ("c", "d"))]
    with pytest.raises(ValueError, match="two pairs would have the id a_b_c_d"):
        list(paired(utterances, [("a", "b"), ("a_b", "c")], Limits(2.0, 0.9), comparing(letters)))


def test_a_hundred_speakers_take_seconds():
    speakers = [f"jvs{i:03d}" for i in range(1, 101)]
    utterances = [utterance(speaker, f"S{i}") for speaker in speakers for i in range(130)]
    start = time.process_time()
    found = list(paired(utterances, expand([["*", "jvs001"]], speakers), Limits(2.0, 0.9), comparing(letters)))
    assert sum(len(couple.pairs) for couple in found) == 99 * 130
    assert time.process_time() - start < 5
