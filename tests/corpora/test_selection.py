"""What a dataset takes of a corpus, and what it says about what it leaves."""

import pytest

from koeru.config.corpora import Chosen
from koeru.corpora.selection import Selection
from koeru.corpora.utterance import File, Utterance
from koeru.graph.store import Excluded

WHO = [("jvs001", "Normal"), ("jvs001", "Whisper"), ("jvs002", "Normal"), ("JVS003", "Falsetto")]


def utterance(speaker, emotion):
    name = f"{speaker}_A_{emotion}"
    return Utterance(id=name, name="A", speaker=speaker, emotion=emotion, text="はい。", wav=File("a.wav"))


def taken(**filters):
    """(the ids that are taken, the selection afterwards)"""
    selection = Selection(**filters)
    return [u.id for u in (utterance(*who) for who in WHO) if selection.takes(u)], selection


EVERYTHING = ["jvs001_A_Normal", "jvs001_A_Whisper", "jvs002_A_Normal", "JVS003_A_Falsetto"]


@pytest.mark.parametrize(
    ("filters", "expected", "left"),
    [
        ({}, EVERYTHING, {}),
        ({"speakers": ("jvs001",)}, EVERYTHING[:2], {"speakers": 2}),
        ({"speakers": ("jvs*",)}, EVERYTHING[:3], {"speakers": 1}),
        ({"speakers": ("jvs00[23]", "JVS003")}, EVERYTHING[2:], {"speakers": 2}),
        ({"speakers": ("jvs00",)}, [], {"speakers": 4}),
        ({"emotions": ("Normal", "Falset?o")}, [EVERYTHING[0], *EVERYTHING[2:]], {"emotions": 1}),
        ({"speakers": ("jvs001",), "emotions": ("Normal",)}, EVERYTHING[:1], {"speakers": 2, "emotions": 1}),
        ({"drop": ("jvs002_A_Normal",)}, [*EVERYTHING[:2], EVERYTHING[3]], {"drop": 1}),
        ({"drop": ("*_Normal", "jvs002_*")}, [EVERYTHING[1], EVERYTHING[3]], {"drop": 2}),
        ({"drop": ("A",)}, EVERYTHING, {}),
    ],
)
def test_filters_are_names_or_patterns_of_whole_names(filters, expected, left):
    """What is left out is counted once, by the first filter that does so."""
    found, selection = taken(**filters)
    assert found == expected
    assert {kind: count for kind, count in selection.not_taken.items() if count} == left


def test_subsets_are_asked_for_by_name():
    selection = Selection(subsets=("basic*", "travel1000"))
    assert [selection.takes_subset(n) for n in ("basic5000", "travel1000", "repeat500")] == [True, True, False]
    assert Selection().takes_subset("anything") and Selection().takes_subset("")
    assert not selection.takes_subset("")


def test_what_an_adapter_excluded_counts_only_where_it_would_have_been_taken():
    """An exclusion that names nobody may be of anyone, and stays in the account."""
    selection = Selection(speakers=("jvs001",), drop=("jvs001_B", "*.wav"))
    found = [
        selection.takes(item)
        for item in (
            Excluded("jvs001_A", "no recording", "", speaker="jvs001", emotion="Normal"),
            Excluded("jvs002_A", "no recording", "", speaker="jvs002", emotion="Normal"),
            Excluded("jvs001_B", "no recording", "", speaker="jvs001", emotion="Normal"),
            Excluded("line-1-of-list.txt", "row not understood", ""),
            Excluded("wav/A.wav", "no transcript row", ""),
        )
    ]
    assert found == [True, False, False, True, False]


@pytest.mark.parametrize(
    ("filters", "problem"),
    [
        ({"speakers": ("jvs001", "jvs04")}, "speakers: 'jvs04' matches nothing; there is JVS003, jvs001, jvs002"),
        (
            {"speakers": ("jvs001",), "emotions": ("Sad*",)},
            "emotions: 'Sad*' matches nothing; there is Normal, Whisper",
        ),
        ({"subsets": ("basic5000",)}, "subsets: 'basic5000' matches nothing; there is none"),
    ],
)
def test_a_filter_that_takes_nothing_is_a_problem(filters, problem):
    assert list(taken(**filters)[1].problems()) == [problem]


def test_filters_that_take_something_are_no_problem():
    assert not list(taken(speakers=("jvs001", "jvs00*"), emotions=("*",))[1].problems())
    assert not list(taken(drop=("nobody",))[1].problems())


def test_remarks_say_what_was_left_out():
    _, selection = taken(subsets=("a",), speakers=("jvs*",), emotions=("Normal",), drop=("jvs002_*", "nobody"))
    for name in ("c", "a", "b"):
        selection.takes_subset(name)
    *filters, dropped, subsets = sorted(selection.remarks())
    assert [remark.split()[0] for remark in filters] == ["1"] * 3
    assert [remark.split()[-1] for remark in filters] == ["`drop`", "`emotions`", "`speakers`"]
    assert dropped.startswith("drop: ") and "'nobody'" in dropped and subsets.endswith(": b, c")


def test_an_id_to_drop_that_nothing_has_is_told_with_the_nearest():
    (told,) = (r for r in taken(drop=("jvs002_A_Norml",))[1].remarks() if r.startswith("drop"))
    assert told.endswith("has the id 'jvs002_A_Norml'; did you mean 'jvs002_A_Normal'?")


def test_who_is_dropped_and_filtered_out_anyway_has_been_found():
    """Else a list of ids to drop, shared by datasets of several speakers, would be told to name nobody."""
    assert not [r for r in taken(speakers=("jvs001",), drop=("jvs002_A_Normal",))[1].remarks() if r.startswith("drop")]


def test_without_filters_there_is_nothing_to_say():
    _, selection = taken()
    selection.takes_subset("a")
    assert not list(selection.remarks()) and not list(selection.problems())


def test_an_entry_of_the_configuration_is_a_selection():
    written = {"name": "JVS", "subsets": ["parallel100"], "speakers": ["jvs0*"], "drop": ["x"]}
    entry = Chosen(**written).model_dump(mode="json", exclude_defaults=True)
    assert Selection.of(entry) == Selection(("parallel100",), ("jvs0*",), (), ("x",))
    assert Selection.of({"name": "JVS"}) == Selection()
