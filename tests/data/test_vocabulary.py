"""Ids of symbols, marks, speakers and emotions: a parent's are kept, whatever their order, and new ones follow."""

import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koeru.data.vocabulary import NO_TURN, UNTOLD, Names, Vocabulary, in_words
from koeru.languages import language

JAPANESE = language("japanese")
LISTS = st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=8).map(tuple)
NAMES = st.builds(Names, LISTS, LISTS, LISTS.map(lambda emotions: (NO_TURN, *emotions)))


@given(NAMES, NAMES)
def test_a_parents_ids_are_kept_and_new_ones_appended(parent, own):
    known = parent.followed_by(own)
    for kind in Names.KINDS:
        before, after = parent.ids[kind], known.ids[kind]
        assert {name: after[name] for name in before} == before
        assert set(after) == {*getattr(parent, kind), *getattr(own, kind)}
        new = [name for name in getattr(own, kind) if name not in before]
        assert [after[name] for name in new] == list(range(len(before), len(after)))


@given(NAMES, NAMES, NAMES)
def test_a_grandparents_ids_are_kept_and_a_second_time_adds_nothing(first, second, third):
    known = first.followed_by(second)
    assert known.followed_by(second) == known.followed_by(first) == known
    last = known.followed_by(third)
    assert all(last.ids[kind][name] == i for kind in Names.KINDS for name, i in first.ids[kind].items())


@given(NAMES, NAMES)
def test_shared_new_and_absent_names_are_all_names(parent, own):
    compared = parent.compared_with(own)
    for kind in Names.KINDS:
        shared, new, absent = (compared[f"{which}_{kind}"] for which in ("shared", "new", "absent"))
        assert sorted([*shared, *absent]) == sorted(getattr(parent, kind))
        assert sorted([*shared, *new]) == sorted(getattr(own, kind))
        assert getattr(parent.followed_by(own), kind) == (*getattr(parent, kind), *new)


@given(NAMES)
def test_json_keeps_the_ids(names):
    assert Names.of(json.loads(json.dumps(names.to_dict()))) == names
    assert json.loads(json.dumps(names.ids)) == {
        kind: {name: getattr(names, kind).index(name) for name in getattr(names, kind)} for kind in Names.KINDS
    }


def test_a_name_has_one_id():
    with pytest.raises(ValueError, match="emotions: Sad would have two ids; names are Sad, Normal, Sad"):
        Names(("Anna",), ("Sad", "Normal", "Sad"))


@given(NAMES, NAMES)
def test_no_turn_before_is_0_and_never_new(parent, own):
    assert parent.followed_by(own).ids["before_emotions"][NO_TURN] == 0
    assert NO_TURN in parent.compared_with(own)["shared_before_emotions"]
    assert Names(("Anna",), ("Sad",)).ids["before_emotions"] == {NO_TURN: 0}, "without dialogues"


def test_no_turn_before_is_the_first():
    for wrong in ((), ("Sad",), ("Sad", NO_TURN)):
        with pytest.raises(ValueError, match="before_emotions: the first must be ''"):
            Names(("Anna",), ("Sad",), wrong)


def test_ids_do_not_change():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Names(("Anna",), ("Normal",)).speakers = ("Ben",)


def test_what_is_new_is_said_in_a_line():
    parent, own = Names(("Anna", "Ben"), ("Normal",)), Names(("Carol", "Ben"), ("Normal", "Sad"))
    assert in_words(parent.compared_with(own)) == "new speakers: Carol; absent speakers: Anna; new emotions: Sad"
    assert in_words(parent.compared_with(parent)) == ""
    own = Names(parent.speakers, parent.emotions, (NO_TURN, "Sad"))
    assert in_words(parent.compared_with(own)) == "new emotions of the turn before: Sad"
    many = Names(tuple(f"jvs{i:03d}" for i in range(1, 101)), ("Normal",))
    told = in_words(many.compared_with(parent))
    assert "new speakers: Anna, Ben; absent speakers: jvs001, " in told and told.endswith("jvs010, and 90 more")


def vocabulary(symbols: str, marks: str, language: str = "birdsong") -> Vocabulary:
    names = {kind: getattr(OWN, kind) for kind in Names.KINDS}
    return Vocabulary(language=language, symbols=tuple(symbols), marks=tuple(marks), **names)


OWN = Names(("Anna",), ("Normal",))


def test_symbols_of_a_parent_keep_their_ids_and_new_ones_follow():
    known = vocabulary("pab", "p_").followed_by(vocabulary("pbca", "p_]", "song of whales"))
    assert (known.symbols, known.marks, known.language) == (tuple("pabc"), tuple("p_]"), "song of whales")
    told = in_words(vocabulary("pab", "p_").compared_with(vocabulary("pbc", "p_]")))
    assert told == "new symbols: c; absent symbols: a; new marks: ]"


def test_a_vocabulary_is_read_as_it_was_written_whatever_the_language_is_today():
    known = vocabulary("pzyx", "p!")
    assert Vocabulary.of(json.loads(json.dumps(known.to_dict()))) == known


def test_models_that_do_not_tell_knew_the_first_symbols_of_japanese():
    """They were not written down, and `Vocabulary.of` takes them by number: they are not to move."""
    found = Vocabulary.of(OWN.to_dict())
    assert (found.language, len(found.symbols), len(found.marks)) == UNTOLD
    assert "".join(found.marks) == "<pad>_^$?#[]"
    assert " ".join(found.symbols) == (
        "<pad> sil pau a i u e o N cl b by ch d dy f fy g gw gy h hy j k kw ky m my n ny p py r ry s sh t ts ty v w y z"
    )
    assert (found.symbols, found.marks) == (JAPANESE.symbols[: UNTOLD[1]], JAPANESE.marks[: UNTOLD[2]])


def test_a_mark_younger_than_a_model_is_what_it_was_to_that_models_koeru():
    """An inner question was a boundary, which gives way to a pause; a model of today has it by its id."""
    today = Vocabulary.spoken(JAPANESE, OWN)
    old = Vocabulary.of(OWN.to_dict())
    phones = ["sil", "e", "pau", "i", "k", "u", "h", "a", "i", "sil"]
    marks = ["^", "¿", "_", "[", "_", "¿", "_", "]", "_", "$"]
    assert old.marked(phones, marks) == ["^", "_", "_", "[", "_", "#", "_", "]", "_", "$"]
    assert today.marked(phones, marks) == marks
    assert old.marked(["a"], ["!"]) == ["!"], "what no koeru writes is left for others to refuse"


def test_a_child_of_an_older_model_learns_the_new_mark_behind_its_own():
    old, today = Vocabulary.of(OWN.to_dict()), Vocabulary.spoken(JAPANESE, OWN)
    assert old.followed_by(today).marks == today.marks and set(today.marks) - set(old.marks) == {"¿"}
    assert in_words(old.compared_with(today)) == "new marks: ¿"
